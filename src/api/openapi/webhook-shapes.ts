import type { JsonSchema } from '../../core/json.js';
import { DELIVERY_STATES } from '../../core/webhooks/delivery.js';
import { DEFAULT_WEBHOOK_EVENTS, WEBHOOK_EVENTS } from '../../core/webhooks/webhook.js';
import type {
  ApiCallbackSecret,
  ApiDelivery,
  ApiDeliveryAttempt,
  ApiDeliveryWithPayload,
  ApiNewWebhook,
  ApiSigningSecret,
  ApiWebhook,
} from '../webhook-types.js';
import { described, FLAG, INTEGER, listOf, NUMBER, oneOf, orNull, shapeOf, TEXT, TIME } from './shape.js';

const SECRETS = listOf(
  shapeOf<ApiSigningSecret>()({ created_at: TIME, expires_at: described(orNull(TIME), 'Null for the newest.') }),
);
const SECRET = described(TEXT, 'What deliveries are signed with: `whsec_…`.');

const WEBHOOK = {
  id: TEXT,
  name: TEXT,
  url: TEXT,
  events: listOf(oneOf(WEBHOOK_EVENTS)),
  workflow_id: described(orNull(TEXT), 'Only of runs of this workflow; null: of all.'),
  enabled: FLAG,
  disabled_because: described(orNull(TEXT), "Why it was disabled, where that was no person's doing."),
  secrets: described(SECRETS, 'What deliveries are signed with, the newest first.'),
  created_at: TIME,
  updated_at: TIME,
};

const ATTEMPT = shapeOf<ApiDeliveryAttempt>()({
  at: TIME,
  duration_seconds: NUMBER,
  status: described(orNull(INTEGER), 'Null when there was no answer.'),
  error: orNull(TEXT),
  answer: described(orNull(TEXT), "The beginning of the answer's body."),
});

const DELIVERY = {
  id: TEXT,
  webhook_id: described(orNull(TEXT), 'Null for callbacks of single runs.'),
  url: TEXT,
  event: TEXT,
  run_id: orNull(TEXT),
  state: oneOf(DELIVERY_STATES),
  attempt_count: INTEGER,
  attempts: described(listOf(ATTEMPT), 'The latest, the oldest of them first.'),
  next_attempt_at: described(orNull(TIME), 'Null unless it is pending.'),
  created_at: TIME,
  ended_at: orNull(TIME),
};

/** Webhooks, as the document names them. */
export const WEBHOOK_SCHEMAS: { readonly [name: string]: JsonSchema } = {
  Webhook: shapeOf<ApiWebhook>()(WEBHOOK),
  NewWebhook: shapeOf<ApiNewWebhook>()({ ...WEBHOOK, secret: SECRET }),
  CallbackSecret: shapeOf<ApiCallbackSecret>()({ secret: SECRET, secrets: SECRETS }),
  Delivery: shapeOf<ApiDelivery>()(DELIVERY),
  DeliveryWithPayload: shapeOf<ApiDeliveryWithPayload>()({
    ...DELIVERY,
    payload: described(TEXT, 'What is sent, byte by byte.'),
  }),
};

const AT = '2026-11-28T10:00:00.000Z';

/** One of each, for the document's examples. */
export const EXAMPLE_WEBHOOK: ApiWebhook = {
  id: '019ab7c4-9c3b-7a51-8f6e-0d2f6c1b7a66',
  name: 'shop.example.com',
  url: 'https://shop.example.com/errand',
  events: DEFAULT_WEBHOOK_EVENTS,
  workflow_id: null,
  enabled: true,
  disabled_because: null,
  secrets: [{ created_at: AT, expires_at: null }],
  created_at: AT,
  updated_at: AT,
};
export const EXAMPLE_DELIVERY: ApiDeliveryWithPayload = {
  id: '019ab7c4-9c3b-7a51-8f6e-0d2f6c1b7a77',
  webhook_id: EXAMPLE_WEBHOOK.id,
  url: EXAMPLE_WEBHOOK.url,
  event: 'run.completed',
  run_id: 'run_019ab7c4-9c3b-7a51-8f6e-0d2f6c1b7a11',
  state: 'delivered',
  attempt_count: 1,
  attempts: [{ at: AT, duration_seconds: 0.12, status: 204, error: null, answer: '' }],
  next_attempt_at: null,
  created_at: AT,
  ended_at: AT,
  payload: '{"type":"run.completed","timestamp":"2026-11-28T10:00:00.000Z","data":{}}',
};
