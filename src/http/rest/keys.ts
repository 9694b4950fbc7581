import type { Hono } from 'hono';
import { SCOPES, type Scope } from '../../core/tenant/principal.js';
import { compileCheck, invalidInput } from '../../mcp/tool-kit/check-value.js';
import type { HttpEnv } from '../pipeline/app-deps.js';
import { emptyResponse, jsonResponse } from '../transport/responses.js';
import { addRoute } from '../pipeline/route.js';
import { endpoint, type RestDeps } from './endpoint.js';
import { idempotencyKeyOf, madeResponse } from './idempotency-key.js';
import { queryOrganization } from './query.js';
import { renderKey } from './render/render.js';

interface NewKeyRequest {
  readonly name: string;
  readonly scopes?: readonly Scope[];
  readonly expires_at?: string | null;
  readonly organization?: string;
}

const checkNewKey = compileCheck<NewKeyRequest>(
  {
    type: 'object',
    properties: {
      name: { type: 'string', minLength: 1, maxLength: 200 },
      scopes: { type: 'array', items: { enum: SCOPES }, minItems: 1, uniqueItems: true },
      expires_at: { type: ['string', 'null'] },
      organization: { type: 'string' },
    },
    required: ['name'],
    additionalProperties: false,
  },
  "The body's fields",
);

export function addKeys(app: Hono<HttpEnv>, deps: RestDeps): void {
  const { services } = deps;
  addRoute(app, '/api/v1/keys', {
    GET: endpoint(deps, async ({ c, caller }) =>
      jsonResponse({ keys: (await services.listKeys(caller, queryOrganization(c))).map(renderKey) }),
    ),
    POST: endpoint(deps, async ({ c, caller, body }) => {
      const { name, scopes = ['run'], expires_at, organization } = await body(checkNewKey);
      const expiresAt = toMoment(expires_at);
      const { key, apiKey, created } = await services.createKey(caller, {
        name,
        scopes,
        ...idempotencyKeyOf(c),
        ...(expiresAt === null ? {} : { expiresAt }),
        ...(organization === undefined ? {} : { organization }),
      });
      return madeResponse({ ...renderKey(apiKey), key }, created);
    }),
  });
  addRoute(app, '/api/v1/keys/:id', {
    DELETE: endpoint(deps, async ({ c, caller }) => {
      await services.revokeKey(caller, { ...queryOrganization(c), keyId: c.req.param('id') ?? '' });
      return emptyResponse(204);
    }),
  });
}

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

/** `Date.parse` takes February 30 for March 2. */
function isDay(date: string): boolean {
  const midnight = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(date);
}

function toMoment(text: string | null | undefined): number | null {
  if (text === null || text === undefined) return null;
  const at = RFC_3339.test(text) && isDay(text.slice(0, 10)) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(at)) return at;
  const message = 'must be an RFC 3339 time, such as 2027-01-31T12:00:00Z';
  throw invalidInput("The body's fields", [{ path: '/expires_at', message }]);
}
