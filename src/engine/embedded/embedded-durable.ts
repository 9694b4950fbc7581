import type { Clock } from '../../core/ports/clock.js';
import type { Durable } from '../../core/ports/engine.js';
import type { Json } from '../../core/json.js';
import type { RunMailbox } from '../../runner/drive/run-mailbox.js';

const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Durability inside one process. Outcomes are remembered in the run's own log, which the runner commits; `remembered` is what the log held
 * when this process took the run on.
 */
export class EmbeddedDurable implements Durable {
  readonly #clock: Clock;
  readonly #control: RunMailbox;
  readonly #remembered: Map<string, Json>;
  readonly #sleepers = new Set<() => void>();

  constructor(params: {
    readonly clock: Clock;
    readonly control: RunMailbox;
    readonly remembered: ReadonlyMap<string, Json>;
  }) {
    this.#clock = params.clock;
    this.#control = params.control;
    this.#remembered = new Map(params.remembered);
  }

  get cancelled(): AbortSignal {
    return this.#control.signal;
  }

  get left(): boolean {
    return this.#control.left;
  }

  async step<T extends Json>(key: string, work: () => Promise<T>): Promise<T> {
    const remembered = this.#remembered.get(key);
    if (remembered !== undefined) return remembered as T;
    const outcome = await work();
    this.#remembered.set(key, outcome);
    return outcome;
  }

  async recall<T extends Json>(key: string): Promise<T | null> {
    return (this.#remembered.get(key) as T | undefined) ?? null;
  }

  sleep(_key: string, until: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const { signal } = this.#control;
      let cancelTimer = (): void => undefined;
      const stop = (): void => {
        cancelTimer();
        this.#sleepers.delete(stop);
        signal.removeEventListener('abort', stop);
        reject(signal.reason instanceof Error ? signal.reason : new Error('The run has ended.'));
      };
      const wait = (): void => {
        const left = until - this.#clock.now();
        if (left > 0) {
          cancelTimer = this.#clock.schedule(Math.min(left, MAX_TIMER_MS), wait);
          return;
        }
        this.#sleepers.delete(stop);
        signal.removeEventListener('abort', stop);
        resolve();
      };
      if (signal.aborted) {
        stop();
        return;
      }
      this.#sleepers.add(stop);
      signal.addEventListener('abort', stop, { once: true });
      wait();
    });
  }

  /** Wakes every sleeper with an error: the run has ended. */
  close(): void {
    for (const stop of this.#sleepers) stop();
  }
}
