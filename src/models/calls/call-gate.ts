import { pauseUntil, type Clock } from '../../core/ports/clock.js';
import { CallQueue } from '../../admission/call-queue.js';
import { modelFailure } from '../provider/to-failure.js';

/** Calls to a model that asked for less than this are held back that long; those that asked for more fail at once. */
const SHORT_WAIT_MS = 5_000;

/** Who shares a provider's limits: all runs that use one key for one model. */
export interface GatePlace {
  /** `provider/model`. */
  readonly name: string;
  readonly provider: string;
  readonly model: string;
  /** Stands for the key. */
  readonly account: string;
}

export interface GateLimits {
  readonly requestsPerMinute: number | null;
  readonly concurrency: number | null;
}

/**
 * Where all model calls of the process pass, so that what a provider tells one run holds for all: after a 429 nobody
 * asks it again before the time that it named, and no more calls go out than its declaration allows.
 */
export class CallGate {
  readonly #clock: Clock;
  /** Until when, by place. */
  readonly #closed = new Map<string, number>();
  readonly #queues = new Map<string, CallQueue>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Resolves when the call may go out, with what is to be called when it has ended. Throws `model_rate_limited`, or
   * what aborted the signal.
   */
  async enter(params: {
    readonly place: GatePlace;
    readonly limits: GateLimits;
    readonly organizationId: string;
    readonly signal: AbortSignal;
  }): Promise<() => void> {
    const { place, limits, organizationId, signal } = params;
    for (;;) {
      await this.#waitUntilOpen(place, signal);
      if (limits.requestsPerMinute === null && limits.concurrency === null) return () => undefined;
      const leave = await this.#queueOf(place, limits).enter({ group: organizationId, signal });
      if (this.#closedFor(place) === 0) return leave;
      leave({ unused: true });
    }
  }

  /** After a 429. */
  close(place: GatePlace, forMs: number): void {
    const key = gateKey(place);
    const until = this.#clock.now() + forMs;
    if (until > (this.#closed.get(key) ?? 0)) this.#closed.set(key, until);
  }

  async #waitUntilOpen(place: GatePlace, signal: AbortSignal): Promise<void> {
    for (let left = this.#closedFor(place); left > 0; left = this.#closedFor(place)) {
      if (left >= SHORT_WAIT_MS) {
        const message = `${place.name} is not asked: it answered 429 before and is to be left alone for another ${Math.ceil(left / 1_000)} s`;
        throw modelFailure('model_rate_limited', message, left);
      }
      await pauseUntil(this.#clock, this.#clock.now() + left, signal);
    }
  }

  /** Milliseconds; 0 when it is open. */
  #closedFor(place: GatePlace): number {
    const key = gateKey(place);
    const until = this.#closed.get(key);
    if (until === undefined) return 0;
    const left = until - this.#clock.now();
    if (left <= 0) this.#closed.delete(key);
    return Math.max(0, left);
  }

  #queueOf({ provider, account }: GatePlace, limits: GateLimits): CallQueue {
    const key = `${provider} ${account}`;
    let queue = this.#queues.get(key);
    if (queue === undefined) {
      queue = new CallQueue(this.#clock, () => this.#queues.delete(key));
      this.#queues.set(key, queue);
    }
    queue.limit(limits);
    return queue;
  }
}

function gateKey({ name, account }: GatePlace): string {
  return `${name} ${account}`;
}
