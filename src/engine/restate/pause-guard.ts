import type { Clock } from '../../core/ports/clock.js';
import type { NodeSlot, NodeSlotRequest, NodeSlots } from '../../core/ports/node-slots.js';

export interface PauseGuardOptions {
  readonly clock: Clock;
  /** Has the drivers leave the runs that are other processes' by now. Rejects when that cannot be found out. */
  readonly leaveLost: () => Promise<void>;
}

const TICK_MS = 500;
/** Sooner than this nobody takes a process for dead. */
const MAX_GAP_MS = 4_000;
const AGAIN_MS = 500;

/**
 * A process that was paused, or whose event loop stood still, does not notice by itself: what it had begun goes on, and
 * others may have done it meanwhile. So no work begins after a gap until it is known which runs are still this
 * process's.
 */
export class PauseGuard {
  readonly #options: PauseGuardOptions;
  #lastTick: number;
  #checking: Promise<void> | null = null;
  #cancelTick: () => void = () => undefined;
  #isStopped = false;

  constructor(options: PauseGuardOptions) {
    this.#options = options;
    this.#lastTick = options.clock.now();
  }

  start(): void {
    this.#notice();
    this.#cancelTick = this.#options.clock.schedule(TICK_MS, () => {
      if (!this.#isStopped) this.start();
    });
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelTick();
  }

  /** Slots that nobody gets after a gap before it is known what was lost in it. */
  guard(slots: NodeSlots): NodeSlots {
    return {
      take: (request) => {
        this.#notice();
        return this.#checking === null ? slots.take(request) : this.#takeLater(slots, request, this.#checking);
      },
    };
  }

  async #takeLater(slots: NodeSlots, request: NodeSlotRequest, checking: Promise<void>): Promise<NodeSlot> {
    await checking;
    request.signal.throwIfAborted();
    return slots.take(request);
  }

  #notice(): void {
    const now = this.#options.clock.now();
    const gap = now - this.#lastTick;
    this.#lastTick = now;
    if (gap < MAX_GAP_MS) return;
    this.#checking ??= this.#check().finally(() => (this.#checking = null));
  }

  async #check(): Promise<void> {
    const { clock, leaveLost } = this.#options;
    while (!this.#isStopped) {
      try {
        return await leaveLost();
      } catch {
        await new Promise<void>((resolve) => clock.schedule(AGAIN_MS, resolve));
      }
    }
  }
}
