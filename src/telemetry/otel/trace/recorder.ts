import type { Attributes } from './attributes.js';
import type { Place } from './place.js';

/** As OpenTelemetry numbers them. */
export const SPAN_KINDS = { INTERNAL: 0, SERVER: 1, CLIENT: 2, PRODUCER: 3 } as const;
export type SpanKindName = keyof typeof SPAN_KINDS;

/** A span that is over, as it goes to the thread that exports it: a list, as that is the shortest JSON. */
export type SpanRecord = readonly [
  name: string,
  kind: number,
  /** Epoch milliseconds. */
  from: number,
  to: number,
  traceId: string,
  spanId: string,
  flags: number,
  state: string,
  /** Null: it begins a trace. */
  parentId: string | null,
  isParentRemote: boolean,
  attributes: Attributes,
  /** Null: it did not fail; empty: it did, and nobody says why. */
  failure: string | null,
  links: readonly Place[] | null,
  moments: readonly { readonly name: string; readonly at: number }[] | null,
];

export type LogRecord = readonly [
  at: number,
  severity: number,
  severityText: string,
  message: string,
  attributes: Attributes,
  place: Place | null,
];

export interface RecorderOptions {
  /** How long something may wait for others to be sent with it. */
  readonly delayMs: number;
  readonly maxBatch: number;
  /** So many may be on their way; what is more is dropped. */
  readonly maxQueue: number;
}

/**
 * Keeps what has happened until there is enough of it to be sent: an addition to a list, and nothing else. The thread
 * that turns it into what a collector reads has all the work.
 */
export class Recorder<T extends SpanRecord | LogRecord> {
  readonly #options: RecorderOptions;
  readonly #send: (batch: readonly T[], done: () => void) => void;
  #batch: T[] = [];
  #timer: NodeJS.Timeout | null = null;
  #underWay = 0;
  #dropped = 0;

  constructor(options: RecorderOptions, send: (batch: readonly T[], done: () => void) => void) {
    this.#options = options;
    this.#send = send;
  }

  add(record: T): void {
    const { delayMs, maxBatch, maxQueue } = this.#options;
    if (this.#underWay + this.#batch.length >= maxQueue) {
      this.#dropped += 1;
      return;
    }
    this.#batch.push(record);
    if (this.#batch.length >= maxBatch) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), delayMs).unref();
  }

  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const batch = this.#batch;
    if (batch.length === 0) return;
    this.#batch = [];
    this.#underWay += batch.length;
    this.#send(batch, () => {
      this.#underWay -= batch.length;
    });
  }

  /** How many were dropped since this was asked last. */
  takeDropped(): number {
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }
}
