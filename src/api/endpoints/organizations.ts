import { MAX_BILLING_DAY } from '../../core/run/credits.js';
import { ENDED_STATUSES, MAX_KEEP_FOR_MS, MAX_KEPT_RUNS } from '../../core/run/retention.js';
import { SCOPES, type Scope } from '../../core/tenant/principal.js';
import type { ApiKeyView, ApiNewKey, ApiOrganization, ApiOrganizationChange } from '../api-types.js';
import type { ApiCreditMovement, ApiCredits, ApiLimits, ApiTopUp } from '../credit-types.js';
import { declareEndpoint } from '../endpoint.js';
import { closed, offsetUpTo, pageLimit, TEXT, type InOrganization } from './fields.js';

const MONTHLY_CREDITS = { type: 'integer', minimum: 0, maximum: 1_000_000_000 };
const LIMIT = { type: ['integer', 'null'], minimum: 1 };
const boundOf = (maximum: number) => ({ type: ['integer', 'null'], minimum: 0, maximum });
const BOUNDS = { keep_for_seconds: boundOf(MAX_KEEP_FOR_MS / 1_000), keep: boundOf(MAX_KEPT_RUNS) };
const RULE = { ...closed(BOUNDS), type: ['object', 'null'] };

export const getCredits = declareEndpoint<{ query: InOrganization; answer: ApiCredits }>()({
  name: 'getCredits',
  method: 'GET',
  path: '/credits',
  summary: 'Shows available, reserved and used credits',
  scope: 'read',
  query: { organization: TEXT },
});

export const getLimits = declareEndpoint<{ query: InOrganization; answer: ApiLimits }>()({
  name: 'getLimits',
  method: 'GET',
  path: '/limits',
  summary: 'Shows the limits of the organization, and how near it is to them',
  scope: 'read',
  query: { organization: TEXT },
});

export const listCreditMovements = declareEndpoint<{
  query: InOrganization & { readonly limit?: number; readonly offset?: number; readonly before?: string };
  answer: { readonly movements: readonly ApiCreditMovement[] };
}>()({
  name: 'listCreditMovements',
  method: 'GET',
  path: '/credits/movements',
  summary: 'Lists the ledger, newest first',
  scope: 'read',
  query: {
    organization: TEXT,
    limit: pageLimit(1000, 100),
    offset: offsetUpTo('For older movements, give before=ID: the last movement of a page'),
    before: TEXT,
  },
});

export const listKeys = declareEndpoint<{
  query: InOrganization;
  answer: { readonly keys: readonly ApiKeyView[] };
}>()({
  name: 'listKeys',
  method: 'GET',
  path: '/keys',
  summary: 'Lists the keys of the organization',
  scope: 'manage',
  query: { organization: TEXT },
});

export const createKey = declareEndpoint<{
  body: InOrganization & {
    readonly name: string;
    readonly scopes?: readonly Scope[];
    readonly expires_at?: string | null;
  };
  answer: ApiNewKey;
}>()({
  name: 'createKey',
  method: 'POST',
  path: '/keys',
  summary: 'Makes a key, which is shown this once',
  scope: 'manage',
  body: closed(
    {
      name: { type: 'string', minLength: 1, maxLength: 200 },
      scopes: { type: 'array', items: { enum: SCOPES }, minItems: 1, uniqueItems: true },
      expires_at: { type: ['string', 'null'] },
      organization: { type: 'string' },
    },
    ['name'],
  ),
  statuses: [201, 200],
  errors: ['conflict'],
});

export const revokeKey = declareEndpoint<{ query: InOrganization; answer: null }>()({
  name: 'revokeKey',
  method: 'DELETE',
  path: '/keys/:id',
  summary: 'Revokes a key, at once',
  scope: 'manage',
  query: { organization: TEXT },
  statuses: [204],
  errors: ['not_found'],
});

export const listOrganizations = declareEndpoint<{
  query: { readonly limit?: number; readonly offset?: number };
  answer: { readonly organizations: readonly ApiOrganization[]; readonly total: number };
}>()({
  name: 'listOrganizations',
  method: 'GET',
  path: '/organizations',
  summary: 'Lists the organizations',
  scope: 'operate',
  query: { limit: pageLimit(1000, 100), offset: { kind: 'integer', min: 0, max: 1_000_000, default: 0 } },
});

export const createOrganization = declareEndpoint<{
  body: { readonly slug: string; readonly name?: string; readonly monthly_credits?: number };
  answer: ApiOrganization;
}>()({
  name: 'createOrganization',
  method: 'POST',
  path: '/organizations',
  summary: 'Makes an organization',
  scope: 'operate',
  body: closed({ slug: { type: 'string' }, name: { type: 'string' }, monthly_credits: MONTHLY_CREDITS }, ['slug']),
  statuses: [201, 200],
  errors: ['conflict'],
});

export const updateOrganization = declareEndpoint<{ body: ApiOrganizationChange; answer: ApiOrganization }>()({
  name: 'updateOrganization',
  method: 'PATCH',
  path: '/organizations/:slug',
  summary: 'Changes the name, limits, retention or billing day of an organization',
  scope: 'operate',
  body: closed({
    name: { type: 'string', minLength: 1 },
    limits: { ...closed({ runs: LIMIT, nodes: LIMIT }), type: ['object', 'null'] },
    retention: {
      ...closed(Object.fromEntries(['all', ...ENDED_STATUSES].map((status) => [status, RULE]))),
      type: ['object', 'null'],
    },
    billing_day: { type: ['integer', 'null'], minimum: 1, maximum: MAX_BILLING_DAY },
  }),
  errors: ['not_found'],
});

export const setCredits = declareEndpoint<{ body: { readonly monthly_credits: number }; answer: ApiCredits }>()({
  name: 'setCredits',
  method: 'PUT',
  path: '/organizations/:slug/credits',
  summary: "Sets an organization's credits of a month",
  scope: 'operate',
  body: closed({ monthly_credits: MONTHLY_CREDITS }, ['monthly_credits']),
  errors: ['not_found'],
});

export const topUpCredits = declareEndpoint<{
  body: { readonly credits: number; readonly reason: string; readonly idempotency_key?: string };
  answer: ApiTopUp;
}>()({
  name: 'topUpCredits',
  method: 'POST',
  path: '/organizations/:slug/top-ups',
  summary: 'Gives an organization credits beyond those of a month',
  scope: 'operate',
  body: closed(
    {
      credits: { type: 'integer', minimum: 1, maximum: MONTHLY_CREDITS.maximum },
      reason: { type: 'string', minLength: 1, maxLength: 200 },
      idempotency_key: { type: 'string', minLength: 1, maxLength: 200 },
    },
    ['credits', 'reason'],
  ),
  statuses: [201, 200],
  errors: ['not_found', 'conflict'],
});
