import type { Clock } from '../../core/ports/clock.js';
import type { DriveStore, WantedRun } from '../../core/ports/store/drive-store.js';

const PER_LOOK = 500;
/** After how long a call is asked for again: many runs may wait in calls that no process has had time for. */
const AGAIN_MS = 10_000;

/**
 * Runs that were recorded, and whose call was never made, as a process died between the two. A run that two looks in a
 * row find is taken for one.
 */
export class UnclaimedRuns {
  readonly #store: DriveStore;
  readonly #clock: Clock;
  readonly #wake: (run: WantedRun) => void;
  /** When each run that the last look has found was asked for; null for one that it has found first. */
  #found = new Map<string, number | null>();

  constructor(params: { readonly store: DriveStore; readonly clock: Clock; readonly wake: (run: WantedRun) => void }) {
    this.#store = params.store;
    this.#clock = params.clock;
    this.#wake = params.wake;
  }

  async look(): Promise<void> {
    const now = this.#clock.now();
    const found = new Map<string, number | null>();
    for (const key of await this.#store.listUnclaimed({ limit: PER_LOOK })) {
      const askedAt = this.#found.get(key.runId);
      const isDue = askedAt === null || (askedAt !== undefined && askedAt <= now - AGAIN_MS);
      if (isDue) this.#wake({ ...key, epoch: null });
      found.set(key.runId, isDue ? now : (askedAt ?? null));
    }
    this.#found = found;
  }
}
