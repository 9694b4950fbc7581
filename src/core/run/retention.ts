import type { RunStatus } from './run.js';

/** Which ended runs of an organization are kept, each status for itself. Null: no bound. */
export interface RetentionRule {
  /** Those that ended within this time, in milliseconds. */
  readonly keepForMs: number | null;
  /** The newest so many. */
  readonly keep: number | null;
}

export const ENDED_STATUSES = ['completed', 'partial_complete', 'failed', 'cancelled'] as const satisfies RunStatus[];
export type EndedStatus = (typeof ENDED_STATUSES)[number];

/** Rules by status; `all` holds for those that have none of their own, field by field. */
export type Retention = { readonly [Name in EndedStatus | 'all']?: Partial<RetentionRule> };

/** A hundred years: longer than anybody keeps runs, and short enough to reckon with. */
export const MAX_KEEP_FOR_MS = 36_500 * 86_400_000;
export const MAX_KEPT_RUNS = 1_000_000_000;

export const KEEP_ALL: RetentionRule = { keepForMs: null, keep: null };

/** The rule for a status: what is said of it, else what is said of all, else what the server's settings say. */
export function resolveRetention(params: {
  readonly server: RetentionRule;
  readonly organization: Retention | undefined;
  readonly status: EndedStatus;
}): RetentionRule {
  const { server, organization, status } = params;
  return { ...server, ...organization?.all, ...organization?.[status] };
}
