import type { KeptEvent, ListedEvent } from '../events/kept-event.js';
import { tellMoment } from '../time/moment.js';

/** An event as every door shows it to who has sent it. */
export function renderSentEvent({ event, waiting }: { readonly event: KeptEvent; readonly waiting: number }) {
  const { id, name, key, at, expiresAt } = event;
  return { id, name, key, sent_at: tellMoment(at), expires_at: tellMoment(expiresAt), waiting };
}

/** An event as those see it who look what was sent. */
export function renderListedEvent({ id, name, key, at, expiresAt, taken }: ListedEvent) {
  return { id, name, key, sent_at: tellMoment(at), expires_at: tellMoment(expiresAt), taken };
}
