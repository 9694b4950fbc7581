import type { Hono } from 'hono';
import { isUuid } from '../../core/text/uuid.js';
import type { HttpEnv } from '../pipeline/app-deps.js';
import { jsonResponse } from '../transport/responses.js';
import { addRoute } from '../pipeline/route.js';
import { endpoint, type RestDeps } from './endpoint.js';
import { queryBefore, queryInteger, queryOffset, queryOrganization } from './query.js';
import { renderCredits, renderMovement } from './render/render.js';

export function addCredits(app: Hono<HttpEnv>, deps: RestDeps): void {
  const { services } = deps;
  addRoute(app, '/api/v1/credits', {
    GET: endpoint(deps, async ({ c, caller }) =>
      jsonResponse(renderCredits(await services.getCredits(caller, queryOrganization(c)))),
    ),
  });
  addRoute(app, '/api/v1/credits/movements', {
    GET: endpoint(deps, async ({ c, caller }) => {
      const movements = await services.listCreditMovements(caller, {
        ...queryOrganization(c),
        limit: queryInteger(c, 'limit', { min: 1, max: 1000, otherwise: 100 }),
        ...queryBefore(c, (text) => (isUuid(text) ? text : null)),
        offset: queryOffset(c, 'For older movements, give before=ID: the last movement of a page'),
      });
      return jsonResponse({ movements: movements.map(renderMovement) });
    }),
  });
}
