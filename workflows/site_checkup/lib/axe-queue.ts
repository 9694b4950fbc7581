import { createHash } from 'node:crypto';
import { Worker } from 'node:worker_threads';

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
  readonly end: (outcome: Outcome) => void;
}

type Outcome = { readonly violations: readonly Violation[] } | { readonly error: Error };

const PAGE_LIMIT_MS = 20_000;
const IDLE_MS = 15_000;
const REMEMBERED_PAGES = 200;

/**
 * One worker thread for everybody in this process: pages wait in line, so that many checkups side by side take one core and
 * one jsdom. The thread starts with the first page and ends when there is nothing to do, or with the page that is being examined
 * if that is given up. What was found in the same HTML before is remembered.
 */
export class AxeQueue {
  readonly #workerUrl: URL;
  readonly #waiting: Job[] = [];
  readonly #remembered = new Map<string, readonly Violation[]>();
  #active: Job | null = null;
  #worker: Worker | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(workerUrl: URL) {
    this.#workerUrl = workerUrl;
  }

  /** Rejects when the page cannot be examined, and at once when `signal` aborts. */
  async examine(page: { html: string; url: string; signal: AbortSignal }): Promise<readonly Violation[]> {
    const { html, url, signal } = page;
    signal.throwIfAborted();
    const key = createHash('sha256').update(html).digest('base64');
    const known = this.#remembered.get(key);
    if (known !== undefined) return known;
    return new Promise<readonly Violation[]>((resolve, reject) => {
      const giveUp = (): void => {
        reject(signal.reason as Error);
        this.#drop(job);
      };
      const job: Job = {
        key,
        html,
        url,
        end: (outcome) => {
          signal.removeEventListener('abort', giveUp);
          if ('error' in outcome) reject(outcome.error);
          else resolve(outcome.violations);
        },
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.#waiting.push(job);
      this.#next();
    });
  }

  /** True while the thread is there. */
  get running(): boolean {
    return this.#worker !== null;
  }

  #next(): void {
    if (this.#active !== null) return;
    this.#clearTimer();
    const job = this.#takeJob();
    if (job === undefined) {
      this.#worker?.unref();
      this.#timer = setTimeout(() => this.#endWorker(), IDLE_MS).unref();
      return;
    }
    this.#active = job;
    this.#worker ??= this.#startWorker();
    this.#worker.ref();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window's
    this.#worker.postMessage({ html: job.html, url: job.url });
    this.#timer = setTimeout(() => {
      this.#endWorker();
      this.#finish({ error: new Error(`examining the page took over ${PAGE_LIMIT_MS / 1000} s`) });
    }, PAGE_LIMIT_MS);
  }

  /** The next page in line that is not known meanwhile: checkups of one site side by side wait for the same pages. */
  #takeJob(): Job | undefined {
    for (;;) {
      const job = this.#waiting.shift();
      const violations = job === undefined ? undefined : this.#remembered.get(job.key);
      if (violations === undefined) return job;
      job?.end({ violations });
    }
  }

  #finish(outcome: Outcome): void {
    const job = this.#active;
    this.#active = null;
    if (job !== null && 'violations' in outcome) this.#remember(job.key, outcome.violations);
    job?.end(outcome);
    this.#next();
  }

  #drop(job: Job): void {
    const place = this.#waiting.indexOf(job);
    if (place >= 0) this.#waiting.splice(place, 1);
    if (this.#active !== job || this.#waiting.length > 0) return;
    this.#active = null;
    this.#endWorker();
  }

  #startWorker(): Worker {
    const worker = new Worker(this.#workerUrl, { resourceLimits: { maxOldGenerationSizeMb: 512 } });
    const isCurrent = (): boolean => this.#worker === worker;
    worker.on('message', (answer: { violations: Violation[] } | { error: string }) => {
      if (isCurrent()) this.#finish('error' in answer ? { error: new Error(answer.error) } : answer);
    });
    worker.on('error', (error) => {
      if (!isCurrent()) return;
      this.#worker = null;
      this.#finish({ error: error instanceof Error ? error : new Error(String(error)) });
    });
    return worker;
  }

  #endWorker(): void {
    this.#clearTimer();
    void this.#worker?.terminate();
    this.#worker = null;
  }

  #clearTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #remember(key: string, violations: readonly Violation[]): void {
    this.#remembered.set(key, violations);
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size > REMEMBERED_PAGES && oldest !== undefined) this.#remembered.delete(oldest);
  }
}
