/** Longer batches are sent at once. */
const LONG_BATCH = 1024 * 1024;
/** Where more were posted together the last time, they go together: each write costs the sender as much as some calls. */
const FEW = 2;

export interface OutboxOptions {
  /** May post more. */
  readonly beforeFlush?: () => void;
  /** Whether the first of a few that are posted together goes at once: it is under way while the others are made. */
  readonly isEager?: boolean;
}

/** Gathers what is sent together, as the text of one JSON array. */
export class Outbox<Message> {
  readonly #write: (text: string) => void;
  readonly #beforeFlush: () => void;
  readonly #isEager: boolean;
  readonly #flushThis = (): void => this.flush();
  #texts: string[] = [];
  #length = 0;
  /** How many were posted together the last time, and since then. */
  #lastCount = 0;
  #count = 0;
  #isScheduled = false;
  #isScheduledAtEnd = false;

  constructor(write: (text: string) => void, { beforeFlush, isEager }: OutboxOptions = {}) {
    this.#write = write;
    this.#beforeFlush = beforeFlush ?? (() => undefined);
    this.#isEager = isEager ?? false;
  }

  post(message: Message): void {
    const text = JSON.stringify(message);
    this.#texts.push(text);
    this.#length += text.length;
    this.#count += 1;
    const isFirst = this.#isEager && !this.#isScheduled && this.#lastCount <= FEW;
    if (isFirst || this.#length > LONG_BATCH) this.#send();
    this.schedule();
  }

  /** Sends what there is, and what `beforeFlush` has to say, once what is running now is through. */
  schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    process.nextTick(this.#flushThis);
  }

  /** The same at the end of this turn of the event loop: `beforeFlush` need not say what is no longer so by then. */
  scheduleAtEnd(): void {
    if (this.#isScheduled || this.#isScheduledAtEnd) return;
    this.#isScheduledAtEnd = true;
    setImmediate(this.#flushThis);
  }

  flush(): void {
    this.#isScheduled = false;
    this.#isScheduledAtEnd = false;
    this.#beforeFlush();
    this.#send();
    this.#lastCount = this.#count;
    this.#count = 0;
  }

  #send(): void {
    if (this.#texts.length === 0) return;
    const text = `[${this.#texts.join(',')}]`;
    this.#texts = [];
    this.#length = 0;
    this.#write(text);
  }
}
