import type { DayAmount } from '../../estimates/run-days.js';

export interface ListDaysParams {
  readonly organizationId: string;
  /** The workflow's key; `ALL_WORKFLOWS` for all of them. */
  readonly workflowId: string;
  /** The first of them. */
  readonly fromDay: number;
}

/**
 * What the runs of each day came to, added up in the commits that end them: reading it costs the same however many runs
 * there are. It stays when the runs are removed.
 */
export interface DayStore {
  /** By the day, and within it by the measure. Amounts of zero are left out. */
  list(params: ListDaysParams): Promise<readonly DayAmount[]>;
  /** Removes at most about `limit` amounts of days before `beforeDay`; true when there may be more. */
  purge(params: { readonly beforeDay: number; readonly limit: number }): Promise<boolean>;
}
