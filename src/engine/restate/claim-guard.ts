import { type Clock, pause } from '../../core/ports/clock.js';
import { Gather } from '../../core/time/gather.js';
import type { RunClaims } from '../../runner/ports/run-claims.js';
import type { LazyAbort } from '../../runner/timing/lazy-abort.js';

export interface ClaimGuardOptions {
  readonly clock: Clock;
  /** Of which moment it is known that a run was this process's; null where no call has given it the run. */
  readonly knownAt: (runId: string) => number | null;
  /**
   * Finds out which of these runs are another's by now, and has their drivers leave them. Rejects when that cannot be
   * found out.
   */
  readonly findLost: (runIds: readonly string[]) => Promise<ReadonlySet<string>>;
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
  readonly #asking: Gather<string>;
  /** Runs that are another's, or may be, until their drivers have left them. */
  readonly #lost = new Set<string>();
  #isStopped = false;

  constructor(options: ClaimGuardOptions) {
    this.#options = options;
    this.#asking = new Gather({ most: ASK_TOGETHER, atOnce: 2, work: (runIds) => this.#ask(runIds) });
  }

  /** What cannot be found out any more does not begin. */
  stop(): void {
    this.#isStopped = true;
  }

  confirm(runId: string, abort: LazyAbort): Promise<void> | null {
    const { clock, knownAt } = this.#options;
    const at = knownAt(runId);
    return at === null || clock.now() - at < this.freshMs ? null : this.#findOut(runId, abort);
  }

  async #findOut(runId: string, abort: LazyAbort): Promise<void> {
    const { clock } = this.#options;
    let askedAt: number;
    do {
      askedAt = clock.now();
      await this.#asking.add(runId);
      if (abort.reason !== null) throw abort.reason;
      // Its driver is leaving it.
      if (this.#lost.has(runId)) return this.#waitForEnd(runId, abort);
      // The process may have been paused while it asked.
    } while (clock.now() - askedAt >= this.freshMs);
  }

  #waitForEnd(runId: string, abort: LazyAbort): Promise<never> {
    return new Promise((_, reject) => {
      abort.onAbort((reason) => {
        this.#lost.delete(runId);
        reject(reason);
      });
    });
  }

  async #ask(runIds: readonly string[]): Promise<void> {
    const { clock, findLost } = this.#options;
    for (;;) {
      try {
        const lost = await findLost(runIds);
        for (const runId of runIds) {
          if (lost.has(runId)) this.#lost.add(runId);
          else this.#lost.delete(runId);
        }
        return;
      } catch {
        if (this.#isStopped) return runIds.forEach((runId) => this.#lost.add(runId));
        await pause(clock, AGAIN_MS);
      }
    }
  }
}
