import type { NewId } from '../../core/ports/clock.js';
import type { RunEvent } from '../../core/run/events.js';
import type { Run } from '../../core/run/run.js';
import type { Delivery } from '../../core/webhooks/delivery.js';
import type { WebhookEvent } from '../../core/webhooks/webhook.js';
import type { WebhookRegistry } from '../state/webhook-registry.js';
import { uuidOf } from '../use-case/uuid-of.js';
import { newDelivery } from '../outbox/new-delivery.js';
import { renderPayload, webhookEventOf } from './payload.js';

/** Says what others are to be told of a commit. That is written in the same commit. */
export interface DeliveryWriter {
  deliveriesOf(run: Run, events: readonly RunEvent[]): readonly Delivery[];
  /** Once such a commit is kept. */
  tell(): void;
}

/** Who is told, and of what. */
interface Target {
  readonly webhookId: string;
  readonly endpoint: string;
  readonly url: string;
  readonly events: readonly WebhookEvent[];
}

const NONE: readonly Delivery[] = [];

export function createDeliveryWriter({
  registry,
  newId,
}: {
  readonly registry: WebhookRegistry;
  readonly newId: NewId;
}): DeliveryWriter {
  return {
    deliveriesOf(run, events) {
      if (registry.enabled.size === 0 && run.callback === undefined) return NONE;
      const targets = findTargets(registry, run);
      if (targets.length === 0) return NONE;
      return events.flatMap((event) => {
        const type = webhookEventOf(event);
        const told = type === null ? [] : targets.filter((target) => target.events.includes(type));
        if (type === null || told.length === 0) return [];
        const payload = renderPayload(type, run, event);
        const of = { organizationId: run.organizationId, runId: run.id, seq: event.seq, event: type, at: event.at };
        return told.map(({ webhookId, endpoint, url }) =>
          newDelivery({ ...of, id: newId(), webhookId, endpoint, url, payload }),
        );
      });
    },
    tell: () => registry.tell(),
  };
}

/** The webhook that holds an organization's secrets for callbacks. */
export const callbacksIdOf = (organizationId: string): string => uuidOf(['callbacks', organizationId]);

function findTargets(registry: WebhookRegistry, { organizationId, workflowId, callback }: Run): readonly Target[] {
  const targets: Target[] = [];
  for (const webhook of registry.enabled.get(organizationId) ?? []) {
    if (webhook.workflowId !== null && webhook.workflowId !== workflowId) continue;
    targets.push({ webhookId: webhook.id, endpoint: webhook.id, url: webhook.url, events: webhook.events });
  }
  if (callback !== undefined) {
    const { url, events } = callback;
    const endpoint = `callbacks ${organizationId} ${new URL(url).origin}`;
    targets.push({ webhookId: callbacksIdOf(organizationId), endpoint, url, events });
  }
  return targets;
}
