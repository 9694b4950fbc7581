import type { EndedStatus } from '../../run/retention.js';

export interface ListEndedParams {
  readonly organizationId: string;
  readonly status: EndedStatus;
  readonly afterId: string | null;
  readonly limit: number;
}

export interface EndedRun {
  readonly id: string;
  readonly createdAt: number;
  readonly completedAt: number;
}

export interface DeleteRunsParams {
  readonly organizationId: string;
  readonly runIds: readonly string[];
  /** Leaves those that ended later; null: no bound. */
  readonly completedBefore: number | null;
}

/** How runs that are not to be kept any more are found and removed. */
export interface RetentionStore {
  /** Ended runs of one status, oldest first, with ids after `afterId`. */
  listEnded(params: ListEndedParams): Promise<EndedRun[]>;
  /**
   * Removes ended runs, and with them their idempotency keys; their credit movements stay. Leaves those that go on, and
   * those that were started by a run that goes on. Returns how many are gone. What is left of their logs goes with
   * `purge`.
   */
  deleteRuns(params: DeleteRunsParams): Promise<number>;
  /** Removes at most about `limit` rows that deleted runs have left behind; true when there may be more. */
  purge(params: { readonly limit: number }): Promise<boolean>;
}
