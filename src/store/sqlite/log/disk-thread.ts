import { Worker } from 'node:worker_threads';
import { DiskError } from './disk-error.js';

/** How far the write-ahead log has been copied into the database. */
export interface CheckpointResult {
  /** Somebody else's snapshot was in the way of the whole. */
  readonly isBusy: boolean;
  readonly frames: number;
  readonly copied: number;
}

interface DiskOperations {
  readonly sync: { readonly asks: { readonly fd: number; readonly folder: string | null }; readonly gives: null };
  readonly hold: { readonly asks: { readonly path: string }; readonly gives: null };
  readonly copy: { readonly asks: object; readonly gives: CheckpointResult };
  readonly copyRest: { readonly asks: object; readonly gives: CheckpointResult };
  readonly beginAnew: { readonly asks: object; readonly gives: null };
  readonly release: { readonly asks: object; readonly gives: null };
  readonly close: { readonly asks: object; readonly gives: null };
}

type Answer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly message: string; readonly code?: string; readonly errcode?: number };

/** A thread that waits for the disk. It is started with the first request, and keeps the process alive while it has one. */
export class DiskThread {
  #worker: Worker | null = null;
  #settle: ((answer: Answer) => void) | null = null;

  /** One request at a time. */
  ask<K extends keyof DiskOperations>(kind: K, asks: DiskOperations[K]['asks']): Promise<DiskOperations[K]['gives']> {
    const worker = (this.#worker ??= this.#startWorker());
    return new Promise((resolve, reject) => {
      this.#settle = (answer) => {
        this.#settle = null;
        worker.unref();
        if (answer.ok) resolve(answer.value as DiskOperations[K]['gives']);
        else reject(new DiskError(answer));
      };
      worker.ref();
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window's
      worker.postMessage({ kind, ...asks });
    });
  }

  async end(): Promise<void> {
    if (this.#worker !== null) await this.ask('close', {}).catch(() => undefined);
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }

  #startWorker(): Worker {
    // None of the environment, and none of the flags that this process was started with.
    const worker = new Worker(new URL('./disk-thread.mjs', import.meta.url), {
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2 },
    });
    worker.on('message', (answer: Answer) => this.#settle?.(answer));
    worker.on('error', (error) => this.#lose(worker, error instanceof Error ? error.message : String(error)));
    worker.on('exit', () => this.#lose(worker, 'the thread that waits for the disk has ended'));
    return worker;
  }

  #lose(worker: Worker, message: string): void {
    // What is asked of another one is that one's.
    if (this.#worker !== worker) return;
    this.#worker = null;
    this.#settle?.({ ok: false, message });
  }
}
