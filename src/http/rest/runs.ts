import type { ApiRun, ApiRunRequest } from '../../api/api-types.js';
import { cancelRun, getRun, listRuns, rerun, retryRun, startRun } from '../../api/endpoints/runs.js';
import { ConcurrencyLimit } from '../../auth/concurrency-limit.js';
import { ErrandError } from '../../core/errors.js';
import type { Principal } from '../../core/tenant/principal.js';
import { isTerminal, type Run } from '../../core/run/run.js';
import type { RunWorkflowParams } from '../../service/interface/services.js';
import { requestSignal, type HttpContext } from '../pipeline/app-deps.js';
import { jsonResponse } from '../transport/responses.js';
import type { RestDeps } from './endpoint.js';
import { idempotencyKeyOf, madeResponse } from './idempotency-key.js';
import { given, readBefore } from './query.js';
import { renderRun, renderRunListItem } from './render/render.js';
import type { RestRoutes } from './rest-routes.js';
import { parseRunId } from '../../core/render/run-id.js';

/** Calls of a key that may wait at the same time. */
const MAX_WAITS = 1_000;

export function addRuns(routes: RestRoutes): void {
  const { deps } = routes;
  const { services } = deps;
  const waits = new ConcurrencyLimit({ max: MAX_WAITS, what: 'waiting calls' });
  const render = async (caller: Principal, run: Run): Promise<ApiRun> =>
    renderRun(run, await services.explainWaits(caller, run));
  routes.add(listRuns, async ({ caller, query }) => {
    const { status, workflow_id: workflowId, limit, offset, before } = query;
    const { runs, total } = await services.listRuns(caller, {
      ...given({ status, workflowId }),
      ...readBefore(before, (text) => parseRunId(text, 'optional')),
      limit,
      offset,
    });
    return jsonResponse({ runs: runs.map(renderRunListItem), total, limit, offset });
  });
  routes.add(startRun, async ({ c, caller, body }) => {
    const request = await body();
    const seconds = request.wait_seconds ?? 0;
    // Before the run is started: who is refused has started nothing.
    return await whileIn(seconds === 0 ? null : waits.enter(caller), async () => {
      const { run, created } = await services.runWorkflow(caller, toParams(c, request));
      const answered = await waitFor(c, caller, deps, run, { seconds });
      return startedResponse(await render(caller, answered), created);
    });
  });
  routes.add(getRun, async ({ c, caller, query }) => {
    const { wait_seconds: seconds, since_version: sinceVersion } = query;
    const run = await services.getRun(caller, { runId: readRunId(c) });
    return await whileIn(seconds === 0 ? null : waits.enter(caller), async () => {
      const wait = { seconds, ...(sinceVersion < 0 ? {} : { sinceVersion }) };
      return jsonResponse(await render(caller, await waitFor(c, caller, deps, run, wait)));
    });
  });
  routes.add(cancelRun, async ({ c, caller, body }) => {
    const { reason } = await body();
    return jsonResponse(
      await render(caller, await services.cancelRun(caller, { runId: readRunId(c), ...given({ reason }) })),
    );
  });
  routes.add(rerun, async ({ c, caller, body }) => {
    const { input, from_node: fromNode, same_version: sameVersion, idempotency_key, ...rest } = await body();
    const { run, created } = await services.rerun(caller, {
      runId: readRunId(c),
      ...rest,
      ...(input === undefined || input === null ? {} : { input }),
      ...given({ fromNode, sameVersion }),
      ...idempotencyKeyOf(c, idempotency_key),
    });
    return startedResponse(await render(caller, run), created);
  });
  routes.add(retryRun, async ({ c, caller, body }) => {
    await body();
    const run = await services.retryRun(caller, { runId: readRunId(c), ...idempotencyKeyOf(c) });
    return jsonResponse(await render(caller, run));
  });
}

/** Throws `not_found` for what is no run id at all. */
export function readRunId(c: HttpContext): string {
  const text = c.req.param('id') ?? '';
  const runId = parseRunId(text, 'optional');
  if (runId === null) throw new ErrandError('not_found', 'There is no run with this id.');
  return runId;
}

/** The run of a call that may have been made before. */
function startedResponse(run: ApiRun, created: boolean): Response {
  const isOver = !created && (run.status === 'failed' || run.status === 'cancelled');
  return madeResponse(isOver ? withNextAction(run) : run, created);
}

function withNextAction(run: ApiRun): ApiRun {
  const ended = run.status === 'failed' ? 'has failed' : 'was cancelled';
  const next_action =
    `This is the run that was started with the same idempotency key before, and it ${ended}. ` +
    `POST /api/v1/runs/${run.run_id}/retry goes on with it; a new idempotency key starts the work again.`;
  return { ...run, next_action };
}

function toParams(c: HttpContext, request: ApiRunRequest): RunWorkflowParams {
  return {
    workflowId: request.workflow_id,
    input: request.input ?? {},
    ...(request.instruction === undefined ? {} : { instruction: request.instruction }),
    ...idempotencyKeyOf(c, request.idempotency_key),
    ...(request.priority === undefined ? {} : { priority: request.priority }),
  };
}

async function whileIn<T>(leave: (() => void) | null, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } finally {
    leave?.();
  }
}

interface Wait {
  readonly seconds: number;
  readonly sinceVersion?: number;
}

async function waitFor(c: HttpContext, caller: Principal, deps: RestDeps, run: Run, wait: Wait): Promise<Run> {
  const { seconds, sinceVersion } = wait;
  if (seconds === 0 || isTerminal(run.status)) return run;
  const signal = requestSignal(c);
  try {
    return await deps.services.waitForRun(caller, {
      runId: run.id,
      timeoutMs: seconds * 1000,
      signal,
      ...(sinceVersion === undefined ? {} : { sinceVersion }),
    });
  } catch (thrown) {
    if (signal.aborted) return await deps.services.getRun(caller, { runId: run.id });
    throw thrown;
  }
}
