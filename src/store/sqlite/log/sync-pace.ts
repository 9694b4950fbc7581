/** From here on a sync is slow enough for another to begin before it has ended. */
const SLOW_MS = 3;
/** Syncs that go on at once where they are slow. */
const MAX_AT_ONCE = 3;
/** Up to here a sync is fast enough to wait for it, and nothing waits longer. */
const MOMENT_MS = 1;
/** Up to here a sync takes little longer than waking a thread: it is polled for, for this long at most. */
const AWAKE_MS = 0.25;
/** With so few works in a commit, the process has hardly anything else to do until they are durable. */
const FEW = 4;
/** After a commit of more works, so many small ones in a row show that the load is over. */
const SMALL_IN_A_ROW = 8;
/** How much of the average the newest sync makes. */
const WEIGHT = 0.2;

/**
 * When the next sync may begin. A sync covers what was written before it began, so where syncs are fast, one follows
 * the other. Where they are slow, what comes in the midst of one would wait for nearly two; so more than one go on at
 * once, at even distances.
 */
export class SyncPace {
  #averageMs = 0;
  #lastBegan = Number.NEGATIVE_INFINITY;
  #under = 0;
  /** How many small commits must follow before the load counts as over. */
  #smallToGo = 0;

  /** How long to wait before the next one begins; null: until one ends. */
  waitMs(now: number): number | null {
    if (this.#under === 0) return 0;
    const atOnce = this.#averageMs < SLOW_MS ? 1 : MAX_AT_ONCE;
    if (this.#under >= atOnce) return null;
    return Math.max(0, this.#lastBegan + this.#averageMs / atOnce - now);
  }

  /** How long the process may block for the next sync: 0 where syncs are slower, or there is other work to do. */
  get momentMs(): number {
    return this.#under === 0 && this.#smallToGo === 0 && this.#averageMs < MOMENT_MS ? MOMENT_MS : 0;
  }

  /** The part of that moment in which it polls. */
  get awakeMs(): number {
    return this.#averageMs < AWAKE_MS ? AWAKE_MS : 0;
  }

  /** For each commit, of so many works. */
  noteCommit(works: number): void {
    this.#smallToGo = works > FEW ? SMALL_IN_A_ROW : Math.max(0, this.#smallToGo - 1);
  }

  begin(now: number): void {
    this.#under += 1;
    this.#lastBegan = now;
  }

  end(tookMs: number): void {
    this.#under -= 1;
    this.#averageMs += (tookMs - this.#averageMs) * WEIGHT;
  }
}
