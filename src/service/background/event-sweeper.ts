import { errorMessage } from '../../core/errors.js';
import { type Clock, pause } from '../../core/ports/clock.js';
import type { Engine } from '../../core/ports/engine.js';
import type { Logger } from '../../core/ports/logger.js';
import type { Store } from '../../core/ports/store/store.js';

export interface EventSweeperOptions {
  readonly store: Pick<Store, 'events'>;
  readonly engine: Pick<Engine, 'look'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whether other processes drive runs too: only then can one be sent to a run that nobody is told of. */
  readonly isShared: boolean;
}

const LOOK_EVERY_MS = 5_000;
/** Where there is only what has expired to look for. */
const PURGE_EVERY_MS = 600_000;
const PER_LOOK = 500;
const PER_STEP = 200;
/** Between two steps others get their turn. */
const PAUSE_MS = 10;

/** Tells runs of events that whoever sent them died before telling, and removes those that have expired. */
export class EventSweeper {
  readonly #options: EventSweeperOptions;
  #cancelNext: () => void = () => undefined;
  #pass: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: EventSweeperOptions) {
    this.#options = options;
  }

  start(): void {
    const { clock, isShared } = this.#options;
    this.#cancelNext = clock.schedule(isShared ? LOOK_EVERY_MS : PURGE_EVERY_MS, () => {
      this.#pass = this.runOnce()
        .catch((error: unknown) => {
          this.#options.logger.warn({ error: errorMessage(error) }, 'Events could not be looked at; trying again');
        })
        .finally(() => {
          if (!this.#stopped) this.start();
        });
    });
  }

  /** Resolves once the step that is under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelNext();
    await this.#pass;
  }

  async runOnce(): Promise<void> {
    const { store, engine, clock, isShared } = this.#options;
    const now = clock.now();
    const untold = isShared ? await store.events.listUntold({ now, limit: PER_LOOK }) : [];
    for (const run of untold) await engine.look(run);
    while (!this.#stopped && (await store.events.purge({ now, limit: PER_STEP }))) await pause(clock, PAUSE_MS);
  }
}
