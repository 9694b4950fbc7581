import type { Delivery, DeliveryAttempt, DeliveryState } from '../../core/webhooks/delivery.js';
import type { SigningSecret, Webhook, WebhookSettings } from '../../core/webhooks/webhook.js';
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

/** A row of `webhook_deliveries`, in either store. */
export interface DeliveryRow {
  readonly id: string;
  readonly organization_id: string;
  readonly webhook_id: string;
  readonly endpoint: string;
  readonly url: string;
  readonly run_id: string | null;
  readonly seq: number;
  readonly event: string;
  readonly state: DeliveryState;
  readonly due_at: number | null;
  readonly gives_up_at: number;
  readonly attempt_count: number;
  readonly attempts: string;
  readonly created_at: number;
  readonly ended_at: number | null;
  readonly payload: string;
}

export const DELIVERY_COLUMNS = [
  'id',
  'organization_id',
  'webhook_id',
  'endpoint',
  'url',
  'run_id',
  'seq',
  'event',
  'state',
  'due_at',
  'gives_up_at',
  'attempt_count',
  'attempts',
  'created_at',
  'ended_at',
  'payload',
] as const satisfies readonly (keyof DeliveryRow)[];

export function toDeliveryRow(delivery: Delivery): DeliveryRow {
  return {
    id: encodeText(delivery.id),
    organization_id: encodeText(delivery.organizationId),
    webhook_id: encodeText(delivery.webhookId),
    endpoint: encodeText(delivery.endpoint),
    url: encodeText(delivery.url),
    run_id: delivery.runId === null ? null : encodeText(delivery.runId),
    seq: delivery.seq,
    event: delivery.event,
    state: delivery.state,
    due_at: delivery.dueAt,
    gives_up_at: delivery.givesUpAt,
    attempt_count: delivery.attemptCount,
    attempts: JSON.stringify(delivery.attempts),
    created_at: delivery.createdAt,
    ended_at: delivery.endedAt,
    payload: delivery.payload,
  };
}

export function fromDeliveryRow(row: DeliveryRow): Delivery {
  return {
    id: decodeText(row.id),
    organizationId: decodeText(row.organization_id),
    webhookId: decodeText(row.webhook_id),
    endpoint: decodeText(row.endpoint),
    url: decodeText(row.url),
    runId: row.run_id === null ? null : decodeText(row.run_id),
    seq: row.seq,
    event: row.event,
    state: row.state,
    dueAt: row.due_at,
    givesUpAt: row.gives_up_at,
    attemptCount: row.attempt_count,
    attempts: JSON.parse(row.attempts) as DeliveryAttempt[],
    createdAt: row.created_at,
    endedAt: row.ended_at,
    payload: row.payload,
  };
}
