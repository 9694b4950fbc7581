import type { Hono } from 'hono';
import { compileCheck } from '../../mcp/tool-kit/check-value.js';
import { requestSignal, type HttpEnv } from '../pipeline/app-deps.js';
import { emptyResponse, jsonResponse } from '../transport/responses.js';
import { addRoute } from '../pipeline/route.js';
import { endpoint, type RestDeps } from './endpoint.js';
import { queryOrganization } from './query.js';
import { renderModelCredential, renderModels, renderModelTest, renderMonthUsage } from './render/render-models.js';

const checkTest = compileCheck<{ model?: string; organization?: string }>(
  {
    type: 'object',
    properties: { model: { type: 'string', minLength: 1, maxLength: 200 }, organization: { type: 'string' } },
    additionalProperties: false,
  },
  "The body's fields",
);

const checkCredential = compileCheck<{ key: string; organization?: string }>(
  {
    type: 'object',
    properties: { key: { type: 'string' }, organization: { type: 'string' } },
    required: ['key'],
    additionalProperties: false,
  },
  "The body's fields",
);

export function addModels(app: Hono<HttpEnv>, deps: RestDeps): void {
  const { services } = deps;
  addRoute(app, '/api/v1/models', {
    GET: endpoint(deps, async ({ c, caller }) =>
      jsonResponse(renderModels(await services.describeModels(caller, queryOrganization(c)))),
    ),
  });
  addRoute(app, '/api/v1/models/test', {
    POST: endpoint(deps, async ({ c, caller, body }) => {
      const params = await body(checkTest);
      return jsonResponse(renderModelTest(await services.testModel(caller, { ...params, signal: requestSignal(c) })));
    }),
  });
  addRoute(app, '/api/v1/model-credentials', {
    GET: endpoint(deps, async ({ c, caller }) => {
      const credentials = await services.listModelCredentials(caller, queryOrganization(c));
      return jsonResponse({ credentials: credentials.map(renderModelCredential) });
    }),
  });
  addRoute(app, '/api/v1/model-credentials/:provider', {
    PUT: endpoint(deps, async ({ c, caller, body }) => {
      const provider = c.req.param('provider') ?? '';
      const credential = await services.setModelCredential(caller, { ...(await body(checkCredential)), provider });
      return jsonResponse(renderModelCredential(credential));
    }),
    DELETE: endpoint(deps, async ({ c, caller }) => {
      const provider = c.req.param('provider') ?? '';
      await services.removeModelCredential(caller, { ...queryOrganization(c), provider });
      return emptyResponse(204);
    }),
  });
  addRoute(app, '/api/v1/usage', {
    GET: endpoint(deps, async ({ c, caller }) => {
      const month = c.req.query('month');
      const params = { ...queryOrganization(c), ...(month === undefined ? {} : { month }) };
      return jsonResponse(renderMonthUsage(await services.getUsage(caller, params)));
    }),
  });
}
