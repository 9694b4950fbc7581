import type { Delivery, ListedDelivery } from '../../core/webhooks/delivery.js';
import type { SigningSecret, Webhook, WebhookSettings } from '../../core/webhooks/webhook.js';
import { type Columns, jsonColumn, optionalTextColumn, plainColumn, rowForm, textColumn } from './columns.js';
import { decodeText, encodeText } from './text.js';

/** A row of `webhooks`, in either store. */
export interface WebhookRow {
  readonly id: string;
  readonly organization_id: string;
  /** What a person sets and what became of it, as JSON. */
  readonly settings: string;
  /** Sealed, as JSON. */
  readonly secrets: string;
  readonly created_at: number;
  readonly updated_at: number;
}

export function toWebhookRow(webhook: Webhook): WebhookRow {
  const { id, organizationId, secrets, createdAt, updatedAt, ...settings } = webhook;
  return {
    id: encodeText(id),
    organization_id: encodeText(organizationId),
    settings: JSON.stringify(settings),
    secrets: JSON.stringify(secrets),
    created_at: createdAt,
    updated_at: updatedAt,
  };
}

export function fromWebhookRow(row: WebhookRow): Webhook {
  return {
    ...(JSON.parse(row.settings) as WebhookSettings & Pick<Webhook, 'kind' | 'disabledBecause'>),
    id: decodeText(row.id),
    organizationId: decodeText(row.organization_id),
    secrets: JSON.parse(row.secrets) as SigningSecret[],
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

const LISTED: Columns<ListedDelivery> = {
  id: textColumn('id'),
  organizationId: textColumn('organization_id'),
  webhookId: textColumn('webhook_id'),
  endpoint: textColumn('endpoint'),
  url: textColumn('url'),
  runId: optionalTextColumn('run_id'),
  seq: plainColumn('seq'),
  event: plainColumn('event'),
  state: plainColumn('state'),
  dueAt: plainColumn('due_at'),
  givesUpAt: plainColumn('gives_up_at'),
  attemptCount: plainColumn('attempt_count'),
  attempts: jsonColumn('attempts'),
  createdAt: plainColumn('created_at'),
  endedAt: plainColumn('ended_at'),
};

/** A row of `webhook_deliveries`, in either store. */
export const deliveryRow = rowForm<Delivery>({ ...LISTED, payload: plainColumn('payload') });

/** The same as far as lists need it: messages are long. */
export const listedDeliveryRow = rowForm<ListedDelivery>(LISTED);
