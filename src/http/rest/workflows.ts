import type { Hono } from 'hono';
import type { HttpEnv } from '../app-deps.js';
import { jsonResponse } from '../responses.js';
import { addRoute } from '../route.js';
import { endpoint, type RestDeps } from './endpoint.js';
import { renderWorkflow } from './render.js';

export function addWorkflows(app: Hono<HttpEnv>, deps: RestDeps): void {
  const { services } = deps;
  addRoute(app, '/api/v1/workflows', {
    GET: endpoint(deps, async ({ caller }) =>
      jsonResponse({ workflows: (await services.listWorkflows(caller)).map(renderWorkflow) }),
    ),
  });
  addRoute(app, '/api/v1/workflows/:id', {
    GET: endpoint(deps, async ({ c, caller }) =>
      jsonResponse(renderWorkflow(await services.getWorkflow(caller, { workflowId: c.req.param('id') ?? '' }))),
    ),
  });
}
