import type { JsonSchema } from '../../core/json.js';
import { DELIVERY_STATES, type DeliveryState } from '../../core/webhooks/delivery.js';
import { MAX_WEBHOOK_NAME, MAX_WEBHOOK_URL } from '../../core/webhooks/webhook.js';
import { declareEndpoint } from '../endpoint.js';
import type {
  ApiCallbackSecret,
  ApiDelivery,
  ApiDeliveryWithPayload,
  ApiNewWebhook,
  ApiWebhook,
  ApiWebhookFields,
} from '../webhook-types.js';
import { closed, EVENTS, type InOrganization, pageLimit, TEXT } from './fields.js';

const ORGANIZATION = { organization: { type: 'string' } };
const ENDED_STATES = DELIVERY_STATES.filter((state) => state !== 'pending');

const FIELDS: { readonly [name: string]: JsonSchema } = {
  name: { type: 'string', minLength: 1, maxLength: MAX_WEBHOOK_NAME },
  url: { type: 'string', minLength: 1, maxLength: MAX_WEBHOOK_URL },
  events: EVENTS,
  workflow_id: { type: ['string', 'null'] },
  enabled: { type: 'boolean' },
};

export const listWebhooks = declareEndpoint<{
  query: InOrganization;
  answer: { readonly webhooks: readonly ApiWebhook[] };
}>()({
  name: 'listWebhooks',
  method: 'GET',
  path: '/webhooks',
  summary: 'Lists the webhooks of the organization, oldest first',
  scope: 'manage',
  query: { organization: TEXT },
});

export const createWebhook = declareEndpoint<{ body: ApiWebhookFields & InOrganization; answer: ApiNewWebhook }>()({
  name: 'createWebhook',
  method: 'POST',
  path: '/webhooks',
  summary: 'Makes a webhook, which tells others of runs; shows its secret',
  scope: 'manage',
  body: closed({ ...FIELDS, ...ORGANIZATION }, ['url']),
  statuses: [201, 200],
  errors: ['not_found', 'conflict', 'not_configured'],
});

export const getCallbackSecret = declareEndpoint<{ query: InOrganization; answer: ApiCallbackSecret }>()({
  name: 'getCallbackSecret',
  method: 'GET',
  path: '/webhooks/callback-secret',
  summary: 'Shows the secret that callbacks of single runs are signed with',
  scope: 'manage',
  query: { organization: TEXT },
  errors: ['not_configured'],
});

export const rotateCallbackSecret = declareEndpoint<{
  body: { readonly keep_old_for_seconds?: number } & InOrganization;
  answer: ApiCallbackSecret;
}>()({
  name: 'rotateCallbackSecret',
  method: 'POST',
  path: '/webhooks/callback-secret/rotate',
  summary: 'Signs callbacks with a new secret, and for a while with the old one too',
  scope: 'manage',
  body: closed({ keep_old_for_seconds: { type: 'number', minimum: 0 }, ...ORGANIZATION }),
  errors: ['not_configured'],
});

export const getWebhook = declareEndpoint<{ query: InOrganization; answer: ApiWebhook }>()({
  name: 'getWebhook',
  method: 'GET',
  path: '/webhooks/:id',
  summary: 'Shows one webhook',
  scope: 'manage',
  query: { organization: TEXT },
  errors: ['not_found'],
});

export const updateWebhook = declareEndpoint<{
  body: Partial<ApiWebhookFields> & InOrganization;
  answer: ApiWebhook;
}>()({
  name: 'updateWebhook',
  method: 'PATCH',
  path: '/webhooks/:id',
  summary: 'Changes, disables or enables a webhook',
  scope: 'manage',
  body: closed({ ...FIELDS, ...ORGANIZATION }),
  errors: ['not_found', 'not_configured'],
});

export const deleteWebhook = declareEndpoint<{ query: InOrganization; answer: null }>()({
  name: 'deleteWebhook',
  method: 'DELETE',
  path: '/webhooks/:id',
  summary: 'Deletes a webhook, and gives up what it has not delivered',
  scope: 'manage',
  query: { organization: TEXT },
  statuses: [204],
  errors: ['not_found', 'not_configured'],
});

export const rotateWebhookSecret = declareEndpoint<{
  body: { readonly keep_old_for_seconds?: number } & InOrganization;
  answer: ApiNewWebhook;
}>()({
  name: 'rotateWebhookSecret',
  method: 'POST',
  path: '/webhooks/:id/rotate',
  summary: 'Signs with a new secret, and for a while with the old one too',
  scope: 'manage',
  body: closed({ keep_old_for_seconds: { type: 'number', minimum: 0 }, ...ORGANIZATION }),
  errors: ['not_found', 'not_configured'],
});

export const testWebhook = declareEndpoint<{ body: InOrganization; answer: ApiDeliveryWithPayload }>()({
  name: 'testWebhook',
  method: 'POST',
  path: '/webhooks/:id/test',
  summary: 'Has a message "webhook.test" delivered',
  scope: 'manage',
  body: closed(ORGANIZATION),
  statuses: [202],
  errors: ['not_found', 'not_configured'],
});

export const replayDeliveries = declareEndpoint<{
  body: {
    readonly state?: Exclude<DeliveryState, 'pending'>;
    readonly since?: string;
    readonly until?: string;
  } & InOrganization;
  answer: { readonly replayed: number };
}>()({
  name: 'replayDeliveries',
  method: 'POST',
  path: '/webhooks/:id/replay',
  summary: 'Delivers many messages of a webhook again, those that were given up when nothing else is said',
  scope: 'manage',
  body: closed({
    state: { enum: ENDED_STATES },
    since: { type: 'string' },
    until: { type: 'string' },
    ...ORGANIZATION,
  }),
  statuses: [202],
  errors: ['not_found', 'not_configured'],
});

export const listDeliveries = declareEndpoint<{
  query: InOrganization & {
    readonly webhook_id?: string;
    readonly state?: DeliveryState;
    readonly limit?: number;
    readonly before?: string;
  };
  answer: { readonly deliveries: readonly ApiDelivery[] };
}>()({
  name: 'listDeliveries',
  method: 'GET',
  path: '/webhook-deliveries',
  summary: 'Lists what was and is to be delivered, newest first',
  scope: 'manage',
  query: {
    organization: TEXT,
    webhook_id: TEXT,
    state: { kind: 'choice', values: DELIVERY_STATES },
    limit: pageLimit(100, 20),
    before: TEXT,
  },
});

export const getDelivery = declareEndpoint<{ query: InOrganization; answer: ApiDeliveryWithPayload }>()({
  name: 'getDelivery',
  method: 'GET',
  path: '/webhook-deliveries/:id',
  summary: 'Shows one delivery with what is sent',
  scope: 'manage',
  query: { organization: TEXT },
  errors: ['not_found'],
});

export const replayDelivery = declareEndpoint<{ body: InOrganization; answer: ApiDeliveryWithPayload }>()({
  name: 'replayDelivery',
  method: 'POST',
  path: '/webhook-deliveries/:id/replay',
  summary: 'Delivers one message again',
  scope: 'manage',
  body: closed(ORGANIZATION),
  statuses: [202],
  errors: ['not_found', 'conflict', 'not_configured'],
});
