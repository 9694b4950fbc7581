import { sendEvent } from '../../../../api/endpoints/hooks.js';
import { DEFAULT_EVENT_KEEP_MS } from '../../../../core/events/kept-event.js';
import { renderSentEvent } from '../../../../core/render/render-sent-event.js';
import { idempotencyKeyOf, madeReply } from '../../idempotency-key.js';
import type { RestRoutes } from '../../rest-routes.js';

export function addEvents(routes: RestRoutes): void {
  const { services } = routes.deps;
  routes.add(sendEvent, async ({ exchange, caller, body }) => {
    const { key = '', data = null, keep_for_seconds: seconds, ...rest } = await body();
    const keepForMs = seconds === undefined ? DEFAULT_EVENT_KEEP_MS : Math.round(seconds * 1_000);
    const sent = await services.sendEvent(caller, { ...rest, key, data, keepForMs, ...idempotencyKeyOf(exchange) });
    return madeReply(renderSentEvent(sent), sent.created);
  });
}
