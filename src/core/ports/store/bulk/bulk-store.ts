import type { BulkJob, BulkProgress } from '../../../bulk/bulk-job.js';

export interface BulkJobId {
  readonly organizationId: string;
  readonly id: string;
}

export interface ClaimBulkJobParams {
  /** Who works at it from now on. */
  readonly owner: string;
  readonly now: number;
  /** Until then nobody else gets it. */
  readonly until: number;
}

export interface SaveBulkJobParams extends BulkJobId {
  readonly owner: string;
  readonly progress: BulkProgress;
  readonly now: number;
  /** When others may claim it. */
  readonly until: number;
  /** Whether it is through. */
  readonly isOver: boolean;
}

export interface BulkStore {
  /** Throws `not_found` for an organization that is not there. */
  insert(job: BulkJob): Promise<void>;
  get(params: BulkJobId): Promise<BulkJob | null>;
  /** Newest first. */
  list(params: { readonly organizationId: string; readonly limit: number }): Promise<BulkJob[]>;
  countRunning(params: { readonly organizationId: string }): Promise<number>;
  /** Of those of all organizations that run, the one that has been free for longest; null: none is. */
  claim(params: ClaimBulkJobParams): Promise<BulkJob | null>;
  /** False, and nothing is written, when somebody else has claimed or stopped it. */
  save(params: SaveBulkJobParams): Promise<boolean>;
  /** False when it does not run. */
  stop(params: BulkJobId & { readonly at: number }): Promise<boolean>;
  /** Removes the oldest that have ended, but for so many. */
  prune(params: { readonly organizationId: string; readonly keep: number }): Promise<void>;
}
