import { cutText } from '../../core/text/cut-text.js';
import { ErrandError } from '../../core/errors.js';
import { isUuid } from '../../core/text/uuid.js';
import type { Json } from '../../core/json.js';
import { checkOffset, PAYLOAD_LIMITS } from '../../core/text/payload-limits.js';
import type { Principal } from '../../core/tenant/principal.js';
import { isTerminal, type Run, type RunListItem } from '../../core/run/run.js';
import type { ServiceDeps } from '../use-case/deps.js';
import { runFact } from '../audit/run-fact.js';
import { requireScope } from '../use-case/require-scope.js';
import type { ListRunsParams, RunEvents } from '../interface/services.js';

/** One answer for runs that do not exist and runs of other organizations. */
export async function getRun(deps: Pick<ServiceDeps, 'store'>, caller: Principal, runId: string): Promise<Run> {
  requireScope(caller, 'read');
  const { organizationId } = caller;
  return isUuid(runId) ? ((await deps.store.runs.get({ organizationId, runId })) ?? unknownRun()) : unknownRun();
}

/** The same without its nodes and its output. */
export async function getRunItem(
  deps: Pick<ServiceDeps, 'store'>,
  caller: Principal,
  runId: string,
): Promise<RunListItem> {
  requireScope(caller, 'read');
  const { organizationId } = caller;
  return isUuid(runId) ? ((await deps.store.runs.getItem({ organizationId, runId })) ?? unknownRun()) : unknownRun();
}

function unknownRun(): never {
  throw new ErrandError('not_found', 'There is no run with this id.');
}

export async function listRuns(
  deps: ServiceDeps,
  caller: Principal,
  params: ListRunsParams,
): Promise<{ readonly runs: readonly RunListItem[]; readonly total: number }> {
  requireScope(caller, 'read');
  const { limit, offset } = params;
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) {
    throw new ErrandError('invalid_input', `limit must be a whole number from 1 to 100, not ${limit}.`);
  }
  checkOffset(offset);
  return deps.store.runs.list({ ...params, organizationId: caller.organizationId });
}

/** To cancel a run again changes nothing and gives the run as the first call left it. */
export async function cancelRun(
  deps: ServiceDeps,
  caller: Principal,
  { runId, reason }: { readonly runId: string; readonly reason?: string },
): Promise<Run> {
  requireScope(caller, 'run');
  const run = await getRun(deps, caller, runId);
  if (run.status === 'cancelled') return run;
  if (isTerminal(run.status)) {
    throw new ErrandError('conflict', `The run cannot be cancelled: it has ended and is ${run.status}.`);
  }
  try {
    const given = reason === undefined ? 'cancelled by the caller' : cutText(reason, PAYLOAD_LIMITS.reason);
    const audit = runFact(deps, caller, { runId, action: 'run.cancel', before: run.status, after: 'cancelled' });
    return await deps.engine.cancel({ run, reason: given, audit });
  } catch (thrown) {
    // Somebody else may have cancelled it meanwhile.
    const now = await getRun(deps, caller, runId).catch(() => null);
    if (now?.status === 'cancelled') return now;
    throw thrown;
  }
}

export async function getRunInput(
  deps: ServiceDeps,
  caller: Principal,
  runId: string,
): Promise<{ readonly input: Json; readonly instruction: string | null }> {
  await getRunItem(deps, caller, runId);
  const found = await deps.store.log.getInput({ runId });
  if (found === null) throw new ErrandError('not_found', 'The input of this run is not kept any more.');
  return found;
}

export async function listRunEvents(
  deps: ServiceDeps,
  caller: Principal,
  { runId, afterSeq, limit }: { readonly runId: string; readonly afterSeq: number; readonly limit: number },
): Promise<RunEvents> {
  const { version } = await getRunItem(deps, caller, runId);
  const events = await deps.store.log.list({ runId, afterSeq, limit });
  const last = events.at(-1);
  return { events, nextAfterSeq: last !== undefined && last.seq < version ? last.seq : null };
}
