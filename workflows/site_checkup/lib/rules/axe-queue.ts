import { createHash } from 'node:crypto';
import { ThreadQueue } from '../thread-queue.js';

export interface Violation {
  /** The axe rule's id: `image-alt`. */
  readonly rule: string;
  readonly impact: 'critical' | 'serious' | 'moderate' | 'minor';
  readonly help: string;
  /** Of the elements at fault, the first 20. */
  readonly selectors: readonly string[];
  readonly count: number;
}

interface Job {
  /** The hash of the HTML. */
  readonly key: string;
  readonly html: string;
  readonly url: string;
}

const PAGE_LIMIT_MS = 20_000;
const REMEMBERED_PAGES = 200;

/** Examines pages in a thread of its own. What was found in the same HTML before is remembered. */
export class AxeQueue {
  readonly #remembered = new Map<string, readonly Violation[]>();
  readonly #queue: ThreadQueue<Job, readonly Violation[]>;

  constructor(workerUrl: URL) {
    this.#queue = new ThreadQueue({
      workerUrl,
      limitMs: PAGE_LIMIT_MS,
      what: 'examining the page',
      known: ({ key }) => this.#remembered.get(key),
      onResult: ({ key }, violations) => this.#remember(key, violations),
    });
  }

  /** Rejects when the page cannot be examined, and at once when `signal` aborts. */
  async examine(page: { html: string; url: string; signal: AbortSignal }): Promise<readonly Violation[]> {
    const { html, url, signal } = page;
    signal.throwIfAborted();
    const key = createHash('sha256').update(html).digest('base64');
    return this.#remembered.get(key) ?? this.#queue.run({ key, html, url }, signal);
  }

  /** True while the thread is there. */
  get running(): boolean {
    return this.#queue.running;
  }

  #remember(key: string, violations: readonly Violation[]): void {
    this.#remembered.set(key, violations);
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size > REMEMBERED_PAGES && oldest !== undefined) this.#remembered.delete(oldest);
  }
}
