import type { ApiDelivery, ApiDeliveryWithPayload, ApiSigningSecret, ApiWebhook } from '../../../api/webhook-types.js';
import { renderRunId } from '../../../core/render/run-id.js';
import { tellMoment, tellMomentOrNull } from '../../../core/time/moment.js';
import type { Delivery, ListedDelivery } from '../../../core/webhooks/delivery.js';
import type { Webhook } from '../../../core/webhooks/webhook.js';

export function renderWebhook(webhook: Webhook): ApiWebhook {
  return {
    id: webhook.id,
    name: webhook.name,
    url: webhook.url,
    events: webhook.events,
    workflow_id: webhook.workflowId,
    enabled: webhook.enabled,
    disabled_because: webhook.disabledBecause,
    secrets: renderSecrets(webhook),
    created_at: tellMoment(webhook.createdAt),
    updated_at: tellMoment(webhook.updatedAt),
  };
}

/** When each was made and ends, never what it is. */
export function renderSecrets({ secrets }: Pick<Webhook, 'secrets'>): readonly ApiSigningSecret[] {
  return secrets.map(({ createdAt, expiresAt }) => ({
    created_at: tellMoment(createdAt),
    expires_at: tellMomentOrNull(expiresAt),
  }));
}

export function renderDelivery(delivery: ListedDelivery): ApiDelivery {
  const { endpoint, webhookId, runId } = delivery;
  return {
    id: delivery.id,
    webhook_id: endpoint === webhookId ? webhookId : null,
    url: delivery.url,
    event: delivery.event,
    run_id: runId === null ? null : renderRunId(runId),
    state: delivery.state,
    attempt_count: delivery.attemptCount,
    attempts: delivery.attempts.map(({ at, durationMs, status, error, answer }) => ({
      at: tellMoment(at),
      duration_seconds: durationMs / 1_000,
      status,
      error,
      answer,
    })),
    next_attempt_at: tellMomentOrNull(delivery.dueAt),
    created_at: tellMoment(delivery.createdAt),
    ended_at: tellMomentOrNull(delivery.endedAt),
  };
}

export function renderDeliveryWithPayload(delivery: Delivery): ApiDeliveryWithPayload {
  return { ...renderDelivery(delivery), payload: delivery.payload };
}
