/** How much of the average the newest wait makes. */
const WEIGHT = 0.1;
/** A turn of the event loop that takes longer has other work: here, or elsewhere, for which the system held it up. */
const LONG_TURN_MS = 0.1;

/**
 * Keeps the event loop from falling asleep while something is likely to come within a moment: to be woken takes about as
 * long as a short call does. The loop turns meanwhile, so nothing waits for this. Where what is awaited takes longer, or
 * where there is other work to do, the loop sleeps as ever.
 */
export class Awake {
  readonly #momentMs: number;
  readonly #now: () => number;
  #averageMs = 0;
  /** Since when something is awaited. */
  #since: number | null = null;
  #turnedAt = 0;
  #isTurning = false;
  readonly #turn = (): void => {
    this.#isTurning = false;
    if (this.#since === null) return;
    const now = this.#now();
    const isOver = now - this.#turnedAt > LONG_TURN_MS || now - this.#since > this.#momentMs;
    if (isOver) this.#note(Number.POSITIVE_INFINITY);
    else this.#goOn(now);
  };

  /** `momentMs`: within which it is likely to come. `now`: milliseconds that only grow. */
  constructor(momentMs: number, now = (): number => performance.now()) {
    this.#momentMs = momentMs;
    this.#now = now;
  }

  /** Whether the loop is kept from sleeping. */
  get isTurning(): boolean {
    return this.#isTurning;
  }

  /** Something may come now. */
  expect(): void {
    const now = this.#now();
    this.#since = now;
    if (this.#averageMs <= this.#momentMs) this.#goOn(now);
  }

  /** It has come. */
  came(): void {
    if (this.#since !== null) this.#note(this.#now() - this.#since);
  }

  /** However long it took, a few short waits later it may be short again. */
  #note(waitMs: number): void {
    this.#since = null;
    this.#averageMs += (Math.min(waitMs, 5 * this.#momentMs) - this.#averageMs) * WEIGHT;
  }

  #goOn(now: number): void {
    this.#turnedAt = now;
    if (this.#isTurning) return;
    this.#isTurning = true;
    setImmediate(this.#turn);
  }
}
