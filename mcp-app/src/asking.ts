const MIN_PAUSE_MS = 500;
const MAX_PAUSE_MS = 60_000;

/** Asks again and again, seldom where it is refused, not while nobody looks, and no more once it is over. */
export class Asking {
  /** Gives the pause until it is to be asked again; null: no more. */
  readonly #ask: () => Promise<number | null>;
  readonly #onFault: (why: string) => void;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #failures = 0;
  #isOver = false;

  constructor(ask: () => Promise<number | null>, onFault: (why: string) => void) {
    this.#ask = ask;
    this.#onFault = onFault;
  }

  /** In the place of what is planned. */
  now(): void {
    this.#failures = 0;
    this.#soon(0);
  }

  stop(): void {
    this.#clear();
  }

  end(): void {
    this.#isOver = true;
    this.#clear();
  }

  #soon(ms: number): void {
    this.#clear();
    if (!this.#isOver && !document.hidden) this.#timer = setTimeout(() => void this.#askOnce(), ms);
  }

  #clear(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  async #askOnce(): Promise<void> {
    this.#timer = null;
    try {
      const pause = await this.#ask();
      this.#failures = 0;
      if (pause !== null && this.#timer === null) this.#soon(Math.max(MIN_PAUSE_MS, pause));
    } catch (error) {
      this.#failures += 1;
      this.#onFault(error instanceof Error ? error.message : String(error));
      this.#soon(Math.min(MAX_PAUSE_MS, 1_000 * 2 ** this.#failures));
    }
  }
}
