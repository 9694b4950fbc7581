import { ErrandError } from '../../../core/errors.js';
import type { FoundRuns } from '../../../core/ports/store/run-store.js';
import type { RunListItem } from '../../../core/run/run.js';
import type { Principal } from '../../../core/tenant/principal.js';
import type { SearchRunsParams } from '../../interface/services.js';
import type { ServiceDeps } from '../../use-case/deps.js';
import { requireScope } from '../../use-case/require-scope.js';
import { toQuery } from './to-query.js';

/** So often is the store asked for one page, where few of the runs that it looks at fit. */
const MAX_LOOKS = 10;
/** So many runs are looked at within one turn of the event loop, at most. */
export const LOOKS_AT = 5_000;

export async function searchRuns(deps: ServiceDeps, caller: Principal, params: SearchRunsParams): Promise<FoundRuns> {
  requireScope(caller, 'read');
  const { limit } = params;
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) {
    throw new ErrandError('invalid_input', `limit must be a whole number from 1 to 100, not ${limit}.`);
  }
  const query = { ...toQuery(deps, caller.organizationId, params), organizationId: caller.organizationId };
  const runs: RunListItem[] = [];
  let beforeId = params.beforeId ?? null;
  for (let looks = 0; looks < MAX_LOOKS; looks += 1) {
    const found = await deps.store.runs.search({ ...query, beforeId, limit: limit - runs.length, looksAt: LOOKS_AT });
    runs.push(...found.runs);
    beforeId = found.nextBeforeId;
    if (beforeId === null || runs.length === limit) break;
  }
  return { runs, nextBeforeId: beforeId };
}
