import type { Hono } from 'hono';
import { ConcurrencyLimit } from '../../auth/concurrency-limit.js';
import { ErrandError } from '../../core/errors.js';
import type { JsonSchema } from '../../core/json.js';
import type { Principal } from '../../core/tenant/principal.js';
import { isTerminal, RUN_STATUSES, type Run } from '../../core/run/run.js';
import { PRIORITIES } from '../../core/tenant/scheduling.js';
import { compileCheck } from '../../mcp/tool-kit/check-value.js';
import type { RunWorkflowParams } from '../../service/interface/services.js';
import type { ApiRerunRequest, ApiRun, ApiRunRequest } from '../../api/api-types.js';
import { requestSignal, type HttpContext, type HttpEnv } from '../pipeline/app-deps.js';
import { jsonResponse } from '../transport/responses.js';
import { addRoute } from '../pipeline/route.js';
import { endpoint, type RestDeps } from './endpoint.js';
import { idempotencyKeyOf, madeResponse } from './idempotency-key.js';
import { queryBefore, queryInteger, queryOffset, readChoice } from './query.js';
import { parseRunId, renderRun, renderRunListItem } from './render/render.js';

/** Hosts cut requests off after 30 seconds; an answer must be out before. */
const MAX_WAIT_SECONDS = 25;
/** Calls of a key that may wait at the same time. */
const MAX_WAITS = 1_000;

/** As `toPriority` takes it. */
const PRIORITY_SCHEMA: JsonSchema = {
  anyOf: [{ enum: Object.keys(PRIORITIES) }, { type: 'integer', minimum: PRIORITIES.low, maximum: PRIORITIES.high }],
};

const checkRunRequest = compileCheck<ApiRunRequest>(
  {
    type: 'object',
    properties: {
      workflow_id: { type: 'string' },
      input: {},
      instruction: { type: 'string' },
      idempotency_key: { type: 'string', minLength: 1, maxLength: 200 },
      priority: PRIORITY_SCHEMA,
      wait_seconds: { type: 'number', minimum: 0, maximum: MAX_WAIT_SECONDS },
    },
    required: ['workflow_id'],
    additionalProperties: false,
  },
  "The body's fields",
);

const checkCancelRequest = compileCheck<{ reason?: string }>(
  { type: 'object', properties: { reason: { type: 'string', maxLength: 1000 } }, additionalProperties: false },
  "The body's fields",
);

const checkRerunRequest = compileCheck<ApiRerunRequest>(
  {
    type: 'object',
    properties: {
      input: {},
      instruction: { type: 'string' },
      from_node: { type: 'string' },
      same_version: { type: 'boolean' },
      idempotency_key: { type: 'string', minLength: 1, maxLength: 200 },
      priority: PRIORITY_SCHEMA,
    },
    additionalProperties: false,
  },
  "The body's fields",
);

const checkNothing = compileCheck<object>({ type: 'object', additionalProperties: false }, "The body's fields");

export function addRuns(app: Hono<HttpEnv>, deps: RestDeps): void {
  const { services } = deps;
  const waits = new ConcurrencyLimit({ max: MAX_WAITS, what: 'waiting calls' });
  const render = (caller: Principal, run: Run): ApiRun => renderRun(run, services.explainWaits(caller, run));
  addRoute(app, '/api/v1/runs', {
    GET: endpoint(deps, async ({ c, caller }) => {
      const status = readChoice(c, 'status', RUN_STATUSES);
      const workflowId = c.req.query('workflow_id');
      const limit = queryInteger(c, 'limit', { min: 1, max: 100, otherwise: 20 });
      const offset = queryOffset(c, 'For older runs, give before=RUN_ID: the last run of a page');
      const { runs, total } = await services.listRuns(caller, {
        ...(status === undefined ? {} : { status }),
        ...(workflowId === undefined ? {} : { workflowId }),
        ...queryBefore(c, parseRunId),
        limit,
        offset,
      });
      return jsonResponse({ runs: runs.map(renderRunListItem), total, limit, offset });
    }),
    POST: endpoint(deps, async ({ c, caller, body }) => {
      const request = await body(checkRunRequest);
      const seconds = request.wait_seconds ?? 0;
      // Before the run is started: who is refused has started nothing.
      return await whileIn(seconds === 0 ? null : waits.enter(caller), async () => {
        const { run, created } = await services.runWorkflow(caller, toParams(c, request));
        const answered = await waitFor(c, caller, deps, run, { seconds });
        return startedResponse(render(caller, answered), created);
      });
    }),
  });
  addRoute(app, '/api/v1/runs/:id', {
    GET: endpoint(deps, async ({ c, caller }) => {
      const seconds = queryInteger(c, 'wait_seconds', { min: 0, max: MAX_WAIT_SECONDS, otherwise: 0 });
      const sinceVersion = queryInteger(c, 'since_version', { min: 0, otherwise: -1 });
      const run = await services.getRun(caller, { runId: readRunId(c) });
      return await whileIn(seconds === 0 ? null : waits.enter(caller), async () => {
        const wait = { seconds, ...(sinceVersion < 0 ? {} : { sinceVersion }) };
        return jsonResponse(render(caller, await waitFor(c, caller, deps, run, wait)));
      });
    }),
  });
  addRoute(app, '/api/v1/runs/:id/cancel', {
    POST: endpoint(deps, async ({ c, caller, body }) => {
      const { reason } = await body(checkCancelRequest);
      const runId = readRunId(c);
      const run = await services.cancelRun(caller, reason === undefined ? { runId } : { runId, reason });
      return jsonResponse(render(caller, run));
    }),
  });
  addRoute(app, '/api/v1/runs/:id/rerun', {
    POST: endpoint(deps, async ({ c, caller, body }) => {
      const { input, from_node, same_version, idempotency_key, ...rest } = await body(checkRerunRequest);
      const { run, created } = await services.rerun(caller, {
        runId: readRunId(c),
        ...rest,
        ...(input === undefined || input === null ? {} : { input }),
        ...(from_node === undefined ? {} : { fromNode: from_node }),
        ...(same_version === undefined ? {} : { sameVersion: same_version }),
        ...idempotencyKeyOf(c, idempotency_key),
      });
      return startedResponse(render(caller, run), created);
    }),
  });
  addRoute(app, '/api/v1/runs/:id/retry', {
    POST: endpoint(deps, async ({ c, caller, body }) => {
      await body(checkNothing);
      return jsonResponse(
        render(caller, await services.retryRun(caller, { runId: readRunId(c), ...idempotencyKeyOf(c) })),
      );
    }),
  });
}

/** Throws `not_found` for what is no run id at all. */
export function readRunId(c: HttpContext): string {
  const text = c.req.param('id') ?? '';
  const runId = parseRunId(text);
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
