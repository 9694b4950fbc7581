import { errorMessage } from '../../core/errors.js';
import { Mutex } from '../../core/mutex.js';
import type { Clock } from '../../core/ports/clock.js';
import type { Logger } from '../../core/ports/logger.js';
import type { Store } from '../../core/ports/store/store.js';
import type { Catalog } from '../state/catalog.js';

/** How processes on one database tell each other that something was published. Any of it may be lost. */
export interface PublicationHints {
  tell(): void;
  listen(listener: () => void): void;
}

export interface PublishedWorkflowsOptions {
  readonly store: Pick<Store, 'publications'>;
  readonly catalog: Catalog;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Null where this process has the records to itself. */
  readonly hints: PublicationHints | null;
}

/** What others publish is looked for so often. */
const EVERY_MS = 800;

/** Keeps what can be started as the store has it. */
export class PublishedWorkflows {
  readonly #options: PublishedWorkflowsOptions;
  readonly #turns = new Mutex();
  #seen = 0;
  #isOver = false;
  #cancel: () => void = () => undefined;

  constructor(options: PublishedWorkflowsOptions) {
    this.#options = options;
  }

  /** Resolves once what is published now can be started. */
  async refresh(): Promise<void> {
    await this.#turns.take(() => this.#look());
  }

  /** After something was published here: resolves once it holds, and tells the others. */
  async changed(): Promise<void> {
    await this.refresh();
    this.#options.hints?.tell();
  }

  async start(): Promise<void> {
    await this.refresh();
    const { hints } = this.#options;
    if (hints === null) return;
    hints.listen(() => void this.#refreshSafely());
    this.#lookLater();
  }

  /** Resolves once what is under way has ended. */
  async stop(): Promise<void> {
    this.#isOver = true;
    this.#cancel();
    await this.#turns.take(async () => undefined);
  }

  #lookLater(): void {
    const look = async (): Promise<void> => {
      await this.#refreshSafely();
      if (!this.#isOver) this.#lookLater();
    };
    this.#cancel = this.#options.clock.schedule(EVERY_MS, () => void look());
  }

  async #refreshSafely(): Promise<void> {
    if (this.#isOver) return;
    // What cannot be read now is read the next time.
    await this.refresh().catch((error: unknown) => {
      this.#options.logger.debug({ error: errorMessage(error) }, 'Published workflows cannot be read just now');
    });
  }

  async #look(): Promise<void> {
    const { store, catalog, logger } = this.#options;
    const latest = await store.publications.latest();
    if (latest === this.#seen) return;
    const unusable = await catalog.setPublished(await store.publications.listPublished());
    this.#seen = latest;
    for (const { organizationId, workflowId, version, reason } of unusable)
      logger.error({ organizationId, workflowId, version, reason }, 'A published workflow cannot be taken');
    if (latest > 0) logger.info({ publication: latest }, 'Published workflows were taken on');
  }
}
