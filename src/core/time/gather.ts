import type { Clock } from '../ports/clock.js';

interface Apart {
  readonly ms: number;
  readonly clock: Clock;
}

/** What is asked for within a turn of the event loop is done together, in parts of at most `most`. */
export class Gather<T> {
  readonly #work: (items: readonly T[]) => Promise<void>;
  readonly #most: number;
  readonly #atOnce: number;
  readonly #apart: Apart | null;
  #waiting: { readonly item: T; readonly resolve: () => void; readonly reject: (error: unknown) => void }[] = [];
  #underWay = 0;
  #isScheduled = false;
  /** Until it ends, the next part begins only when it is full, or when none is under way. */
  #endPause: (() => void) | null = null;

  /**
   * `atOnce`: so many parts are under way at the same time. `apart`: while one is, the next begins so long after it at
   * the earliest, unless it is full, so that more share it.
   */
  constructor(params: {
    readonly most: number;
    readonly atOnce: number;
    readonly apart?: Apart;
    readonly work: (items: readonly T[]) => Promise<void>;
  }) {
    this.#work = params.work;
    this.#most = params.most;
    this.#atOnce = params.atOnce;
    this.#apart = params.apart ?? null;
  }

  add(item: T): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#isScheduled || this.#underWay >= this.#atOnce) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#pump();
    });
  }

  #pump(): void {
    while (this.#waiting.length > 0 && this.#underWay < this.#atOnce) {
      if (this.#endPause !== null && this.#underWay > 0 && this.#waiting.length < this.#most) return;
      this.#keepApart();
      const part = this.#waiting.splice(0, this.#most);
      this.#underWay += 1;
      this.#work(part.map(({ item }) => item))
        .then(
          () => part.forEach(({ resolve }) => resolve()),
          (error: unknown) => part.forEach(({ reject }) => reject(error)),
        )
        .finally(() => {
          this.#underWay -= 1;
          this.#schedule();
        })
        .catch(() => undefined);
    }
  }

  #keepApart(): void {
    if (this.#apart === null) return;
    const { ms, clock } = this.#apart;
    this.#endPause?.();
    this.#endPause = clock.schedule(ms, () => {
      this.#endPause = null;
      this.#schedule();
    });
  }
}
