import type { Json } from '../core/json.js';

/** An event that was sent to the runs that wait for it. Times are RFC 3339 in UTC. */
export interface ApiSentEvent {
  readonly id: string;
  readonly name: string;
  /** Empty for none. */
  readonly key: string;
  readonly sent_at: string;
  /** Until then runs that come to wait for it take it. */
  readonly expires_at: string;
  /** How many runs waited for it. */
  readonly waiting: number;
}

/** An event that is kept, as lists have it. */
export interface ApiListedEvent extends Omit<ApiSentEvent, 'waiting'> {
  /** How many runs have taken it. */
  readonly taken: number;
}

export interface ApiEventWithData extends ApiListedEvent {
  readonly data: Json;
}
