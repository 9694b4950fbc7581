/** Time, as the program is given it. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /**
   * Calls `wake` once, when `delayMs` have passed: by the clock, also where the machine slept or the clock was set
   * forward (then up to 10 seconds late), or in fact, where the clock was set back. Whoever waits for a moment and must
   * not be early looks at `now` again. Returns what undoes it.
   */
  schedule(delayMs: number, wake: () => void): () => void;
}

export function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.schedule(ms, resolve));
}

/** Resolves at `until` (epoch milliseconds), at once when that is past; rejects with the reason of the signal when it aborts before. */
export function pauseUntil(clock: Clock, until: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    let cancelTimer = (): void => undefined;
    const stop = (): void => {
      cancelTimer();
      reject(signal.reason instanceof Error ? signal.reason : new Error('The wait was ended'));
    };
    const wait = (): void => {
      const left = until - clock.now();
      if (left > 0) {
        cancelTimer = clock.schedule(left, wait);
        return;
      }
      signal.removeEventListener('abort', stop);
      resolve();
    };
    if (signal.aborted) {
      stop();
      return;
    }
    signal.addEventListener('abort', stop, { once: true });
    wait();
  });
}

/** Where new ids come from: UUIDv7 in lower case, so that ids sort by the time of their making. */
export type NewId = () => string;

/** A number in [0, 1), for jitter. */
export type Random = () => number;
