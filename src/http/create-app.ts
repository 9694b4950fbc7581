import { randomUUID } from 'node:crypto';
import { authenticatePage } from './console/authenticate-page.js';
import { addConsole } from './console/add-console.js';
import { CONSOLE_API } from './console/paths.js';
import { addDiscovery } from './mcp/discovery.js';
import { addHooksDoor } from './hooks/hooks-door.js';
import { addMcpMount } from './mcp/mcp-mount.js';
import { MOUNTS } from './mcp/mounts.js';
import { addOpenApi } from './mcp/openapi.js';
import { addOAuth } from './oauth/add-oauth.js';
import type { AppDeps } from './pipeline/app-deps.js';
import { createHostGuard } from './pipeline/host-guard.js';
import { Pipeline } from './pipeline/pipeline.js';
import { Routes } from './pipeline/routes.js';
import { addAnswers } from './rest/answers.js';
import { addApiReference } from './rest/api-reference.js';
import { addAudit } from './rest/handlers/audit.js';
import { addCredits } from './rest/handlers/credits.js';
import { addLimits } from './rest/handlers/limits.js';
import { addGrants } from './rest/handlers/grants.js';
import { addHealth } from './rest/handlers/server/health.js';
import { addMetrics } from './rest/handlers/server/metrics.js';
import { addLogLevel } from './rest/handlers/server/log-level.js';
import { addSystem } from './rest/handlers/server/system.js';
import { addKeys } from './rest/handlers/keys.js';
import { addDrafts } from './rest/handlers/authoring/drafts.js';
import { addPublications } from './rest/handlers/authoring/publications.js';
import { addSecrets } from './rest/handlers/secrets/secrets.js';
import { addEvents } from './rest/handlers/events/events.js';
import { addHooks } from './rest/handlers/hooks/hooks.js';
import { addWebhooks } from './rest/handlers/webhooks/webhooks.js';
import { addSchedules } from './rest/handlers/schedules.js';
import { addModels } from './rest/handlers/models.js';
import { addNodeItems } from './rest/handlers/nodes/node-items.js';
import { addRunPlan } from './rest/handlers/nodes/run-plan.js';
import { addOrganizations } from './rest/handlers/organizations.js';
import { keyDoor, RestRoutes, type RestDeps, type RestDoor } from './rest/rest-routes.js';
import { addRunEvents } from './rest/handlers/run-events.js';
import { addRuns } from './rest/handlers/runs.js';
import { addOverview } from './rest/handlers/overview/overview.js';
import { addWorkflows } from './rest/handlers/workflows.js';
import type { Exchange } from './transport/exchange.js';

/** Everything that is served over HTTP: the MCP mounts, the REST API, discovery and health. */
export function createApp(given: AppDeps): Pipeline {
  const deps = { ...given, newId: given.newId ?? randomUUID };
  const { host, publicUrl, allowedHosts = [], allowedOrigins = [] } = deps;
  const guard = createHostGuard({ host, publicUrl, allowedHosts, allowedOrigins });
  const routes = new Routes();
  for (const mount of MOUNTS) addMcpMount(routes, mount, deps);
  addDiscovery(routes, deps);
  addOpenApi(routes, deps);
  addHealth(routes, deps);
  addHooksDoor(routes, deps);
  addApiReference(routes, deps);
  addMetrics(routes, deps);
  addRestApi(routes, deps, keyDoor(deps));
  const { oauth, console: parts } = deps;
  if (parts !== undefined) {
    // Before the screens, whose addresses have parameters.
    const authenticate = (exchange: Exchange) => authenticatePage(exchange, parts, publicUrl);
    addRestApi(routes, deps, { prefix: CONSOLE_API, authenticate, resource: null });
    addConsole(routes, { ...deps, console: parts });
  }
  if (oauth !== undefined) addOAuth(routes, { ...deps, oauth });
  return new Pipeline({ ...deps, routes, guard, signIn: oauth !== undefined });
}

function addRestApi(routes: Routes, deps: RestDeps, door: RestDoor): void {
  const rest = new RestRoutes(deps, door);
  addWorkflows(rest);
  addOverview(rest);
  addRuns(rest);
  addRunEvents(rest);
  addAnswers(rest);
  addNodeItems(rest);
  addRunPlan(rest);
  addCredits(rest);
  addLimits(rest);
  addOrganizations(rest);
  addKeys(rest);
  addGrants(rest);
  addSchedules(rest);
  addWebhooks(rest);
  addHooks(rest);
  addEvents(rest);
  addSecrets(rest);
  addPublications(rest);
  addDrafts(rest);
  addModels(rest);
  addLogLevel(rest);
  addSystem(rest);
  addAudit(rest);
  rest.mount(routes);
}
