import type { Hono } from 'hono';
import type { NodeItem } from '../../service/interface/services.js';
import type { ApiNodeItem } from '../../api/api-types.js';
import type { HttpEnv } from '../pipeline/app-deps.js';
import { jsonResponse } from '../transport/responses.js';
import { addRoute } from '../pipeline/route.js';
import { endpoint, type RestDeps } from './endpoint.js';
import { queryInteger, readChoice } from './query.js';
import { renderTime } from './render/render.js';
import { readRunId } from './runs.js';

export function addNodeItems(app: Hono<HttpEnv>, { services, ...deps }: RestDeps): void {
  addRoute(app, '/api/v1/runs/:id/nodes/:node/items', {
    GET: endpoint({ services, ...deps }, async ({ c, caller }) => {
      const status = readChoice(c, 'status', ['completed', 'failed'] as const);
      const { items, nextAfterSeq } = await services.listNodeItems(caller, {
        runId: readRunId(c),
        nodeId: c.req.param('node') ?? '',
        ...(status === undefined ? {} : { status }),
        afterSeq: queryInteger(c, 'after', { min: 0, otherwise: 0 }),
        limit: queryInteger(c, 'limit', { min: 1, max: 1000, otherwise: 100 }),
      });
      return jsonResponse({ items: items.map(renderItem), next_after: nextAfterSeq });
    }),
  });
}

function renderItem({ index, attempt, outcome, seq, at }: NodeItem): ApiNodeItem {
  const place = { index, attempt, status: outcome.status, seq, at: renderTime(at) };
  return outcome.status === 'completed'
    ? { ...place, error: null, output: outcome.output }
    : { ...place, error: outcome.error };
}
