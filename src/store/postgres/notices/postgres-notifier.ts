import type { Clock } from '../../../core/ports/clock.js';
import type { Logger } from '../../../core/ports/logger.js';
import { errorMessage } from '../../../core/errors.js';
import type { Notifier, RunChange } from '../../../core/ports/notifier.js';
import { RunListeners } from '../../../core/notices/run-listeners.js';
import type { PostgresNotices } from './postgres-notices.js';

export interface PostgresNotifierOptions {
  readonly notices: PostgresNotices;
  /** The versions of these runs, those that are gone aside. */
  readonly readVersions: (runIds: readonly string[]) => Promise<ReadonlyMap<string, number>>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A notice that was lost costs so much. */
const LOOK_MS = 900;
const PER_QUERY = 1_000;

/**
 * For several processes on one database. Notices of others are hints that may be lost, so that it looks itself, for all
 * runs that somebody listens for at once: whoever listens need not look.
 */
export class PostgresNotifier implements Notifier {
  readonly recheckMs = null;
  readonly #options: PostgresNotifierOptions;
  readonly #listeners = new RunListeners();
  /** The newest versions that were told, of runs that somebody listened for at the latest look. */
  #told = new Map<string, number>();
  #cancelLook: () => void = () => undefined;
  #isClosed = false;

  constructor(options: PostgresNotifierOptions) {
    this.#options = options;
    options.notices.listen('run', ({ id, version }) => this.#tell({ runId: id, version, run: null }));
  }

  start(): void {
    this.#cancelLook = this.#options.clock.schedule(LOOK_MS, () => {
      void this.#look().finally(() => {
        if (!this.#isClosed) this.start();
      });
    });
  }

  publish(change: RunChange): void {
    this.#options.notices.publish({ topic: 'run', id: change.runId, version: change.version });
    this.#tell(change);
  }

  subscribe(params: Parameters<Notifier['subscribe']>[0]): () => void {
    return this.#listeners.subscribe(params);
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelLook();
  }

  #tell(change: RunChange): void {
    if (!this.#listeners.has(change.runId)) return;
    this.#told.set(change.runId, Math.max(change.version, this.#told.get(change.runId) ?? 0));
    this.#listeners.tell(change);
  }

  async #look(): Promise<void> {
    const { readVersions, logger } = this.#options;
    const runIds = [...this.#listeners.runIds()];
    const before = this.#told;
    this.#told = new Map(runIds.flatMap((id) => [[id, before.get(id) ?? 0] as const]));
    try {
      for (let from = 0; from < runIds.length; from += PER_QUERY) {
        const versions = await readVersions(runIds.slice(from, from + PER_QUERY));
        for (const [runId, version] of versions) {
          if (version > (this.#told.get(runId) ?? 0)) this.#tell({ runId, version, run: null });
        }
      }
    } catch (error) {
      logger.debug({ error: errorMessage(error) }, 'Runs that somebody waits for could not be looked at; trying again');
    }
  }
}
