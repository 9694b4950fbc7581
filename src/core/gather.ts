/** What is asked for within a turn of the event loop is done together, in parts of at most `most`. */
export class Gather<T> {
  readonly #work: (items: readonly T[]) => Promise<void>;
  readonly #most: number;
  readonly #atOnce: number;
  #waiting: { readonly item: T; readonly resolve: () => void; readonly reject: (error: unknown) => void }[] = [];
  #underWay = 0;
  #isScheduled = false;

  /** `atOnce`: so many parts are under way at the same time. */
  constructor(params: {
    readonly most: number;
    readonly atOnce: number;
    readonly work: (items: readonly T[]) => Promise<void>;
  }) {
    this.#work = params.work;
    this.#most = params.most;
    this.#atOnce = params.atOnce;
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
}
