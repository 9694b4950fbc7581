import { Worker } from 'node:worker_threads';

interface Waiting<Job, Result> {
  readonly job: Job;
  readonly end: (outcome: Outcome<Result>) => void;
}

type Outcome<Result> = { readonly result: Result } | { readonly error: Error };

export interface ThreadQueueOptions<Job, Result> {
  /** A module that answers each message with `{ result }` or `{ error: text }`. */
  readonly workerUrl: URL;
  /** What one job may take of a processor's time. Where processors are busy with other things, it may take longer. */
  readonly limitMs: number;
  /** What a job of this kind is called when it took too long: `examining the page`. */
  readonly what: string;
  /** What is known of a job by the time that its turn comes: it is then not done. */
  readonly known?: (job: Job) => Result | undefined;
  /** Called with each result before the next job is looked at. */
  readonly onResult?: (job: Job, result: Result) => void;
}

const IDLE_MS = 15_000;
/** So many times its limit a job may take on the clock. */
const MAX_STRETCH = 6;
const MEMORY_MB = 512;

/**
 * One worker thread for everybody in this process: jobs wait in line, so that many runs side by side take one core. The
 * thread starts with the first job and ends when there is nothing to do, or with the job that is being done if that takes
 * too long, needs too much memory or is given up.
 */
export class ThreadQueue<Job, Result> {
  readonly #options: ThreadQueueOptions<Job, Result>;
  readonly #waiting: Waiting<Job, Result>[] = [];
  #active: Waiting<Job, Result> | null = null;
  #worker: Worker | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: ThreadQueueOptions<Job, Result>) {
    this.#options = options;
  }

  /** Rejects when the job cannot be done, and at once when `signal` aborts. */
  run(job: Job, signal: AbortSignal): Promise<Result> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    return new Promise<Result>((resolve, reject) => {
      const giveUp = (): void => {
        reject(signal.reason as Error);
        this.#drop(waiting);
      };
      const waiting: Waiting<Job, Result> = {
        job,
        end: (outcome) => {
          signal.removeEventListener('abort', giveUp);
          if ('error' in outcome) reject(outcome.error);
          else resolve(outcome.result);
        },
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.#waiting.push(waiting);
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
    const next = this.#take();
    if (next === undefined) {
      this.#worker?.unref();
      this.#timer = setTimeout(() => this.#endWorker(), IDLE_MS).unref();
      return;
    }
    const { limitMs, what } = this.#options;
    this.#active = next;
    this.#worker ??= this.#startWorker();
    this.#worker.ref();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window's
    this.#worker.postMessage(next.job);
    const startedAt = performance.now();
    const before = process.cpuUsage();
    const look = (): void => {
      const { user, system } = process.cpuUsage(before);
      // Of the whole process: the thread has had no more.
      const left = limitMs - (user + system) / 1e3;
      if (left > 0 && performance.now() - startedAt < limitMs * MAX_STRETCH) {
        this.#timer = setTimeout(look, Math.max(left, 100));
        return;
      }
      this.#endWorker();
      this.#finish({ error: new Error(`${what} took over ${limitMs / 1000} s`) });
    };
    this.#timer = setTimeout(look, limitMs);
  }

  /** The next in line that is not known meanwhile: runs side by side may wait for the same. */
  #take(): Waiting<Job, Result> | undefined {
    for (;;) {
      const next = this.#waiting.shift();
      const result = next === undefined ? undefined : this.#options.known?.(next.job);
      if (result === undefined) return next;
      next?.end({ result });
    }
  }

  #finish(outcome: Outcome<Result>): void {
    const ended = this.#active;
    this.#active = null;
    if (ended !== null && 'result' in outcome) this.#options.onResult?.(ended.job, outcome.result);
    ended?.end(outcome);
    this.#next();
  }

  #drop(waiting: Waiting<Job, Result>): void {
    const place = this.#waiting.indexOf(waiting);
    if (place >= 0) this.#waiting.splice(place, 1);
    // Those in line do not wait for another thread to start: this one is done with the job within its limit.
    if (this.#active !== waiting || this.#waiting.length > 0) return;
    this.#active = null;
    this.#endWorker();
  }

  #startWorker(): Worker {
    const worker = new Worker(this.#options.workerUrl, { resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB } });
    const isCurrent = (): boolean => this.#worker === worker;
    worker.on('message', (answer: { result: Result } | { error: string }) => {
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
}
