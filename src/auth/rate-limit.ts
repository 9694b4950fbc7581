import type { Clock } from '../core/clock.js';
import type { RateLimiter } from '../core/rate-limiter.js';

/**
 * Lets through exactly `limit` calls of each id in any window of `windowMs`. Calls that are refused do not count. An id
 * that has made no call for a window is forgotten.
 */
export function createRateLimiter(params: {
  readonly clock: Pick<Clock, 'now'>;
  readonly limit: number;
  readonly windowMs: number;
}): RateLimiter & { readonly size: number } {
  const { clock, limit, windowMs } = params;
  /** When each id's calls were let through; the id whose last call is longest ago comes first. */
  const callsOf = new Map<string, CallTimes>();
  let readAt = clock.now();
  let elapsed = 0;

  /** Time that stands still where the clock goes back. */
  const now = (): number => {
    const at = clock.now();
    elapsed += Math.max(0, at - readAt);
    readAt = at;
    return elapsed;
  };

  const forgetIdle = (until: number): void => {
    for (const [id, calls] of callsOf) {
      if (calls.newest > until) return;
      callsOf.delete(id);
    }
  };

  return {
    get size() {
      return callsOf.size;
    },
    take(id) {
      const at = now();
      forgetIdle(at - windowMs);
      const calls = callsOf.get(id) ?? new CallTimes();
      calls.dropUntil(at - windowMs);
      if (calls.count >= limit) {
        const waitMs = limit > 0 ? calls.oldest + windowMs - at : windowMs;
        return { ok: false, retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) };
      }
      calls.push(at);
      callsOf.delete(id);
      callsOf.set(id, calls);
      return { ok: true };
    },
  };
}

/** A queue of moments, oldest first. */
class CallTimes {
  #times: number[] = [];
  #head = 0;

  get count(): number {
    return this.#times.length - this.#head;
  }

  get oldest(): number {
    return this.#times[this.#head] ?? 0;
  }

  get newest(): number {
    return this.#times.at(-1) ?? 0;
  }

  push(at: number): void {
    this.#times.push(at);
  }

  dropUntil(until: number): void {
    while (this.count > 0 && this.oldest <= until) this.#head++;
    if (this.#head > 32 && this.#head > this.#times.length / 2) {
      this.#times = this.#times.slice(this.#head);
      this.#head = 0;
    }
  }
}
