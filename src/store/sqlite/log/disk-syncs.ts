import { fdatasync } from 'node:fs';
import { DiskError } from './disk-error.js';
import { SyncThread } from './sync-thread.js';

/**
 * So many syncs, each within so long of the one before, are worth a thread of their own, which takes some 10 MB: more
 * than a start of the server has.
 */
const OFTEN = 50;
const OFTEN_MS = 1_000;
const MAX_THREADS = 3;
/** After so long without a sync the threads are ended. */
const IDLE_MS = 5_000;
/** Node's threads may all be held up, by look-ups of names that nobody answers, say. */
const HELD_UP_MS = 100;

/**
 * Syncs a file off the event loop: by a thread of its own where that is often, and by one of those that Node has for
 * files and names where it is seldom, or until the own one is ready.
 */
export class DiskSyncs {
  readonly #onLateFailure: (error: unknown) => void;
  readonly #threads = new Set<SyncThread>();
  #lastAt = Number.NEGATIVE_INFINITY;
  #inARow = 0;
  #idle: NodeJS.Timeout | null = null;

  /** `onLateFailure` is told of a sync that failed after another one of the same request had succeeded. */
  constructor(onLateFailure: (error: unknown) => void) {
    this.#onLateFailure = onLateFailure;
  }

  /** Resolves with the milliseconds that it took. */
  sync(fd: number): Promise<number> {
    const now = performance.now();
    this.#inARow = now - this.#lastAt < OFTEN_MS ? this.#inARow + 1 : 1;
    this.#lastAt = now;
    this.#idle ??= this.#watchIdle(IDLE_MS);
    let areReady = true;
    for (const thread of this.#threads) {
      if (thread.isReady && !thread.isBusy) return thread.sync(fd);
      areReady &&= thread.isReady;
    }
    if (areReady && this.#inARow >= OFTEN) this.#startThread();
    return this.#syncByNode(fd);
  }

  async end(): Promise<void> {
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = null;
    const threads = [...this.#threads];
    this.#threads.clear();
    await Promise.all(threads.map((thread) => thread.end()));
  }

  #syncByNode(fd: number): Promise<number> {
    return new Promise((resolve, reject) => {
      const began = performance.now();
      let isSettled = false;
      const settle = (error: unknown): void => {
        clearTimeout(timer);
        if (isSettled && error !== null) this.#onLateFailure(error);
        if (error === null) resolve(performance.now() - began);
        else reject(error);
        isSettled = true;
      };
      const timer = setTimeout(() => {
        const thread = [...this.#threads].find((one) => !one.isBusy) ?? this.#startThread();
        if (thread === null) return;
        thread.sync(fd).then(
          () => settle(null),
          // A thread that has ended says nothing of the disk, and Node's sync is still under way.
          (error: unknown) => (isOfDisk(error) ? settle(error) : undefined),
        );
      }, HELD_UP_MS);
      fdatasync(fd, settle);
    });
  }

  #startThread(): SyncThread | null {
    if (this.#threads.size >= MAX_THREADS) return null;
    const thread = new SyncThread({ onEnd: () => this.#threads.delete(thread) });
    this.#threads.add(thread);
    return thread;
  }

  #watchIdle(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      const left = this.#lastAt + IDLE_MS - performance.now();
      const isIdle = left <= 0 && [...this.#threads].every((thread) => !thread.isBusy);
      this.#idle = isIdle ? null : this.#watchIdle(Math.max(left, OFTEN_MS));
      if (isIdle) void this.end();
    }, ms).unref();
  }
}

function isOfDisk(error: unknown): boolean {
  return error instanceof DiskError && error.code !== undefined;
}
