const MAX_WAITING = 1_000;

/**
 * Messages on their way to one client, for one reader. A message under a key takes the place of the one that still
 * waits under it. What a client that does not read leaves waiting is bounded: beyond that, new messages are dropped.
 */
export class MessageQueue implements AsyncIterable<string> {
  readonly #waiting = new Map<string | number, string>();
  #count = 0;
  #closed = false;
  #wake: () => void = () => undefined;
  #used: (() => void) | null = null;

  push(message: string, key?: string): void {
    if (this.#closed || this.#waiting.size >= MAX_WAITING) return;
    this.#count += 1;
    this.#waiting.set(key ?? this.#count, message);
    this.#wake();
    this.#used?.();
  }

  /** Nothing more is taken on; what waits is still read. */
  close(): void {
    this.#closed = true;
    this.#wake();
  }

  /** Resolves at the first message. */
  async whenUsed(): Promise<void> {
    if (this.#count === 0) await new Promise<void>((resolve) => (this.#used = resolve));
  }

  get isUsed(): boolean {
    return this.#count > 0;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string, void> {
    try {
      for (;;) {
        for (const [key, message] of this.#waiting) {
          this.#waiting.delete(key);
          yield message;
        }
        if (this.#waiting.size > 0) continue;
        if (this.#closed) return;
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } finally {
      this.#closed = true;
      this.#waiting.clear();
    }
  }
}
