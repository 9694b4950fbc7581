import { Worker } from 'node:worker_threads';
import { hostFile } from '../host/host-file.js';
import type { FromWorker, ToWorker } from '../wire/messages.js';
import { Outbox } from '../wire/outbox.js';
import { BUSY_MS, VITALS } from '../wire/vitals.js';
import type { LinkEvents, OpenLink, WorkerEnd, WorkerLink } from './worker-link.js';

const LOOK_MS = 25;

export function openThread(memoryMb: number): OpenLink {
  return (events) => new ThreadLink(memoryMb, events);
}

class ThreadLink implements WorkerLink {
  readonly #worker: Worker;
  readonly #outbox: Outbox<ToWorker>;
  readonly #events: LinkEvents;
  readonly #vitals: Int32Array;
  #error: Error | null = null;
  #looking: NodeJS.Timeout | null = null;
  #beat = -1;
  #beatAt = 0;
  #toldCall: number | null = null;
  #closing = 0;

  constructor(memoryMb: number, events: LinkEvents) {
    this.#events = events;
    const vitals = new SharedArrayBuffer(VITALS.length * 4);
    this.#vitals = new Int32Array(vitals);
    this.#worker = new Worker(hostFile, {
      workerData: { vitals },
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: memoryMb },
    });
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window's
    this.#outbox = new Outbox((text) => this.#worker.postMessage(text), { isEager: true });
    this.#worker.on('message', (text: string) => events.onMessages(JSON.parse(text) as FromWorker[]));
    this.#worker.on('error', (error) => {
      this.#error = error instanceof Error ? error : new Error(String(error));
    });
    this.#worker.on('exit', (code) => this.#exited(code));
  }

  post(message: ToWorker): void {
    this.#outbox.post(message);
  }

  kill(): void {
    void this.#worker.terminate();
  }

  /** Threads of a process have one priority. */
  stepBack(): void {}

  hold(isHeld: boolean): void {
    if (isHeld) this.#worker.ref();
    else this.#worker.unref();
    if (!isHeld && this.#looking !== null) {
      clearInterval(this.#looking);
      this.#looking = null;
    } else if (isHeld) {
      this.#beatAt = performance.now();
      this.#looking ??= setInterval(() => this.#look(), LOOK_MS).unref();
    }
  }

  #look(): void {
    const now = performance.now();
    const beat = Atomics.load(this.#vitals, VITALS.beat);
    this.#events.onBeat();
    if (beat !== this.#beat || Atomics.load(this.#vitals, VITALS.calls) === 0) {
      this.#beat = beat;
      this.#beatAt = now;
      if (this.#toldCall !== null) this.#events.onFree();
      this.#toldCall = null;
    } else if (now - this.#beatAt >= BUSY_MS) {
      const call = Atomics.load(this.#vitals, VITALS.current);
      if (this.#toldCall === null) Atomics.store(this.#vitals, VITALS.closed, (this.#closing += 1));
      const begun = Atomics.load(this.#vitals, VITALS.begun);
      if (this.#toldCall !== call) this.#events.onBusy({ call, begun, closing: this.#closing });
      this.#toldCall = call;
    }
  }

  #exited(code: number): void {
    this.hold(false);
    this.#events.onEnd(this.#describe(code));
  }

  #describe(code: number): WorkerEnd {
    const call = Atomics.load(this.#vitals, VITALS.current);
    const error = this.#error;
    if (error === null) return { why: 'exit', call, message: `it called process.exit(${code})` };
    if ('code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY') {
      return { why: 'out_of_memory', call, message: 'its heap is full' };
    }
    return { why: 'uncaught', call, message: `something failed that nothing awaits: ${error.message}` };
  }
}
