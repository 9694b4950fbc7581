import { abortable } from '../../core/abortable.js';
import { type Clock, pause } from '../../core/ports/clock.js';
import { Gather } from '../../core/time/gather.js';
import type { NodeSlot, NodeSlotRequest, NodeSlots } from '../../core/ports/node-slots.js';

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

/** What is known of a run for longer than this is asked again before more of its work begins. */
const FRESH_MS = 1_000;
const AGAIN_MS = 500;
const ASK_TOGETHER = 500;

/**
 * A process whose runs others were given does not notice by itself: it was paused, its event loop stood still, or the way
 * to the database was slow. So no work begins on what was known of its run long ago: what others have done meanwhile would
 * be done once more.
 */
export class ClaimGuard {
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

  guard(slots: NodeSlots): NodeSlots {
    return {
      take: (request) => (this.#isFresh(request.runId) ? slots.take(request) : this.#takeOnceKnown(slots, request)),
    };
  }

  #isFresh(runId: string): boolean {
    const { clock, knownAt } = this.#options;
    const at = knownAt(runId);
    return at === null || clock.now() - at < FRESH_MS;
  }

  async #takeOnceKnown(slots: NodeSlots, request: NodeSlotRequest): Promise<NodeSlot> {
    const { runId, signal } = request;
    await this.#asking.add(runId);
    signal.throwIfAborted();
    // Its driver is leaving it.
    if (this.#lost.has(runId)) await abortable(signal, () => () => this.#lost.delete(runId));
    return slots.take(request);
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
