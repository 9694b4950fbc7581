import { randomUUID } from 'node:crypto';
import { Hono } from 'hono';
import type { NewId } from '../core/ports/clock.js';
import { ErrandError } from '../core/errors.js';
import { toPublicError } from '../mcp/tool-kit/to-public-error.js';
import type { AppDeps, HttpEnv } from './pipeline/app-deps.js';
import { DirectRoutes } from './pipeline/direct-routes.js';
import { addDiscovery } from './mcp/discovery.js';
import { addOpenApi } from './mcp/openapi.js';
import { addHealth } from './rest/health.js';
import { addMcpMount } from './mcp/mcp-mount.js';
import { createHostGuard, hostCheck, type HostGuard } from './pipeline/host-check.js';
import { requestLog } from './pipeline/request-log.js';
import { MOUNTS } from './mcp/mounts.js';
import { apiErrorResponse } from './transport/responses.js';
import { addCredits } from './rest/credits.js';
import { addKeys } from './rest/keys.js';
import { addModels } from './rest/models.js';
import { addOrganizations } from './rest/organizations.js';
import { addAnswers } from './rest/answers.js';
import { addNodeItems } from './rest/node-items.js';
import { addRunEvents } from './rest/run-events.js';
import { RestRoutes } from './rest/rest-routes.js';
import { addRuns } from './rest/runs.js';
import { addWorkflows } from './rest/workflows.js';

export interface App {
  /** The MCP mounts: most of what is asked, and asked most often. */
  readonly direct: DirectRoutes;
  /** Everything else. */
  readonly hono: Hono<HttpEnv>;
}

/** Everything that is served over HTTP: the MCP mounts, the REST API, discovery and health. */
export function createApp(given: AppDeps): App {
  const deps = { ...given, newId: given.newId ?? randomUUID };
  const { host, publicUrl, allowedHosts = [], allowedOrigins = [] } = deps;
  const guard = createHostGuard({ host, publicUrl, allowedHosts, allowedOrigins });
  const direct = new DirectRoutes({ ...deps, guard });
  for (const mount of MOUNTS) addMcpMount(direct, mount, deps);
  return { direct, hono: createHonoApp(deps, guard) };
}

function createHonoApp(deps: AppDeps & { readonly newId: NewId }, guard: HostGuard): Hono<HttpEnv> {
  const app = new Hono<HttpEnv>();
  app.use(requestLog(deps));
  app.use(hostCheck(guard));

  addDiscovery(app, deps);
  addOpenApi(app, deps);
  addHealth(app, deps);
  const routes = new RestRoutes(deps);
  addWorkflows(routes);
  addRuns(routes);
  addRunEvents(routes);
  addAnswers(routes);
  addNodeItems(routes);
  addCredits(routes);
  addOrganizations(routes);
  addKeys(routes);
  addModels(routes);
  routes.mount(app);

  app.notFound((c) => apiErrorResponse(new ErrandError('not_found', `Nothing is served at ${c.req.path}.`)));
  app.onError((thrown) => apiErrorResponse(toPublicError(thrown, deps)));
  return app;
}
