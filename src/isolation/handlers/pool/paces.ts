/** A worker gets through calls as fast as the server makes them when it takes no longer for each. */
const SHORT_MS = 0.2;
/** How much of what is known is left after each batch. */
const KEPT = 0.9;
/** What little is known says nothing. */
const MIN_CALLS = 4;
const MAX_PACES = 10_000;

/**
 * How long workers take for the calls of one node. What is known is the time between two answers of a worker, divided by
 * the calls that came with the second: never less than the node computes.
 */
export class Pace {
  #ms = 0;
  #calls = 0;

  /** One of several calls that have come together, each after so long. */
  note(ms: number): void {
    this.#ms = this.#ms * KEPT + ms;
    this.#calls = this.#calls * KEPT + 1;
  }

  /** Whether to spread such calls over workers gains nothing. */
  get isShort(): boolean {
    return this.#calls >= MIN_CALLS && this.#ms < SHORT_MS * this.#calls;
  }
}

/** By `Task.source`. */
export class Paces {
  readonly #paces = new Map<string, Pace>();

  of(source: string): Pace {
    const known = this.#paces.get(source);
    if (known !== undefined) return known;
    const [oldest] = this.#paces.keys();
    if (this.#paces.size >= MAX_PACES && oldest !== undefined) this.#paces.delete(oldest);
    const pace = new Pace();
    this.#paces.set(source, pace);
    return pace;
  }
}
