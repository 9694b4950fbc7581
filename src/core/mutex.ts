/** Work that must not overlap: each waits for what came before it. */
export class Mutex {
  #last: Promise<unknown> = Promise.resolve();

  /** Never waits for work that it was called from: that would be for ever. */
  take<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}
