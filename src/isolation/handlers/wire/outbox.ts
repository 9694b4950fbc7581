/** Longer batches are sent at once. */
const LONG_BATCH = 1024 * 1024;

/** Gathers what is sent in one turn of the event loop, as the text of one JSON array. */
export class Outbox<Message> {
  readonly #write: (text: string) => void;
  readonly #beforeFlush: () => void;
  #texts: string[] = [];
  #length = 0;
  #isScheduled = false;

  /** `beforeFlush` may post more. */
  constructor(write: (text: string) => void, beforeFlush: () => void = () => undefined) {
    this.#write = write;
    this.#beforeFlush = beforeFlush;
  }

  post(message: Message): void {
    const text = JSON.stringify(message);
    this.#texts.push(text);
    this.#length += text.length;
    if (this.#length > LONG_BATCH) this.#send();
    else this.schedule();
  }

  /** Sends what there is, and what `beforeFlush` has to say, at the end of this turn. */
  schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.flush());
  }

  flush(): void {
    this.#isScheduled = false;
    this.#beforeFlush();
    this.#send();
  }

  #send(): void {
    if (this.#texts.length === 0) return;
    const text = `[${this.#texts.join(',')}]`;
    this.#texts = [];
    this.#length = 0;
    this.#write(text);
  }
}
