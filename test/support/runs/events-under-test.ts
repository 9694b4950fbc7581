import type { KeptEvent } from '../../../src/core/events/kept-event.js';
import type { Json } from '../../../src/core/json.js';
import type { RunEvent } from '../../../src/core/run/events.js';
import type { RunEvents } from '../../../src/runner/ports/run-events.js';

/** The events of one run's organization, as they outlive processes. What the run has taken is in its log. */
export class EventsUnderTest implements RunEvents {
  readonly sent: KeptEvent[] = [];
  readonly #log: readonly RunEvent[];
  readonly #now: () => number;
  readonly #byKey = new Map<string, KeptEvent>();

  constructor(log: readonly RunEvent[], now: () => number) {
    this.#log = log;
    this.#now = now;
  }

  async find({ name, key, since }: Parameters<RunEvents['find']>[0]): Promise<KeptEvent | null> {
    const taken = new Set(this.#log.flatMap((event) => (event.kind === 'node.answered' ? [event.eventId] : [])));
    const fits = (event: KeptEvent): boolean => event.name === name && event.key === key && event.at >= since;
    return this.sent.find((event) => fits(event) && !taken.has(event.id)) ?? null;
  }

  async emit({ name, key, data, dedupeKey }: Parameters<RunEvents['emit']>[0]): Promise<{ readonly eventId: string }> {
    const event = this.#byKey.get(dedupeKey) ?? this.send(name, data, key);
    this.#byKey.set(dedupeKey, event);
    return { eventId: event.id };
  }

  send(name: string, data: Json, key = ''): KeptEvent {
    const at = this.#now();
    const id = `event-${String(this.sent.length).padStart(4, '0')}`;
    const event = { id, organizationId: 'o', name, key, data, at, expiresAt: Number.MAX_SAFE_INTEGER };
    this.sent.push(event);
    return event;
  }
}
