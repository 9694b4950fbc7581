import type { Run, RunListItem, RunStatus } from '../../run/run.js';

export interface NewRun {
  readonly run: Run;
  readonly idempotency: { readonly key: string; readonly inputHash: string } | null;
  /** Of a run that another one started (`run.parent`): what that one knows it by. Unique among the runs of one parent. */
  readonly childKey?: string;
}

export interface RunKey {
  readonly organizationId: string;
  readonly runId: string;
}

export interface FindByIdempotencyKeyParams {
  readonly organizationId: string;
  readonly key: string;
}

export interface FindChildParams {
  readonly organizationId: string;
  readonly parentRunId: string;
  readonly key: string;
}

export interface ListRunsQuery {
  readonly organizationId: string;
  readonly status?: RunStatus;
  readonly workflowId?: string;
  readonly limit: number;
  readonly offset: number;
  /** Only runs with a lower id, which is to say older ones; `total` counts the others too. */
  readonly beforeId?: string;
}

export interface ListUnfinishedParams {
  readonly afterId: string | null;
  readonly limit: number;
}

export interface RunVersion {
  readonly runId: string;
  readonly workflowId: string;
  readonly version: number;
}

export interface ListRunVersionsParams {
  /** The newest of them; null: the newest there is. */
  readonly upTo: string | null;
  readonly limit: number;
}

export interface RunStore {
  insert(params: NewRun): Promise<void>;
  /** Replaces the run's record if the kept one has a lower `version`; false, and nothing written, otherwise. */
  save(run: Run): Promise<boolean>;
  get(params: RunKey): Promise<Run | null>;
  findByIdempotencyKey(
    params: FindByIdempotencyKeyParams,
  ): Promise<{ readonly run: Run; readonly inputHash: string } | null>;
  /** The run that a run of the organization started under this key. */
  findChild(params: FindChildParams): Promise<Run | null>;
  /** Newest first. `total` counts what fits the filters. */
  list(query: ListRunsQuery): Promise<{ runs: RunListItem[]; total: number }>;
  /** Runs that are not terminal, of every organization, oldest first, with ids after `afterId`. */
  listUnfinished(params: ListUnfinishedParams): Promise<Run[]>;
  /** Which versions runs of every organization are on, newest first, from the run `upTo` on (or the next older one). */
  listVersions(params: ListRunVersionsParams): Promise<RunVersion[]>;
}
