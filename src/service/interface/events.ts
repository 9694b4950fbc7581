import type { KeptEvent } from '../../core/events/kept-event.js';
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

export interface EventServices {
  /** Resolves once it is durable and the runs that wait for it are told. Needs the scope `run`. */
  sendEvent(caller: Principal, params: SendEventParams): Promise<SentEvent>;
}
