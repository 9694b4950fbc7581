import type { Clock } from '../../core/ports/clock.js';
import type { Logger } from '../../core/ports/logger.js';
import type { DriveStore, WantedRun } from '../../core/ports/store/drive-store.js';
import type { RestateClient } from './calls/restate-client.js';

export interface LostCallsOptions {
  readonly store: DriveStore;
  readonly client: RestateClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly wake: (run: WantedRun) => void;
}

const EVERY_MS = 15_000;

const OVERDUE_MS = 20_000;
const PER_LOOK = 500;

/**
 * Calls that have runs and that Restate knows nothing of: its data was lost or is older than the database's, or
 * somebody has killed them. Nobody would make them again. A call that two looks in a row find so is given up, and its
 * runs are called for anew: between a claim and the end of its call, Restate knows of it. So are runs whose time has
 * come without a call.
 */
export class LostCalls {
  readonly #options: LostCallsOptions;
  #suspected: ReadonlySet<string> = new Set();
  #nextAt = 0;
  #overdueAt = 0;
  /** Where the next look at runs whose time has come begins: there may be very many, such as after a move. */
  #overdueAfter: string | null = null;

  constructor(options: LostCallsOptions) {
    this.#options = options;
  }

  async look(): Promise<void> {
    const now = this.#options.clock.now();
    if (now >= this.#nextAt) {
      this.#nextAt = now + EVERY_MS;
      await this.#giveUpLost();
    }
    if (now < this.#overdueAt) return;
    this.#overdueAt = now + EVERY_MS;
    await this.#wakeOverdue(now);
  }

  async #giveUpLost(): Promise<void> {
    const { store, client, logger, wake } = this.#options;
    const unknown = await client.listUnknown(await store.listCalls());
    const lost = unknown.filter((call) => this.#suspected.has(call));
    this.#suspected = new Set(unknown);
    for (const call of lost) {
      const runs = await store.abandon({ call });
      if (runs.length > 0)
        logger.warn({ call, runs: runs.length }, 'Restate has lost a call; its runs go on in another');
      for (const key of runs) wake({ ...key, epoch: null });
    }
  }

  async #wakeOverdue(now: number): Promise<void> {
    const { store, wake } = this.#options;
    const afterId = this.#overdueAfter;
    const overdue = await store.listOverdue({ before: now - OVERDUE_MS, afterId, limit: PER_LOOK });
    for (const key of overdue) wake({ ...key, epoch: null });
    this.#overdueAfter = overdue.length < PER_LOOK ? null : (overdue.at(-1)?.runId ?? null);
    if (this.#overdueAfter !== null) this.#overdueAt = now;
  }
}
