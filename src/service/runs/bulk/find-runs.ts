import type { BulkAction, BulkFilter } from '../../../core/bulk/bulk-job.js';
import { yieldIfBusy } from '../../../core/event-loop.js';
import { listItemOf } from '../../../core/run/output-json.js';
import type { RunFields, RunListItem } from '../../../core/run/run.js';
import type { ServiceDeps } from '../../use-case/deps.js';
import { LOOKS_AT } from '../search/search-runs.js';
import { toQuery } from '../search/to-query.js';

interface Deps {
  readonly store: Pick<ServiceDeps['store'], 'runs'>;
  readonly catalog: Pick<ServiceDeps['catalog'], 'list'>;
}

/** With what is known of each before anything is done to it. */
interface FoundBulkRuns {
  readonly runs: readonly RunFields[];
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
  const runs: RunFields[] = [];
  for (const runId of ids) {
    // One after the other, as a run may be large.
    const run = await store.runs.get({ organizationId, runId });
    if (run !== null && filter.statuses.includes(run.status)) runs.push(listItemOf(run));
    await yieldIfBusy();
  }
  return {
    runs,
    nextBeforeId: left.length > limit ? (ids.at(-1) ?? null) : null,
  };
}

/** Whether the run that has started it is dealt with in its stead. */
export function belongsToParent(action: BulkAction, { parent }: Pick<RunListItem, 'parent'>): boolean {
  return action !== 'cancel' && parent !== undefined;
}
