import { abortable } from '../abortable.js';

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

/** Resolves after the time, or at once when the signal aborts: whoever has a signal looks at it next. */
export function pause(clock: Clock, ms: number, signal?: AbortSignal | null): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const end = (): void => {
      cancelTimer();
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const cancelTimer = clock.schedule(ms, end);
    signal?.addEventListener('abort', end, { once: true });
  });
}

/** Resolves at `until` (epoch milliseconds), at once when that is past; rejects with what aborts the signal before. */
export function pauseUntil(clock: Clock, until: number, signal: AbortSignal): Promise<void> {
  return abortable(signal, (resolve) => {
    let cancelTimer = (): void => undefined;
    const wait = (): void => {
      const left = until - clock.now();
      if (left > 0) cancelTimer = clock.schedule(left, wait);
      else resolve();
    };
    wait();
    return () => cancelTimer();
  });
}

/** Where new ids come from: UUIDv7 in lower case, so that ids sort by the time of their making. */
export type NewId = () => string;

/** A number in [0, 1), for jitter. */
export type Random = () => number;
