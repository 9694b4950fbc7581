import type { KeptEvent, ListedEvent } from '../../core/events/kept-event.js';
import type { Json } from '../../core/json.js';
import type { Principal } from '../../core/tenant/principal.js';
import type { InOrganization } from './in-organization.js';

export interface SendEventParams extends InOrganization {
  readonly name: string;
  /** Empty for none. */
  readonly key: string;
  readonly data: Json;
  /** How long it is kept for runs that do not wait for it yet. */
  readonly keepForMs: number;
  /** 1 to 200 characters: the same key is the same event, for as long as that is kept. */
  readonly idempotencyKey?: string;
}

export interface SentEvent {
  readonly event: KeptEvent;
  /** False when an idempotency key named an event that was there already. */
  readonly created: boolean;
  /** How many runs waited for it. */
  readonly waiting: number;
}

export interface ListSentEventsParams extends InOrganization {
  /** Of all names when there is none. */
  readonly name?: string;
  readonly limit: number;
  /** Older ones than this. */
  readonly beforeId?: string;
}

export interface EventServices {
  /** Resolves once it is durable and the runs that wait for it are told. Needs the scope `run`. */
  sendEvent(caller: Principal, params: SendEventParams): Promise<SentEvent>;
  /** Those that are kept, newest first. Needs the scope `manage`. */
  listSentEvents(caller: Principal, params: ListSentEventsParams): Promise<readonly ListedEvent[]>;
  /** With what was sent. Needs the scope `manage`. */
  getSentEvent(
    caller: Principal,
    params: InOrganization & { readonly eventId: string },
  ): Promise<ListedEvent & KeptEvent>;
}
