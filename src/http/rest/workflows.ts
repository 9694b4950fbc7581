import type { Hono } from 'hono';
import type { HttpEnv } from '../pipeline/app-deps.js';
import { jsonResponse } from '../transport/responses.js';
import { addRoute } from '../pipeline/route.js';
import { endpoint, type RestDeps } from './endpoint.js';
import { renderWorkflow } from './render/render.js';

export function addWorkflows(app: Hono<HttpEnv>, deps: RestDeps): void {
  const { services } = deps;
  addRoute(app, '/api/v1/workflows', {
    GET: endpoint(deps, async ({ caller }) => {
      const [workflows, notReady] = [await services.listWorkflows(caller), await services.listNotReady(caller)];
      return jsonResponse({
        workflows: workflows.map((each) => renderWorkflow(each, notReady.get(each.version.workflowId) ?? null)),
      });
    }),
  });
  addRoute(app, '/api/v1/workflows/:id', {
    GET: endpoint(deps, async ({ c, caller }) => {
      const workflowId = c.req.param('id') ?? '';
      const workflow = await services.getWorkflow(caller, { workflowId });
      return jsonResponse(renderWorkflow(workflow, (await services.listNotReady(caller)).get(workflowId) ?? null));
    }),
  });
}
