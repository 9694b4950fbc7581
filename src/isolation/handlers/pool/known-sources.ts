const KNOWN_FOR_MS = 600_000;
/** What is added again and again is noted so often. */
const NOTE_EVERY_MS = 1_000;
const MAX_KNOWN = 10_000;

/** What has done something lately, by `Task.source`: has ended well or has ended a worker, or has computed without giving way. */
export class KnownSources {
  readonly #until = new Map<string, number>();
  readonly #onNew: () => void;

  /** `onNew` is called when one is added that was not known. */
  constructor(onNew: () => void = () => undefined) {
    this.#onNew = onNew;
  }

  add(source: string | null): void {
    if (source === null) return;
    const now = performance.now();
    const before = this.#until.get(source) ?? 0;
    if (now + KNOWN_FOR_MS - before < NOTE_EVERY_MS) return;
    this.#set(source, now + KNOWN_FOR_MS);
    if (before <= now) this.#onNew();
  }

  get isEmpty(): boolean {
    return this.#until.size === 0;
  }

  has(source: string): boolean {
    const until = this.#until.get(source) ?? 0;
    if (until > performance.now()) return true;
    this.#until.delete(source);
    return false;
  }

  /** How long each has been known, in milliseconds, oldest first: at most so many, the newest. */
  list(most: number): readonly (readonly [source: string, forMs: number])[] {
    const now = performance.now();
    return [...this.#until].slice(-most).map(([source, until]) => [source, now + KNOWN_FOR_MS - until] as const);
  }

  /** What was known so long ago, in milliseconds: of an earlier process. */
  restore(source: string, forMs: number): void {
    if (forMs < KNOWN_FOR_MS) this.#set(source, performance.now() + KNOWN_FOR_MS - Math.max(0, forMs));
  }

  #set(source: string, until: number): void {
    this.#until.delete(source);
    this.#until.set(source, until);
    const [oldest] = this.#until.keys();
    if (this.#until.size > MAX_KNOWN && oldest !== undefined) this.#until.delete(oldest);
  }
}

/** What is known of where calls come from. */
export interface Known {
  /** Have ended a worker. */
  readonly rough: KnownSources;
  /** Have ended well. */
  readonly proven: KnownSources;
}
