import { MAX_EVENT_KEEP_MS, MAX_EVENT_KEY, MAX_EVENT_NAME } from '../../core/events/kept-event.js';
import {
  HMAC_ALGORITHMS,
  HMAC_ENCODINGS,
  HOOK_ANSWERS,
  HOOK_SIGNATURES,
  MAX_HOOK_NAME,
  MAX_HOOK_SECRET,
  MAX_HOOK_WAIT_SECONDS,
} from '../../core/hooks/hook.js';
import type { Json, JsonSchema } from '../../core/json.js';
import { declareEndpoint } from '../endpoint.js';
import type { ApiHook, ApiHookFields, ApiNewHook } from '../hook-types.js';
import type { ApiEventWithData, ApiListedEvent, ApiSentEvent } from '../sent-event-types.js';
import { closed, type InOrganization, pageLimit, TEXT } from './fields.js';

const ORGANIZATION = { organization: { type: 'string' } };
const SECRET: JsonSchema = { type: 'string', minLength: 1, maxLength: MAX_HOOK_SECRET };

const SIGNATURE = closed(
  {
    kind: { enum: HOOK_SIGNATURES },
    tolerance_seconds: { type: 'integer', minimum: 1 },
    header: { type: 'string' },
    algorithm: { enum: HMAC_ALGORITHMS },
    encoding: { enum: HMAC_ENCODINGS },
    prefix: { type: 'string' },
  },
  ['kind'],
);

const FIELDS: { readonly [name: string]: JsonSchema } = {
  name: { type: 'string', minLength: 1, maxLength: MAX_HOOK_NAME },
  workflow_id: { type: ['string', 'null'] },
  event: {
    ...closed(
      { name: { type: 'string', minLength: 1, maxLength: MAX_EVENT_NAME }, key: { type: ['string', 'null'] } },
      ['name'],
    ),
    type: ['object', 'null'],
  },
  input: {},
  when: { type: ['string', 'null'] },
  delivery_id: { type: ['string', 'null'] },
  signature: SIGNATURE,
  answer: { enum: HOOK_ANSWERS },
  wait_seconds: { type: 'integer', minimum: 1, maximum: MAX_HOOK_WAIT_SECONDS },
  enabled: { type: 'boolean' },
};

export const listHooks = declareEndpoint<{ query: InOrganization; answer: { readonly hooks: readonly ApiHook[] } }>()({
  name: 'listHooks',
  method: 'GET',
  path: '/hooks',
  summary: 'Lists the hooks of the organization, oldest first',
  scope: 'manage',
  query: { organization: TEXT },
  errors: ['not_configured'],
});

export const createHook = declareEndpoint<{
  body: ApiHookFields & { readonly secret?: string } & InOrganization;
  answer: ApiNewHook;
}>()({
  name: 'createHook',
  method: 'POST',
  path: '/hooks',
  summary: 'Makes a hook, which lets others start runs; shows its address',
  scope: 'manage',
  body: closed({ ...FIELDS, secret: SECRET, ...ORGANIZATION }),
  statuses: [201, 200],
  errors: ['not_found', 'conflict', 'not_configured'],
});

export const getHook = declareEndpoint<{ query: InOrganization; answer: ApiHook }>()({
  name: 'getHook',
  method: 'GET',
  path: '/hooks/:id',
  summary: 'Shows one hook, with what came to it',
  scope: 'manage',
  query: { organization: TEXT },
  errors: ['not_found', 'not_configured'],
});

export const updateHook = declareEndpoint<{ body: Partial<ApiHookFields> & InOrganization; answer: ApiHook }>()({
  name: 'updateHook',
  method: 'PATCH',
  path: '/hooks/:id',
  summary: 'Changes, disables or enables a hook',
  scope: 'manage',
  body: closed({ ...FIELDS, ...ORGANIZATION }),
  errors: ['not_found', 'not_configured'],
});

export const deleteHook = declareEndpoint<{ query: InOrganization; answer: null }>()({
  name: 'deleteHook',
  method: 'DELETE',
  path: '/hooks/:id',
  summary: 'Deletes a hook; runs that it has started go on',
  scope: 'manage',
  query: { organization: TEXT },
  statuses: [204],
  errors: ['not_found', 'not_configured'],
});

export const rotateHookAddress = declareEndpoint<{ body: InOrganization; answer: ApiNewHook }>()({
  name: 'rotateHookAddress',
  method: 'POST',
  path: '/hooks/:id/rotate',
  summary: 'Gives a hook another address; the one before ends at once',
  scope: 'manage',
  body: closed(ORGANIZATION),
  errors: ['not_found', 'not_configured'],
});

export const setHookSecret = declareEndpoint<{
  body: { readonly secret: string; readonly keep_old_for_seconds?: number } & InOrganization;
  answer: ApiHook;
}>()({
  name: 'setHookSecret',
  method: 'PUT',
  path: '/hooks/:id/secret',
  summary: 'Checks deliveries with this secret, and for a while with the one before too',
  scope: 'manage',
  body: closed({ secret: SECRET, keep_old_for_seconds: { type: 'number', minimum: 0 }, ...ORGANIZATION }, ['secret']),
  errors: ['not_found', 'not_configured'],
});

export const sendEvent = declareEndpoint<{
  body: {
    readonly name: string;
    readonly key?: string;
    readonly data?: Json;
    readonly keep_for_seconds?: number;
  } & InOrganization;
  answer: ApiSentEvent;
}>()({
  name: 'sendEvent',
  method: 'POST',
  path: '/events',
  summary: 'Sends an event to the runs that wait for it, and keeps it for those that do not wait yet',
  scope: 'run',
  body: closed(
    {
      name: { type: 'string', minLength: 1, maxLength: MAX_EVENT_NAME },
      key: { type: 'string', maxLength: MAX_EVENT_KEY },
      data: {},
      keep_for_seconds: { type: 'number', minimum: 0, maximum: MAX_EVENT_KEEP_MS / 1_000 },
      organization: { type: 'string' },
    },
    ['name'],
  ),
  statuses: [201, 200],
  errors: ['not_found'],
});

export const listSentEvents = declareEndpoint<{
  query: InOrganization & { readonly name?: string; readonly limit?: number; readonly before?: string };
  answer: { readonly events: readonly ApiListedEvent[] };
}>()({
  name: 'listSentEvents',
  method: 'GET',
  path: '/events',
  summary: 'Lists the events that were sent and are kept, newest first',
  scope: 'manage',
  query: { organization: TEXT, name: TEXT, limit: pageLimit(100, 20), before: TEXT },
});

export const getSentEvent = declareEndpoint<{ query: InOrganization; answer: ApiEventWithData }>()({
  name: 'getSentEvent',
  method: 'GET',
  path: '/events/:id',
  summary: 'Shows one event that is kept, with its data',
  scope: 'manage',
  query: { organization: TEXT },
  errors: ['not_found'],
});
