import { getSystemErrorName } from 'node:util';
import { Worker } from 'node:worker_threads';
import { DiskError } from './disk-error.js';

/** Where each is in the memory that is shared with the thread. `asked` counts the syncs, and wakes the thread. */
const WORDS = { asked: 0, fd: 1, errno: 2, tookMicros: 3 } as const;

interface Waiter {
  readonly resolve: (tookMs: number) => void;
  readonly reject: (error: DiskError) => void;
}

/**
 * A thread that syncs files, one sync at a time. It is asked through shared memory, and answers by a message. It keeps
 * the process alive only while somebody waits for that.
 */
export class SyncThread {
  readonly #shared = new Int32Array(new SharedArrayBuffer(Object.keys(WORDS).length * Int32Array.BYTES_PER_ELEMENT));
  readonly #worker: Worker;
  readonly #onEnd: () => void;
  #isReady = false;
  #hasEnded = false;
  #isEnding = false;
  #waiter: Waiter | null = null;

  /** `onEnd`: it has ended, by itself perhaps, and syncs nothing more. */
  constructor({ onEnd }: { readonly onEnd: () => void }) {
    this.#onEnd = onEnd;
    // None of the environment, and none of the flags that this process was started with.
    this.#worker = new Worker(new URL('./sync-thread.mjs', import.meta.url), {
      env: {},
      execArgv: [],
      workerData: { memory: this.#shared.buffer, words: WORDS },
      resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2 },
    });
    this.#worker.on('message', () => this.#told());
    this.#worker.on('error', (error) => this.#lose(error instanceof Error ? error.message : String(error)));
    this.#worker.on('exit', () => this.#lose('the thread that waits for the disk has ended'));
    this.#worker.unref();
  }

  get isBusy(): boolean {
    return this.#waiter !== null;
  }

  /** Whether it runs, so that a request need not wait for its start. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Not while it is busy. Resolves with the milliseconds that the disk took. */
  sync(fd: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
      if (this.#hasEnded) return this.#lose('the thread that waits for the disk has ended');
      this.#worker.ref();
      Atomics.store(this.#shared, WORDS.fd, fd);
      Atomics.add(this.#shared, WORDS.asked, 1);
      Atomics.notify(this.#shared, WORDS.asked);
    });
  }

  /** Keeps the process alive until it has ended, a sync that is under way included. */
  async end(): Promise<void> {
    this.#isEnding = true;
    await this.#worker.terminate();
  }

  #told(): void {
    if (this.#isReady) this.#settle();
    this.#isReady = true;
  }

  #settle(): void {
    const errno = Atomics.load(this.#shared, WORDS.errno);
    const waiter = this.#takeWaiter();
    if (errno === 0) waiter?.resolve(Atomics.load(this.#shared, WORDS.tookMicros) / 1_000);
    else waiter?.reject(syncFailed(errno));
  }

  #lose(message: string): void {
    this.#isReady = false;
    this.#hasEnded = true;
    this.#onEnd();
    this.#takeWaiter()?.reject(new DiskError({ message }));
  }

  #takeWaiter(): Waiter | null {
    const waiter = this.#waiter;
    this.#waiter = null;
    if (!this.#isEnding) this.#worker.unref();
    return waiter;
  }
}

function syncFailed(errno: number): DiskError {
  const code = getSystemErrorName(errno);
  return new DiskError({ message: `${code}: a sync failed`, code });
}
