import type { JsonObject } from '../../core/json.js';
import { tellMoment } from '../../core/time/moment.js';
import { type Delivery, GIVE_UP_AFTER_MS } from '../../core/webhooks/delivery.js';
import type { Webhook } from '../../core/webhooks/webhook.js';

/** One that is to be tried at once; `at`: of what it tells. */
export function newDelivery({
  at,
  ...told
}: Pick<
  Delivery,
  'id' | 'organizationId' | 'webhookId' | 'endpoint' | 'url' | 'runId' | 'seq' | 'event' | 'payload'
> & { readonly at: number }): Delivery {
  const untried = { state: 'pending', attemptCount: 0, attempts: [], endedAt: null } as const;
  return { ...told, ...untried, dueAt: at, givesUpAt: at + GIVE_UP_AFTER_MS, createdAt: at };
}

/** One that tells a webhook of something that is no event of a run. */
export function newNotice({
  id,
  webhook,
  event,
  at,
  data,
}: {
  readonly id: string;
  readonly webhook: Pick<Webhook, 'id' | 'organizationId' | 'url'>;
  readonly event: string;
  readonly at: number;
  readonly data: JsonObject;
}): Delivery {
  const { id: webhookId, organizationId, url } = webhook;
  const payload = JSON.stringify({ type: event, timestamp: tellMoment(at), data });
  return newDelivery({
    id,
    organizationId,
    webhookId,
    endpoint: webhookId,
    url,
    runId: null,
    seq: 0,
    event,
    at,
    payload,
  });
}
