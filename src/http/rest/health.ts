import type { Hono } from 'hono';
import { hideInternals } from '../../mcp/tool-kit/hide-internals.js';
import type { NewId } from '../../core/ports/clock.js';
import type { AppDeps, HttpEnv } from '../pipeline/app-deps.js';
import { apiErrorResponse, jsonResponse } from '../transport/responses.js';
import { addRoute } from '../pipeline/route.js';

/** `/healthz`: the process answers. `/readyz`: it can also take on runs and record them. */
export function addHealth(app: Hono<HttpEnv>, deps: AppDeps & { readonly newId: NewId }): void {
  addRoute(app, '/healthz', { GET: () => jsonResponse({ status: 'ok', version: deps.version }) });
  addRoute(app, '/readyz', {
    GET: async () => {
      try {
        await deps.services.checkReady();
        return jsonResponse({ status: 'ready', version: deps.version });
      } catch (thrown) {
        return apiErrorResponse(hideInternals(thrown, deps));
      }
    },
  });
}
