import type { Hono } from 'hono';
import type { Json } from '../../core/json.js';
import { compileCheck } from '../../mcp/tool-kit/check-value.js';
import type { HttpEnv } from '../pipeline/app-deps.js';
import { jsonResponse } from '../transport/responses.js';
import { addRoute } from '../pipeline/route.js';
import { endpoint, type RestDeps } from './endpoint.js';
import { renderRun } from './render/render.js';
import { readRunId } from './runs.js';

const checkAnswerRequest = compileCheck<{ answer: Json }>(
  { type: 'object', properties: { answer: {} }, required: ['answer'], additionalProperties: false },
  "The body's fields",
);

export function addAnswers(app: Hono<HttpEnv>, deps: RestDeps): void {
  const { services } = deps;
  addRoute(app, '/api/v1/runs/:id/nodes/:node/answer', {
    POST: endpoint(deps, async ({ c, caller, body }) => {
      const { answer } = await body(checkAnswerRequest);
      const nodeId = c.req.param('node') ?? '';
      const run = await services.answerRun(caller, { runId: readRunId(c), nodeId, answer });
      return jsonResponse(renderRun(run, services.explainWaits(caller, run)));
    }),
  });
}
