/** From here on a sync is slow enough for another to begin before it has ended. */
const SLOW_MS = 3;
/** Syncs that go on at once where they are slow. */
const MAX_AT_ONCE = 3;
/** Up to here a sync takes about as long as the way to a thread and back does where the processors are busy. */
const FAST_MS = 2;
/** A sync that takes so long holds up what else the process has to do. On a busy machine many a short one takes 10 ms. */
const STALL_MS = 25;
/** A longer sync weighs no more than this: enough for the next one not to be called fast. */
const MAX_WEIGHED_MS = 10;
/** So much takes a fast disk a while, too. Pages: 512 KiB. */
const MUCH = 128;
/** With so few works in a commit, the process has hardly anything else to do until they are durable. */
const FEW = 4;
/** After a commit of more works, so many small ones in a row show that the load is over. */
const SMALL_IN_A_ROW = 8;
/** After so long without a sync the disk may have become another. */
const STALE_MS = 1_000;
/** So many syncs without a stall show that the disk is fast just now: at first, and at most. */
const MIN_PROOF = 32;
const MAX_PROOF = 512;
/** How much of the average the newest sync makes. */
const WEIGHT = 0.2;

/**
 * When the next sync may begin, and whether the event loop may wait for it. A sync covers what was written before it
 * began, so where syncs are fast, one follows the other. Where they are slow, what comes in the midst of one would wait
 * for nearly two; so more than one go on at once, at even distances.
 */
export class SyncPace {
  #averageMs = 0;
  /** Of what the disk took. */
  #usualMs = 0;
  #lastBegan = Number.NEGATIVE_INFINITY;
  #under = 0;
  /** How many small commits must follow before the load counts as over. */
  #smallToGo = 0;
  #sinceStall = 0;
  /** How many syncs without a stall are asked for. Doubled by each that held up the event loop. */
  #proof = MIN_PROOF;

  /** How long to wait before the next one begins; null: until one ends. */
  waitMs(now: number): number | null {
    if (this.#under === 0) return 0;
    const atOnce = this.#averageMs < SLOW_MS ? 1 : MAX_AT_ONCE;
    if (this.#under >= atOnce) return null;
    return Math.max(0, this.#lastBegan + this.#averageMs / atOnce - now);
  }

  /** For each commit, of so many works and pages. */
  noteCommit(works: number, pages: number): void {
    this.#smallToGo = works > FEW || pages > MUCH ? SMALL_IN_A_ROW : Math.max(0, this.#smallToGo - 1);
  }

  /** Whether the event loop may make this sync itself: the disk has proved to be fast, and little else goes on. */
  begin(now: number): boolean {
    if (now - this.#lastBegan > STALE_MS) this.#sinceStall = 0;
    const isAlone = this.#under === 0 && this.#smallToGo === 0;
    this.#under += 1;
    this.#lastBegan = now;
    return isAlone && this.#usualMs < FAST_MS && this.#sinceStall >= this.#proof;
  }

  /** `diskMs`: what the disk took of it. */
  end({ tookMs, diskMs, isHere }: { tookMs: number; diskMs: number; isHere: boolean }): void {
    this.#under -= 1;
    this.#averageMs += (tookMs - this.#averageMs) * WEIGHT;
    this.#usualMs += (Math.min(diskMs, MAX_WEIGHED_MS) - this.#usualMs) * WEIGHT;
    if (diskMs < STALL_MS) {
      this.#sinceStall += 1;
      if (this.#sinceStall >= MAX_PROOF) this.#proof = MIN_PROOF;
      return;
    }
    this.#sinceStall = 0;
    if (isHere) this.#proof = Math.min(2 * this.#proof, MAX_PROOF);
  }
}
