import type { EventMatch, KeptEvent } from '../../core/events/kept-event.js';
import { ErrandError } from '../../core/errors.js';
import type { Json } from '../../core/json.js';

/** How a run reaches the events of its organization. */
export interface RunEvents {
  /** The earliest that is for the run, came at `since` or later, and that it has not taken; null for none. */
  find(
    params: EventMatch & { readonly organizationId: string; readonly runId: string; readonly since: number },
  ): Promise<KeptEvent | null>;
  /** Keeps an event and tells the runs that wait for it. The same `dedupeKey` is the same event. */
  emit(
    params: EventMatch & {
      readonly organizationId: string;
      readonly data: Json;
      /** As long as others are when null. */
      readonly keepForMs: number | null;
      readonly dedupeKey: string;
    },
  ): Promise<{ readonly eventId: string }>;
}

/** For where there are none. */
export const NO_EVENTS: RunEvents = {
  find: async () => null,
  emit: () => Promise.reject(new ErrandError('not_configured', 'This server has no events.')),
};
