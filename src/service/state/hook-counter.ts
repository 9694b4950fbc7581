import { errorMessage } from '../../core/errors.js';
import { addHookCounts, type HookCounts } from '../../core/hooks/hook.js';
import type { Clock } from '../../core/ports/clock.js';
import type { Logger } from '../../core/ports/logger.js';
import type { HookId } from '../../core/ports/store/hooks/hook-store.js';
import type { Store } from '../../core/ports/store/store.js';

const WRITE_AFTER_MS = 1_000;

/** Counts what comes to hooks, and writes it down once a second at most: a flood of requests is none of writes. */
export class HookCounter {
  readonly #store: Pick<Store, 'hooks'>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #waiting = new Map<string, HookId & { readonly counts: HookCounts }>();
  #cancelTimer: (() => void) | null = null;
  #writing: Promise<void> = Promise.resolve();

  constructor(params: { readonly store: Pick<Store, 'hooks'>; readonly clock: Clock; readonly logger: Logger }) {
    this.#store = params.store;
    this.#clock = params.clock;
    this.#logger = params.logger;
  }

  add({ id, organizationId }: HookId, counts: HookCounts): void {
    const earlier = this.#waiting.get(id)?.counts;
    const sum = earlier === undefined ? counts : addHookCounts(earlier, counts);
    this.#waiting.set(id, { id, organizationId, counts: sum });
    this.#cancelTimer ??= this.#clock.schedule(WRITE_AFTER_MS, () => void this.write());
  }

  /** Resolves once all that was counted is written. */
  write(): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    const waiting = this.#waiting;
    this.#waiting = new Map();
    this.#writing = this.#writing.then(() => this.#writeAll(waiting));
    return this.#writing;
  }

  async #writeAll(waiting: ReadonlyMap<string, HookId & { readonly counts: HookCounts }>): Promise<void> {
    for (const counts of waiting.values()) {
      await this.#store.hooks.count(counts).catch((error: unknown) => {
        this.#logger.warn({ hook: counts.id, error: errorMessage(error) }, 'Deliveries to a hook could not be counted');
      });
    }
  }

  async stop(): Promise<void> {
    await this.write();
  }
}
