import type { Hono } from 'hono';
import { ENDED_STATUSES } from '../../core/run/retention.js';
import { compileCheck } from '../../mcp/tool-kit/check-value.js';
import type { ApiOrganizationChange } from '../../api/api-types.js';
import type { HttpEnv } from '../pipeline/app-deps.js';
import { jsonResponse } from '../transport/responses.js';
import { addRoute } from '../pipeline/route.js';
import { endpoint, type RestDeps } from './endpoint.js';
import { idempotencyKeyOf, madeResponse } from './idempotency-key.js';
import { queryInteger } from './query.js';
import { renderCredits, renderOrganization } from './render/render.js';
import { parseRetention } from './render/retention.js';

const DEFAULT_MONTHLY_CREDITS = 1000;
const MONTHLY_CREDITS = { type: 'integer', minimum: 0, maximum: 1_000_000_000 };

const checkNewOrganization = compileCheck<{ slug: string; name?: string; monthly_credits?: number }>(
  {
    type: 'object',
    properties: { slug: { type: 'string' }, name: { type: 'string' }, monthly_credits: MONTHLY_CREDITS },
    required: ['slug'],
    additionalProperties: false,
  },
  "The body's fields",
);

const LIMIT = { type: ['integer', 'null'], minimum: 1 };

const BOUND = { type: ['integer', 'null'], minimum: 0 };
const RULE = {
  type: ['object', 'null'],
  properties: { keep_for_seconds: BOUND, keep: BOUND },
  additionalProperties: false,
};

const checkChange = compileCheck<ApiOrganizationChange>(
  {
    type: 'object',
    properties: {
      name: { type: 'string', minLength: 1 },
      limits: {
        type: ['object', 'null'],
        properties: { runs: LIMIT, nodes: LIMIT },
        additionalProperties: false,
      },
      retention: {
        type: ['object', 'null'],
        properties: Object.fromEntries(['all', ...ENDED_STATUSES].map((status) => [status, RULE])),
        additionalProperties: false,
      },
    },
    additionalProperties: false,
  },
  "The body's fields",
);

const checkNewLimit = compileCheck<{ monthly_credits: number }>(
  {
    type: 'object',
    properties: { monthly_credits: MONTHLY_CREDITS },
    required: ['monthly_credits'],
    additionalProperties: false,
  },
  "The body's fields",
);

export function addOrganizations(app: Hono<HttpEnv>, deps: RestDeps): void {
  const { services } = deps;
  addRoute(app, '/api/v1/organizations', {
    GET: endpoint(deps, async ({ c, caller }) => {
      const { organizations, total } = await services.listOrganizations(caller, {
        limit: queryInteger(c, 'limit', { min: 1, max: 1000, otherwise: 100 }),
        offset: queryInteger(c, 'offset', { min: 0, max: 1_000_000, otherwise: 0 }),
      });
      return jsonResponse({ organizations: organizations.map(renderOrganization), total });
    }),
    POST: endpoint(deps, async ({ c, caller, body }) => {
      const { slug, name, monthly_credits } = await body(checkNewOrganization);
      const { organization, created } = await services.createOrganization(caller, {
        slug,
        ...idempotencyKeyOf(c),
        ...(name === undefined ? {} : { name }),
        monthlyCredits: monthly_credits ?? DEFAULT_MONTHLY_CREDITS,
      });
      return madeResponse(renderOrganization(organization), created);
    }),
  });
  addRoute(app, '/api/v1/organizations/:slug', {
    PATCH: endpoint(deps, async ({ c, caller, body }) => {
      const { retention, ...change } = await body(checkChange);
      const organization = await services.updateOrganization(caller, {
        organization: c.req.param('slug') ?? '',
        ...change,
        ...(retention === undefined ? {} : { retention: retention === null ? null : parseRetention(retention) }),
      });
      return jsonResponse(renderOrganization(organization));
    }),
  });
  addRoute(app, '/api/v1/organizations/:slug/credits', {
    PUT: endpoint(deps, async ({ c, caller, body }) => {
      const { monthly_credits } = await body(checkNewLimit);
      const organization = c.req.param('slug') ?? '';
      const balance = await services.setCreditLimit(caller, { organization, monthlyCredits: monthly_credits });
      return jsonResponse(renderCredits(balance));
    }),
  });
}
