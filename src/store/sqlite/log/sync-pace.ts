/** From here on a sync is slow enough for another to begin before it has ended. */
const SLOW_MS = 3;
/** Syncs that go on at once where they are slow. */
const MAX_AT_ONCE = 3;
/** Up to here a sync is fast enough to wait for it, and nothing waits longer. */
const MOMENT_MS = 1;
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

  /** How long to wait before the next one begins; null: until one ends. */
  waitMs(now: number): number | null {
    if (this.#under === 0) return 0;
    const atOnce = this.#averageMs < SLOW_MS ? 1 : MAX_AT_ONCE;
    if (this.#under >= atOnce) return null;
    return Math.max(0, this.#lastBegan + this.#averageMs / atOnce - now);
  }

  /** How long nothing else need go on until the next one has ended: 0 where they are not as fast, or one goes on. */
  get momentMs(): number {
    return this.#under === 0 && this.#averageMs < MOMENT_MS ? MOMENT_MS : 0;
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
