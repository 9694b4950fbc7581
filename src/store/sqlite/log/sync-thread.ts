import { availableParallelism } from 'node:os';
import { getSystemErrorName } from 'node:util';
import { Worker } from 'node:worker_threads';
import { DiskError } from './disk-error.js';

/**
 * Where each is in the memory that is shared with the thread. Syncs have numbers: the newest that was asked for, the
 * newest that is done, and the one whose end a message is to tell of. The bell wakes the thread: a sync is asked for, or
 * will be.
 */
const WORDS = { asked: 0, done: 1, fd: 2, errno: 3, messageFor: 4, bell: 5 } as const;
/** How long the thread polls for a sync that it was told to expect: longer than a commit of few works takes. */
const EXPECT_MS = 0.1;
/** With one processor, a thread that polls keeps the other from working. */
const MAY_POLL = availableParallelism() > 1;

/** For how long the caller of a sync blocks until it is done. */
export interface SyncMoment {
  readonly waitMs: number;
  /** The first part of it, in which the caller polls: to be woken from sleep takes about as long as a fast sync. */
  readonly awakeMs: number;
}

export const NO_MOMENT: SyncMoment = { waitMs: 0, awakeMs: 0 };

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: DiskError) => void;
}

/**
 * A thread that syncs files, one sync at a time. It is asked through shared memory, and who asks may wait for it for a
 * moment: where syncs are fast, that costs less than to be told by a message. It keeps the process alive only while
 * somebody waits for a message.
 */
export class SyncThread {
  readonly #shared = new Int32Array(new SharedArrayBuffer(Object.keys(WORDS).length * Int32Array.BYTES_PER_ELEMENT));
  readonly #worker: Worker;
  readonly #onEnd: () => void;
  #isReady = false;
  #hasEnded = false;
  #asked = 0;
  #waiter: Waiter | null = null;

  /** `onEnd`: it has ended, by itself perhaps, and syncs nothing more. */
  constructor({ onEnd }: { readonly onEnd: () => void }) {
    this.#onEnd = onEnd;
    // None of the environment, and none of the flags that this process was started with.
    this.#worker = new Worker(new URL('./sync-thread.mjs', import.meta.url), {
      env: {},
      execArgv: [],
      workerData: { memory: this.#shared.buffer, words: WORDS, expectMs: EXPECT_MS },
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

  /** Wakes the thread, since a sync will be asked for in a moment. */
  expect(): void {
    if (MAY_POLL) this.#ring();
  }

  /** Not while it is busy. Null when it was done within the moment, for which nothing else goes on here. */
  sync(fd: number, { waitMs, awakeMs }: SyncMoment = NO_MOMENT): Promise<void> | null {
    const shared = this.#shared;
    const before = this.#asked;
    this.#asked = (before + 1) | 0 || 1;
    Atomics.store(shared, WORDS.fd, fd);
    Atomics.store(shared, WORDS.asked, this.#asked);
    this.#ring();
    const watchMs = MAY_POLL ? Math.min(awakeMs, waitMs) : 0;
    if (watchMs > 0) this.#watch(watchMs);
    if (waitMs > watchMs) Atomics.wait(shared, WORDS.done, before, waitMs - watchMs);
    if (this.#isDone && Atomics.load(shared, WORDS.errno) === 0) return null;
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
      this.#worker.ref();
      this.#askForMessage();
    });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  get #isDone(): boolean {
    return Atomics.load(this.#shared, WORDS.done) === this.#asked;
  }

  #ring(): void {
    Atomics.add(this.#shared, WORDS.bell, 1);
    Atomics.notify(this.#shared, WORDS.bell);
  }

  /** Until it is done, or the time is over. */
  #watch(ms: number): void {
    const end = performance.now() + ms;
    while (!this.#isDone && performance.now() < end);
  }

  #askForMessage(): void {
    if (this.#hasEnded) {
      this.#lose('the thread that waits for the disk has ended');
      return;
    }
    const asked = this.#asked;
    Atomics.store(this.#shared, WORDS.messageFor, asked);
    // The thread may have looked before that was stored. Whoever takes the number back tells of the end.
    if (this.#isDone && Atomics.compareExchange(this.#shared, WORDS.messageFor, asked, 0) === asked) this.#settle();
  }

  #told(): void {
    if (this.#isReady) this.#settle();
    this.#isReady = true;
  }

  #settle(): void {
    const errno = Atomics.load(this.#shared, WORDS.errno);
    const waiter = this.#takeWaiter();
    if (errno === 0) waiter?.resolve();
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
    this.#worker.unref();
    return waiter;
  }
}

function syncFailed(errno: number): DiskError {
  const code = getSystemErrorName(errno);
  return new DiskError({ message: `${code}: a sync failed`, code });
}
