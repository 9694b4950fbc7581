import type { Hono } from 'hono';
import type { HttpEnv } from '../pipeline/app-deps.js';
import { jsonResponse } from '../transport/responses.js';
import { addRoute } from '../pipeline/route.js';
import { endpoint, type RestDeps } from './endpoint.js';
import { queryInteger, queryOrganization } from './query.js';
import { renderCredits, renderMovement } from './render.js';

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
        offset: queryInteger(c, 'offset', { min: 0, otherwise: 0 }),
      });
      return jsonResponse({ movements: movements.map(renderMovement) });
    }),
  });
}
