import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import type { Readable } from 'node:stream';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { hostFile } from '../host/host-file.js';
import { encodeFrame, FrameReader } from '../wire/frames.js';
import type { FromWorker, Notice, ToWorker } from '../wire/messages.js';
import { Outbox } from '../wire/outbox.js';
import { fdOf, writeAtOnce } from '../wire/write-at-once.js';
import type { Behind, LinkEvents, OpenLink, WorkerEnd, WorkerLink } from './worker-link.js';

/** What only the server has business with. */
const OWN_SECRETS = [
  'ERRAND_SECRET_KEY',
  'ERRAND_SECRET_KEY_FILE',
  'ERRAND_BOOTSTRAP_KEY',
  'ERRAND_BOOTSTRAP_KEY_FILE',
  'ERRAND_S3_SECRET_ACCESS_KEY',
  'ERRAND_S3_SECRET_ACCESS_KEY_FILE',
  'ERRAND_DATABASE_URL',
  'ERRAND_DATABASE_URL_FILE',
  'ERRAND_DATABASE_LISTEN_URL',
  'ERRAND_DATABASE_LISTEN_URL_FILE',
  'PGPASSWORD',
];
/** What a process may use beside its heap: its code, and the bytes that buffers hold. */
const BESIDE_HEAP_MB = 512;
/**
 * As the system has them, 0 to 19; higher ones go later. Each step leaves a third of the share that it had, so that what
 * steps back three times still gets on, slowly, where something else keeps every processor.
 */
const PRIORITIES: { readonly [behind in Behind]: number } = { server: 5, others: 10, all: 15 };
/** What a process has said is read for so long after its end: a program that it started may hold its pipes. */
const LAST_WORDS_MS = 300;
const OUT_OF_MEMORY = /heap out of memory|Allocation failed/;

export function openProcess(memoryMb: number): OpenLink {
  return (events) => new ProcessLink(memoryMb, events);
}

class ProcessLink implements WorkerLink {
  readonly #child: ChildProcess;
  readonly #outbox: Outbox<ToWorker>;
  readonly #events: LinkEvents;
  readonly #pipes: readonly Socket[];
  #priority: number = constants.priority.PRIORITY_NORMAL;
  #dying: WorkerEnd | null = null;
  #isOutOfMemory = false;
  #ended = false;

  constructor(memoryMb: number, events: LinkEvents) {
    this.#events = events;
    const args = [`--max-old-space-size=${memoryMb}`, hostFile, String(memoryMb + BESIDE_HEAP_MB)];
    this.#child = spawn(process.execPath, args, {
      env: ownEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
    });
    const [, stdout, stderr, messages, notices] = this.#child.stdio as unknown as Socket[];
    this.#pipes = [stdout, stderr, messages, notices].filter((pipe) => pipe !== undefined);
    for (const pipe of this.#pipes) pipe.on('error', () => undefined);
    this.#outbox = new Outbox(
      (text) => {
        if (messages !== undefined) writeAtOnce(messages, fdOf(messages), encodeFrame(text));
      },
      { isEager: true },
    );
    this.#readMessages(messages);
    readLines(notices, (line) => this.#notice(line));
    readLines(stdout, events.onOutput);
    readLines(stderr, (line) => {
      if (OUT_OF_MEMORY.test(line)) this.#isOutOfMemory = true;
      events.onOutput(line);
    });
    this.#child.on('error', (error) => this.#end({ why: 'not_started', call: 0, message: error.message }));
    this.#child.on('exit', (code, signal) => this.#exited(code, signal));
  }

  post(message: ToWorker): void {
    this.#outbox.post(message);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  stepBack(behind: Behind): void {
    const priority = PRIORITIES[behind];
    if (priority <= this.#priority) return;
    this.#priority = priority;
    setPriorityOf(this.#child.pid, priority);
  }

  hold(isHeld: boolean): void {
    if (isHeld) this.#child.ref();
    else this.#child.unref();
    for (const pipe of this.#pipes) {
      if (isHeld) pipe.ref();
      else pipe.unref();
    }
  }

  #readMessages(messages: Socket | undefined): void {
    const reader = new FrameReader();
    messages?.on('data', (piece: Buffer) => {
      try {
        for (const text of reader.read(piece)) this.#events.onMessages(JSON.parse(text) as FromWorker[]);
      } catch (error) {
        this.#dying ??= { why: 'died', call: 0, message: `it sent what cannot be read: ${String(error)}` };
        this.kill();
      }
    });
  }

  #notice(line: string): void {
    let notice: Notice;
    try {
      notice = JSON.parse(line) as Notice;
    } catch {
      return;
    }
    this.#events.onBeat();
    if (notice.kind === 'busy') this.#events.onBusy(notice);
    if (notice.kind === 'free') this.#events.onFree();
    if (notice.kind === 'dying') this.#dying ??= { why: notice.why, call: notice.call, message: notice.message };
  }

  #exited(code: number | null, signal: NodeJS.Signals | null): void {
    const end = (): void => {
      const message = this.#isOutOfMemory ? 'its heap is full' : `its process ended with ${signal ?? code ?? '?'}`;
      const found: WorkerEnd = { why: this.#isOutOfMemory ? 'out_of_memory' : 'died', call: 0, message };
      this.#end(this.#dying ?? found);
    };
    const tooLong = setTimeout(end, LAST_WORDS_MS);
    this.#child.once('close', () => {
      clearTimeout(tooLong);
      end();
    });
  }

  #end(end: WorkerEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const pipe of this.#pipes) pipe.destroy();
    this.#events.onEnd(end);
  }
}

function readLines(input: Readable | undefined, take: (line: string) => void): void {
  if (input === undefined) return;
  createInterface({ input, crlfDelay: Infinity }).on('line', take);
}

function setPriorityOf(pid: number | undefined, priority: number): void {
  if (pid === undefined) return;
  for (const thread of threadsOf(pid)) {
    try {
      setPriority(thread, priority);
    } catch {
      // It has ended already, or the system does not allow it.
    }
  }
}

/** Linux has a priority for each thread, those that collect garbage too. */
function threadsOf(pid: number): readonly number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [pid];
  }
}

function ownEnvironment(): NodeJS.ProcessEnv {
  const env = { ...process.env };
  for (const name of OWN_SECRETS) delete env[name];
  return env;
}
