import type { ApiRun, ApiRunRequest } from '../../../api/api-types.js';
import {
  cancelRun,
  getRun,
  listRuns,
  type NodesShown,
  rerun,
  retryRun,
  startRun,
  startRuns,
} from '../../../api/endpoints/runs.js';
import { ConcurrencyLimit } from '../../../auth/limits/concurrency-limit.js';
import type { Principal } from '../../../core/tenant/principal.js';
import { isTerminal, type Run } from '../../../core/run/run.js';
import type { RunWorkflowParams } from '../../../service/interface/services.js';
import type { Exchange } from '../../transport/exchange.js';
import { jsonReply, type Reply } from '../../transport/replies.js';
import { idempotencyKeyOf, madeRunReply } from '../idempotency-key.js';
import { type RenderedRun, runReply } from '../run-reply.js';
import { readRunId } from '../run-id-parameter.js';
import { given } from '../query.js';
import { addBulkJobs } from './run-search/bulk-jobs.js';
import { startBatch, toRunParams } from './run-search/start-batch.js';
import { listPage } from './run-search/list-page.js';
import { renderRun } from '../render/render.js';
import type { RestDeps, RestRoutes } from '../rest-routes.js';

/** Calls of a key that may wait at the same time. */
const MAX_WAITS = 1_000;

export function addRuns(routes: RestRoutes): void {
  const { deps } = routes;
  const { services } = deps;
  const waits = new ConcurrencyLimit({ max: MAX_WAITS, what: 'waiting calls' });
  const render = async (caller: Principal, run: Run, nodes: NodesShown = 'all'): Promise<RenderedRun> => ({
    run,
    shown: renderRun(run, await services.explainWaits(caller, run), nodes),
  });
  routes.add(listRuns, async ({ caller, query }) => {
    return jsonReply(await listPage(services, caller, query));
  });
  routes.add(startRun, async ({ exchange, caller, body, signal }) => {
    const request = await body();
    const seconds = request.wait_seconds ?? 0;
    // Before the run is started: who is refused has started nothing.
    return await whileIn(seconds === 0 ? null : waits.enter(caller), async () => {
      const { run, created } = await services.runWorkflow(caller, toParams(exchange, request));
      const answered = await waitFor(caller, deps, run, { seconds, signal });
      return startedReply(await render(caller, answered), created);
    });
  });
  routes.add(startRuns, async ({ caller, body }) => jsonReply(await startBatch(services, caller, await body())));
  addBulkJobs(routes);
  routes.add(getRun, async ({ caller, query, param, signal }) => {
    const { wait_seconds: seconds, since_version: sinceVersion, nodes } = query;
    const run = await services.getRun(caller, { runId: readRunId(param) });
    return await whileIn(seconds === 0 ? null : waits.enter(caller), async () => {
      const wait = { seconds, signal, ...(sinceVersion < 0 ? {} : { sinceVersion }) };
      return runReply(await render(caller, await waitFor(caller, deps, run, wait), nodes));
    });
  });
  routes.add(cancelRun, async ({ caller, body, param }) => {
    const { reason } = await body();
    return runReply(
      await render(caller, await services.cancelRun(caller, { runId: readRunId(param), ...given({ reason }) })),
    );
  });
  routes.add(rerun, async ({ exchange, caller, body, param }) => {
    const { input, from_node: fromNode, same_version: sameVersion, idempotency_key, ...rest } = await body();
    const { run, created } = await services.rerun(caller, {
      runId: readRunId(param),
      ...rest,
      ...(input === undefined || input === null ? {} : { input }),
      ...given({ fromNode, sameVersion }),
      ...idempotencyKeyOf(exchange, idempotency_key),
    });
    return startedReply(await render(caller, run), created);
  });
  routes.add(retryRun, async ({ exchange, caller, body, param }) => {
    await body();
    const run = await services.retryRun(caller, { runId: readRunId(param), ...idempotencyKeyOf(exchange) });
    return runReply(await render(caller, run));
  });
}

/** The run of a call that may have been made before. */
function startedReply({ run, shown }: RenderedRun, created: boolean): Reply {
  const isOver = !created && (run.status === 'failed' || run.status === 'cancelled');
  return madeRunReply({ run, shown: isOver ? withNextAction(shown) : shown }, created);
}

function withNextAction(run: ApiRun): ApiRun {
  const ended = run.status === 'failed' ? 'has failed' : 'was cancelled';
  const next_action =
    `This run was started earlier with the same idempotency key, and it ${ended}. ` +
    `POST /api/v1/runs/${run.run_id}/retry goes on with it; a new idempotency key starts the work again.`;
  return { ...run, next_action };
}

function toParams(exchange: Exchange, request: ApiRunRequest): RunWorkflowParams {
  return { ...toRunParams(request), ...idempotencyKeyOf(exchange, request.idempotency_key) };
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
  readonly signal: () => AbortSignal;
}

async function waitFor(caller: Principal, deps: RestDeps, run: Run, wait: Wait): Promise<Run> {
  const { seconds, sinceVersion } = wait;
  if (seconds === 0 || isTerminal(run.status)) return run;
  const signal = wait.signal();
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
