import type { Clock } from '../../core/ports/clock.js';

/**
 * Looks at something when it is told to, and by itself after as long as the look before has said. One look at a time:
 * one that is asked for during another comes right after it.
 */
export class Looks {
  readonly #clock: Pick<Clock, 'schedule'>;
  readonly #look: () => Promise<number>;
  #cancelNext: () => void = () => undefined;
  #underWay: Promise<unknown> = Promise.resolve();
  #isLooking = false;
  #isStale = false;
  #isStopped = false;

  /** `look` gives after how many milliseconds the next is due. It does not reject. */
  constructor({ clock, look }: { readonly clock: Pick<Clock, 'schedule'>; readonly look: () => Promise<number> }) {
    this.#clock = clock;
    this.#look = look;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  now(): void {
    this.#isStale = this.#isLooking;
    if (this.#isLooking || this.#isStopped) return;
    this.#cancelNext();
    this.#isLooking = true;
    this.#underWay = this.#look().then((delayMs) => {
      this.#isLooking = false;
      if (this.#isStale) this.now();
      else if (!this.#isStopped) this.#cancelNext = this.#clock.schedule(delayMs, () => this.now());
    });
  }

  /** Resolves once the look that is under way has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelNext();
    await this.#underWay;
  }
}
