import { getSentEvent, listSentEvents, sendEvent } from '../../../../api/endpoints/hooks.js';
import { DEFAULT_EVENT_KEEP_MS } from '../../../../core/events/kept-event.js';
import { renderListedEvent, renderSentEvent } from '../../../../core/render/render-sent-event.js';
import { isUuid } from '../../../../core/text/uuid.js';
import { jsonReply, outputsReply } from '../../../transport/replies.js';
import { idempotencyKeyOf, madeReply } from '../../idempotency-key.js';
import { given, readBefore } from '../../query.js';
import type { RestRoutes } from '../../rest-routes.js';

export function addEvents(routes: RestRoutes): void {
  const { services } = routes.deps;
  routes.add(sendEvent, async ({ exchange, caller, body }) => {
    const { key = '', data = null, keep_for_seconds: seconds, ...rest } = await body();
    const keepForMs = seconds === undefined ? DEFAULT_EVENT_KEEP_MS : Math.round(seconds * 1_000);
    const sent = await services.sendEvent(caller, { ...rest, key, data, keepForMs, ...idempotencyKeyOf(exchange) });
    return madeReply(renderSentEvent(sent), sent.created);
  });
  routes.add(listSentEvents, async ({ caller, query }) => {
    const { organization, name, limit, before } = query;
    const page = { limit, ...readBefore(before, (text) => (isUuid(text) ? text : null)) };
    const events = await services.listSentEvents(caller, { ...given({ organization, name }), ...page });
    return jsonReply({ events: events.map(renderListedEvent) });
  });
  routes.add(getSentEvent, async ({ caller, query, param }) => {
    const event = await services.getSentEvent(caller, { ...given(query), eventId: param('id') });
    return outputsReply({ ...renderListedEvent(event), data: event.data });
  });
}
