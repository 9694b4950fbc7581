import type { Clock } from '../../core/ports/clock.js';
import type { RateLimiter } from '../../core/ports/rate-limiter.js';

/** How many ids are remembered is for tests. */
type Limiter = RateLimiter & Required<Pick<RateLimiter, 'look'>> & { readonly size: number };

interface LimitParams {
  readonly clock: Pick<Clock, 'now'>;
  readonly limit: number;
  readonly windowMs: number;
}

/**
 * Lets through exactly `limit` calls of each id in any window of `windowMs`. Calls that are refused do not count. An id
 * that has made no call for a window is forgotten. Remembers the moment of every call: for low limits.
 */
export function createRateLimiter(params: LimitParams): Limiter {
  const { limit, windowMs } = params;
  const now = steadyTime(params.clock);
  /** When each id's calls were let through; the id whose last call is longest ago comes first. */
  const callsOf = new Map<string, CallTimes>();

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
        return refusal(limit > 0 ? calls.oldest + windowMs - at : windowMs);
      }
      calls.push(at);
      callsOf.delete(id);
      callsOf.set(id, calls);
      return { ok: true };
    },
    giveBack: (id) => callsOf.get(id)?.pop(),
    look(id) {
      const at = now();
      const calls = callsOf.get(id);
      calls?.dropUntil(at - windowMs);
      const count = calls?.count ?? 0;
      const waitMs = calls === undefined || count === 0 ? 0 : calls.oldest + windowMs - at;
      return { limit, remaining: Math.max(0, limit - count), resetAt: params.clock.now() + waitMs };
    },
  };
}

/**
 * Lets through `limit` calls of each id at once, and `limit` in each `windowMs` from then on, spread evenly: a bucket
 * that drains at that rate. Calls that are refused do not count. Two numbers per id, whatever the limit: for high
 * limits, where it does not matter that a window which begins with a full burst may see up to twice as many.
 */
export function createBurstLimiter(params: LimitParams): Limiter {
  const { limit, windowMs } = params;
  const now = steadyTime(params.clock);
  // A call puts `windowMs` into the bucket and each millisecond takes `limit` out, which keeps all of it in whole
  // numbers.
  const capacity = limit * windowMs;
  const buckets = new Map<string, { level: number; at: number }>();
  let sweepAt = windowMs;

  /** A bucket that was left alone for a window is empty, and so as good as none. */
  const forgetIdle = (at: number): void => {
    sweepAt = at + windowMs;
    for (const [id, bucket] of buckets) if (bucket.at <= at - windowMs) buckets.delete(id);
  };

  return {
    get size() {
      return buckets.size;
    },
    take(id) {
      const at = now();
      if (at >= sweepAt) forgetIdle(at);
      const bucket = buckets.get(id);
      const left = bucket === undefined ? 0 : Math.max(0, bucket.level - (at - bucket.at) * limit);
      const level = left + windowMs;
      if (level > capacity) return refusal(limit > 0 ? (level - capacity) / limit : windowMs);
      if (bucket === undefined) {
        buckets.set(id, { level, at });
      } else {
        bucket.level = level;
        bucket.at = at;
      }
      return { ok: true };
    },
    look(id) {
      const at = now();
      const bucket = buckets.get(id);
      const level = bucket === undefined ? 0 : Math.max(0, bucket.level - (at - bucket.at) * limit);
      const remaining = Math.floor((capacity - level) / windowMs);
      // When one more call fits than now.
      const waitMs = level === 0 ? 0 : Math.ceil((level - (capacity - (remaining + 1) * windowMs)) / limit);
      return { limit, remaining, resetAt: params.clock.now() + waitMs };
    },
  };
}

/** Milliseconds since now, standing still where the clock goes back. */
function steadyTime(clock: Pick<Clock, 'now'>): () => number {
  let readAt = clock.now();
  let elapsed = 0;
  return () => {
    const at = clock.now();
    elapsed += Math.max(0, at - readAt);
    readAt = at;
    return elapsed;
  };
}

function refusal(waitMs: number): { readonly ok: false; readonly retryAfterSeconds: number } {
  return { ok: false, retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) };
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

  /** Takes the newest away. */
  pop(): void {
    if (this.count > 0) this.#times.pop();
  }

  dropUntil(until: number): void {
    while (this.count > 0 && this.oldest <= until) this.#head++;
    if (this.#head > 32 && this.#head > this.#times.length / 2) {
      this.#times = this.#times.slice(this.#head);
      this.#head = 0;
    }
  }
}
