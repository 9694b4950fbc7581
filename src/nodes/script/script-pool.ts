import { Worker } from 'node:worker_threads';
import { abortable } from '../../core/abortable.js';
import { yieldIfBusy } from '../../core/event-loop.js';
import { ComputeTime, readClock, type Moment } from './compute-time.mjs';

/** A script to run, and how far it may go. */
export interface ScriptJob {
  /** The body of a function with the parameter `input`. */
  readonly source: string;
  /** JSON, in pieces. */
  readonly input: readonly string[];
  /** In bytes, all that the script holds at a time. */
  readonly memory: number;
  /** In milliseconds that it computes, from when it starts to run: waiting for a thread or a core does not count. */
  readonly time: number;
  /** In bytes of JSON. */
  readonly output: number;
}

export type ScriptFailure =
  | 'script_error'
  | 'script_timeout'
  | 'script_out_of_memory'
  | 'script_output_too_large'
  | 'invalid_output'
  | 'invalid_config';

/** `logs`: the lines that it wrote to the console, at most 100. */
export type ScriptOutcome =
  | { readonly kind: 'output'; readonly text: string; readonly logs: readonly string[] }
  | { readonly kind: ScriptFailure; readonly message: string; readonly logs: readonly string[] };

/** What a thread sends: that the script begins now, and where to read how long it has been on a core; then how it ended. */
type Told = ScriptOutcome | { readonly kind: 'begun'; readonly clock: string | null };

interface Waiting {
  readonly job: ScriptJob;
  readonly end: (outcome: ScriptOutcome) => void;
  readonly fail: (error: Error) => void;
}

interface Thread {
  readonly worker: Worker;
  active: Waiting | null;
  timer: NodeJS.Timeout | null;
}

/**
 * Scripts end by themselves when their time is up; one that hangs where QuickJS does not look at the time is ended with
 * its thread so much later.
 */
const GRACE_MS = 1_000;
/** A thread that has not begun its script by then never will. */
const START_MS = 60_000;
const IDLE_MS = 30_000;

/**
 * Threads for scripts: each runs one at a time, what does not find a thread waits in line. They start when they are
 * needed and end after a while without work. A thread whose script is given up ends with it.
 */
export class ScriptPool {
  readonly #size: number;
  readonly #waiting: Waiting[] = [];
  readonly #threads = new Set<Thread>();

  constructor(params: { readonly size: number }) {
    this.#size = params.size;
  }

  /** How many threads there are. */
  get threads(): number {
    return this.#threads.size;
  }

  /** Rejects at once with the signal's reason when it aborts, and when a thread cannot be had. */
  async run(job: ScriptJob, signal: AbortSignal): Promise<ScriptOutcome> {
    return abortable<ScriptOutcome>(signal, (end, fail) => {
      const waiting: Waiting = { job, end, fail };
      this.#waiting.push(waiting);
      this.#fill();
      return () => this.#drop(waiting);
    });
  }

  #fill(): void {
    while (this.#waiting.length > 0) {
      const idle = [...this.#threads].find(({ active }) => active === null);
      if (idle === undefined && this.#threads.size >= this.#size) return;
      const next = this.#waiting.shift();
      if (next !== undefined) this.#give(idle ?? this.#startThread(), next);
    }
  }

  #give(thread: Thread, waiting: Waiting): void {
    thread.active = waiting;
    thread.worker.ref();
    this.#setTimer(thread, START_MS, () => {
      this.#end(thread);
      waiting.fail(new Error(`A thread for scripts did not begin within ${START_MS} ms`));
      this.#fill();
    });
    void this.#post(thread, waiting);
  }

  /** A long input goes before the job, in pieces: to write much at once takes long. */
  async #post(thread: Thread, waiting: Waiting): Promise<void> {
    const { input, ...job } = waiting.job;
    for (const piece of input.slice(0, -1)) {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window's
      thread.worker.postMessage({ piece });
      const turn = yieldIfBusy();
      if (turn !== null) await turn;
      // It was given up, and the thread with it.
      if (thread.active !== waiting) return;
    }
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window's
    thread.worker.postMessage({ ...job, input: input.at(-1) ?? 'null' });
  }

  /** For when a thread begins the script that it has. */
  #watch(thread: Thread, waiting: Waiting, clock: string | null): void {
    const look = (): Moment => ({ now: performance.now(), onCore: readClock(clock) });
    const time = new ComputeTime({ timeMs: waiting.job.time + GRACE_MS, ...look() });
    const wake = (): void => {
      // This thread may have been the slow one: an answer that is there already is read first.
      setImmediate(() => {
        if (thread.active !== waiting) return;
        const left = time.left(look());
        if (left > 0) return void this.#setTimer(thread, left, wake);
        this.#end(thread);
        waiting.end({ kind: 'script_timeout', message: '', logs: [] });
        this.#fill();
      });
    };
    this.#setTimer(thread, time.left(look()), wake);
  }

  #startThread(): Thread {
    // None of the environment, and none of the flags that this process was started with.
    const worker = new Worker(new URL('./sandbox-worker.mjs', import.meta.url), {
      env: {},
      execArgv: [],
      resourceLimits: { stackSizeMb: 4, maxOldGenerationSizeMb: 256 },
    });
    const thread: Thread = { worker, active: null, timer: null };
    this.#threads.add(thread);
    worker.on('message', (outcome: Told) => {
      const { active } = thread;
      if (!this.#threads.has(thread) || active === null) return;
      if (outcome.kind === 'begun') return this.#watch(thread, active, outcome.clock);
      thread.active = null;
      worker.unref();
      this.#setTimer(thread, IDLE_MS, () => this.#end(thread)).unref();
      active.end(outcome);
      this.#fill();
    });
    worker.on('error', (error) => {
      if (!this.#threads.has(thread)) return;
      const { active } = thread;
      this.#end(thread);
      active?.fail(error instanceof Error ? error : new Error(String(error)));
      this.#fill();
    });
    return thread;
  }

  #drop(waiting: Waiting): void {
    const place = this.#waiting.indexOf(waiting);
    if (place >= 0) this.#waiting.splice(place, 1);
    const thread = [...this.#threads].find(({ active }) => active === waiting);
    if (thread === undefined) return;
    this.#end(thread);
    this.#fill();
  }

  #end(thread: Thread): void {
    this.#threads.delete(thread);
    if (thread.timer !== null) clearTimeout(thread.timer);
    thread.active = null;
    void thread.worker.terminate();
  }

  #setTimer(thread: Thread, delayMs: number, wake: () => void): NodeJS.Timeout {
    if (thread.timer !== null) clearTimeout(thread.timer);
    thread.timer = setTimeout(wake, delayMs);
    return thread.timer;
  }
}
