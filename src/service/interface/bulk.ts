import type { BulkAction, BulkFilter, BulkJob, BulkOrder } from '../../core/bulk/bulk-job.js';
import type { RunStatus } from '../../core/run/run.js';
import type { Principal } from '../../core/tenant/principal.js';
import type { RunFilter } from './run-filter.js';

/** Either what runs have in common, or their ids. */
export type BulkRunFilter = RunFilter & Pick<BulkFilter, 'runIds'>;

export interface BulkParams {
  readonly action: BulkAction;
  /** Without statuses: all runs that the action is possible for. */
  readonly filter: BulkRunFilter;
  readonly reason?: string;
  readonly sameVersion?: boolean;
}

export interface StartBulkJobParams extends BulkParams {
  /** 1 to 200 characters: the same key is the same job. */
  readonly idempotencyKey?: string;
}

/** What a bulk job would come to if it began now. */
export interface BulkPreview {
  readonly order: BulkOrder;
  /** Runs that the action would be done to. */
  readonly runs: number;
  /** Whether there are more than are counted here. */
  readonly hasMore: boolean;
  readonly byStatus: { readonly [status in RunStatus]?: number };
  /** By id; the most first. */
  readonly byWorkflow: readonly { readonly workflowId: string; readonly runs: number }[];
  /** Runs that the filter finds and that are left out, as another run has started them. */
  readonly skipped: number;
  /** What has to be available for all of them: they are reserved one by one. */
  readonly creditsReserved: number;
  /** What is reserved for them now and would be released. */
  readonly creditsReleased: number;
  readonly creditsAvailable: number;
}

export interface BulkJobParams {
  readonly jobId: string;
}

export interface BulkServices {
  /** Needs the scope `run`, as all of these that change something do. */
  previewBulkJob(caller: Principal, params: BulkParams): Promise<BulkPreview>;
  /** Resolves once the job is durable. */
  startBulkJob(
    caller: Principal,
    params: StartBulkJobParams,
  ): Promise<{ readonly job: BulkJob; readonly created: boolean }>;
  /** Newest first; those that have ended are kept for a while. */
  listBulkJobs(caller: Principal): Promise<readonly BulkJob[]>;
  getBulkJob(caller: Principal, params: BulkJobParams): Promise<BulkJob>;
  /** What it has done stays done. Throws `conflict` when it has ended. */
  stopBulkJob(caller: Principal, params: BulkJobParams): Promise<BulkJob>;
  /** Called when one was started. Returns what ends it. */
  onBulkJobStarted(listener: () => void): () => void;
}
