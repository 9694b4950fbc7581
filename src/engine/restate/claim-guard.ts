import { abortable, unlessAborted } from '../../core/abortable.js';
import { type Clock, pause } from '../../core/ports/clock.js';
import { Gather } from '../../core/time/gather.js';
import type { RunClaims } from '../../runner/ports/run-claims.js';
import type { LazyAbort } from '../../runner/timing/lazy-abort.js';

export interface ClaimGuardOptions {
  readonly clock: Clock;
  /** Of which moment it is known that a run was this process's. */
  readonly knownAt: (runId: string) => number;
  /**
   * Finds out which of these runs are not this process's any more, and has their drivers leave them. Rejects when that
   * cannot be found out.
   */
  readonly findLost: (runIds: readonly string[]) => Promise<ReadonlySet<string>>;
}

interface Asked {
  readonly runId: string;
  isLost: boolean;
}

const AGAIN_MS = 500;
const ASK_TOGETHER = 500;

/**
 * A process whose runs others were given does not notice by itself: it was paused, its event loop stood still, or the way
 * to the database was slow. So no work begins on what was known of its run long ago: what others have done meanwhile would
 * be done once more.
 */
export class ClaimGuard implements RunClaims {
  /** What is known of a run for longer than this is asked again before more of its work begins. */
  readonly freshMs = 1_000;
  readonly #options: ClaimGuardOptions;
  readonly #asking: Gather<Asked>;
  #isStopped = false;

  constructor(options: ClaimGuardOptions) {
    this.#options = options;
    this.#asking = new Gather({ most: ASK_TOGETHER, atOnce: 2, work: (asked) => this.#ask(asked) });
  }

  /** What cannot be found out any more does not begin. */
  stop(): void {
    this.#isStopped = true;
  }

  confirm(runId: string, abort: LazyAbort): Promise<void> | null {
    const { clock, knownAt } = this.#options;
    const age = clock.now() - knownAt(runId);
    // The clock may be set back.
    return age >= 0 && age < this.freshMs ? null : this.#findOut(runId, abort);
  }

  /**
   * An answer that was long in coming is asked for once more: the process may have been paused meanwhile. Each time it
   * may take twice as long: the database may be slow, too.
   */
  async #findOut(runId: string, abort: LazyAbort): Promise<void> {
    const { clock } = this.#options;
    for (let withinMs = this.freshMs; ; withinMs *= 2) {
      const askedAt = clock.now();
      const asked: Asked = { runId, isLost: false };
      await unlessAborted(abort.signal, this.#asking.add(asked));
      // Its driver is leaving it.
      if (asked.isLost) return abortable(abort.signal, () => () => undefined);
      if (clock.now() - askedAt < withinMs) return;
    }
  }

  async #ask(asked: readonly Asked[]): Promise<void> {
    const { clock, findLost } = this.#options;
    for (;;) {
      try {
        const lost = await findLost([...new Set(asked.map(({ runId }) => runId))]);
        for (const one of asked) one.isLost = lost.has(one.runId);
        return;
      } catch {
        if (this.#isStopped) return asked.forEach((one) => (one.isLost = true));
        await pause(clock, AGAIN_MS);
      }
    }
  }
}
