import type { BulkAction, BulkFilter } from '../../../core/bulk/bulk-job.js';
import type { Run, RunListItem } from '../../../core/run/run.js';
import type { ServiceDeps } from '../../use-case/deps.js';
import { LOOKS_AT } from '../search/search-runs.js';
import { toQuery } from '../search/to-query.js';

interface Deps {
  readonly store: Pick<ServiceDeps['store'], 'runs'>;
  readonly catalog: Pick<ServiceDeps['catalog'], 'list'>;
}

/** What is known of a run before anything is done to it. */
export type BulkRun = Omit<RunListItem, 'agentCount'>;

interface FoundBulkRuns {
  readonly runs: readonly BulkRun[];
  readonly nextBeforeId: string | null;
}

interface Asked {
  readonly organizationId: string;
  readonly filter: BulkFilter;
  readonly beforeId: string;
  readonly limit: number;
}

/** A page of the runs that fit, newest first; maybe none although there are more. */
export function findRuns(deps: Deps, asked: Asked): Promise<FoundBulkRuns> {
  const { organizationId, filter, beforeId, limit } = asked;
  if (filter.runIds !== undefined) return findNamed(deps, asked, filter.runIds);
  const query = toQuery(deps, organizationId, filter);
  return deps.store.runs.search({ ...query, organizationId, beforeId, limit, looksAt: LOOKS_AT });
}

/** Runs of others, and of none, are not there. */
async function findNamed({ store }: Deps, asked: Asked, runIds: readonly string[]): Promise<FoundBulkRuns> {
  const { organizationId, filter, beforeId, limit } = asked;
  const left = runIds.filter((id) => id < beforeId);
  const ids = left.slice(0, limit);
  const found = await Promise.all(ids.map((runId) => store.runs.get({ organizationId, runId })));
  return {
    runs: found.filter((run): run is Run => run !== null && filter.statuses.includes(run.status)),
    nextBeforeId: left.length > limit ? (ids.at(-1) ?? null) : null,
  };
}

/** Whether the run that has started it is dealt with in its stead. */
export function belongsToParent(action: BulkAction, { parent }: Pick<RunListItem, 'parent'>): boolean {
  return action !== 'cancel' && parent !== undefined;
}
