import type { Clock } from '../../../core/ports/clock.js';
import { isTerminal, type Run } from '../../../core/run/run.js';

/** A run may change hundreds of times a second; nobody reads more than this. */
export const MIN_INTERVAL_MS = 250;

/** Passes a run's records on, not more often than they can be read: the newest each time, and its end at once. */
export class Throttle {
  readonly #clock: Clock;
  readonly #tell: (run: Run) => void;
  #latest: Run | null = null;
  #cancelTimer: (() => void) | null = null;

  constructor(clock: Clock, tell: (run: Run) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  take(run: Run): void {
    if (isTerminal(run.status)) this.stop();
    if (this.#cancelTimer !== null) {
      this.#latest = run;
      return;
    }
    this.#tell(run);
    if (isTerminal(run.status)) return;
    this.#cancelTimer = this.#clock.schedule(MIN_INTERVAL_MS, () => {
      this.#cancelTimer = null;
      const latest = this.#latest;
      this.#latest = null;
      if (latest !== null) this.take(latest);
    });
  }

  stop(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    this.#latest = null;
  }
}
