import { fork, type ChildProcess } from 'node:child_process';
import { yieldIfBusy } from '../core/event-loop.js';

/** Processes that do work for this one, which is bounded by nothing but the time and memory that they are given. */
export interface ProcessPoolParams {
  /** The program; it sends `ready` when it can take work, and one answer for each message that it gets. */
  readonly file: string;
  readonly size: number;
  /** The heap limit of each process. */
  readonly memoryMb: number;
  /** A process that has had no work for so long ends. */
  readonly idleMs?: number;
}

export interface PoolJob {
  readonly message: object;
  /** Sent before the message, over as many turns of the event loop as it takes. */
  readonly before?: readonly object[];
  /** Whose work it is. Groups take turns, and none has the last process to itself while there are more than one. */
  readonly group: string;
  /** From when a process takes the work, until it is ended with the process. */
  readonly timeMs: number;
  /** Given what comes before the answer; whether it was that. */
  readonly onPart?: (message: unknown) => boolean;
}

/**
 * Why there is no answer. `timeout`: it took longer than its time. `died`: the process ended, mostly because its memory
 * ran out.
 */
export class WorkEnded extends Error {
  override readonly name = 'WorkEnded';
  readonly reason: 'timeout' | 'died';

  constructor(reason: 'timeout' | 'died', message: string) {
    super(message);
    this.reason = reason;
  }
}

interface Task extends PoolJob {
  readonly answer: (message: unknown) => void;
  readonly fail: (error: Error) => void;
  /** Whether it was with a process already that something else has ended. */
  again: boolean;
}

interface Member {
  readonly child: ChildProcess;
  isReady: boolean;
  task: Task | null;
  timer: NodeJS.Timeout | null;
}

const IDLE_MS = 300_000;
/** A program that has not said by then that it is ready never will. */
const START_MS = 30_000;

/**
 * Processes, and not threads: a thread whose memory runs out, or which is in the midst of one long operation, can take
 * the whole process with it or cannot be ended. They start when there is work, and each does one thing at a time.
 */
export class ProcessPool {
  readonly #params: ProcessPoolParams;
  readonly #members = new Set<Member>();
  /** By group, in the order in which the groups are next. */
  readonly #waiting = new Map<string, Task[]>();
  /** How many processes there were at once, less those that were not needed any more. */
  #had = 0;
  #closed = false;

  constructor(params: ProcessPoolParams) {
    this.#params = params;
  }

  /** How many processes there are. */
  get processes(): number {
    return this.#members.size;
  }

  /** The process's answer. Rejects with `WorkEnded`, or with why no process can be had. */
  async run(job: PoolJob): Promise<unknown> {
    if (this.#closed) throw closedError();
    return new Promise((resolve, reject) => {
      this.#queue({ ...job, answer: resolve, fail: reject, again: false });
      this.#fill();
    });
  }

  /** Ends every process. What is under way is failed. */
  close(): void {
    this.#closed = true;
    const waiting = [...this.#waiting.values()].flat();
    this.#waiting.clear();
    for (const member of this.#members) {
      if (member.task !== null) waiting.push(member.task);
      this.#end(member);
    }
    for (const task of waiting) task.fail(closedError());
  }

  #queue(task: Task): void {
    const tasks = this.#waiting.get(task.group);
    if (tasks === undefined) this.#waiting.set(task.group, [task]);
    else tasks.push(task);
  }

  /** Gives work to idle processes, and starts one where more work waits than processes are about to take. */
  #fill(): void {
    for (const member of this.#members) {
      if (!member.isReady || member.task !== null) continue;
      const task = this.#next();
      if (task === null) return;
      this.#give(member, task);
    }
    while (this.#mayStart()) this.#start();
  }

  /**
   * One starts at a time, and beside it those that take the place of others that were ended with their work: on a busy
   * machine, where a start takes seconds, what waits would wait for one after the other.
   */
  #mayStart(): boolean {
    const { size } = this.#params;
    if (this.#closed || this.#members.size >= size || this.#waiting.size === 0 || this.#nextGroup() === null)
      return false;
    let starting = 0;
    for (const { isReady } of this.#members) if (!isReady) starting += 1;
    let waiting = 0;
    for (const tasks of this.#waiting.values()) waiting += tasks.length;
    return starting === 0 || (starting < waiting && this.#members.size < this.#had);
  }

  #nextGroup(): string | null {
    for (const group of this.#waiting.keys()) {
      const busy = [...this.#members].filter(({ task }) => task?.group === group).length;
      if (busy < Math.max(1, this.#params.size - 1)) return group;
    }
    return null;
  }

  #next(): Task | null {
    const group = this.#nextGroup();
    const tasks = group === null ? undefined : this.#waiting.get(group);
    if (group === null || tasks === undefined) return null;
    const task = tasks.shift() ?? null;
    // Behind the others: it has had its turn.
    this.#waiting.delete(group);
    if (tasks.length > 0) this.#waiting.set(group, tasks);
    return task;
  }

  #give(member: Member, task: Task): void {
    member.task = task;
    const { child } = member;
    child.ref();
    child.channel?.ref();
    if (task.before === undefined || task.before.length === 0) this.#sendMessage(member, task);
    else void this.#sendAll(member, task, task.before);
  }

  async #sendAll(member: Member, task: Task, before: readonly object[]): Promise<void> {
    if (member.timer !== null) clearTimeout(member.timer);
    for (const part of before) {
      this.#send(member, part);
      const turn = yieldIfBusy();
      if (turn !== null) await turn;
      // The process has ended.
      if (member.task !== task) return;
    }
    this.#sendMessage(member, task);
  }

  #sendMessage(member: Member, task: Task): void {
    this.#setTimer(member, task.timeMs, () => {
      // This process may have been the slow one: an answer that is there already is read first.
      setImmediate(() => {
        if (member.task !== task) return;
        this.#end(member);
        task.fail(new WorkEnded('timeout', `took longer than ${task.timeMs} ms`));
        this.#fill();
      });
    });
    this.#send(member, task.message);
  }

  #send({ child }: Member, message: object): void {
    child.send(message, (error) => {
      if (error !== null) child.kill('SIGKILL');
    });
  }

  #start(): void {
    const { file, memoryMb } = this.#params;
    // None of the environment, which holds secrets, and none of the flags that this process was started with.
    const child = fork(file, [], {
      env: {},
      execArgv: [`--max-old-space-size=${memoryMb}`],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const member: Member = { child, isReady: false, task: null, timer: null };
    this.#members.add(member);
    this.#had = Math.max(this.#had, this.#members.size);
    this.#setTimer(member, START_MS, () => child.kill('SIGKILL'));
    child.on('message', (message) => this.#take(member, message));
    child.on('error', (error) => this.#gone(member, error));
    child.on('exit', () => this.#gone(member, null));
  }

  #take(member: Member, message: unknown): void {
    if (!this.#members.has(member)) return;
    const { task } = member;
    if (task?.onPart?.(message) === true) return;
    member.isReady = true;
    member.task = null;
    task?.answer(message);
    this.#fill();
    if (member.task !== null) return;
    member.child.unref();
    member.child.channel?.unref();
    this.#setTimer(member, this.#params.idleMs ?? IDLE_MS, () => {
      this.#end(member);
      this.#had = this.#members.size;
    }).unref();
  }

  /** It has ended by itself, or cannot be started. */
  #gone(member: Member, error: Error | null): void {
    if (!this.#members.has(member)) return;
    const { task, isReady } = member;
    const { exitCode, signalCode } = member.child;
    this.#end(member);
    if (!isReady) {
      this.#had = this.#members.size;
      // Another one would fare no better: what waits is told.
      const waiting = this.#next();
      const how = error?.message ?? `it ended with ${signalCode ?? exitCode ?? '?'}`;
      waiting?.fail(new Error(`A process for expressions could not be started: ${how}`));
    } else if (task !== null && signalCode === 'SIGKILL' && !task.again) {
      // Somebody else has ended it. The work may be innocent.
      task.again = true;
      this.#queue(task);
    } else {
      task?.fail(new WorkEnded('died', `its process ended (${signalCode ?? exitCode ?? '?'})`));
    }
    this.#fill();
  }

  #end(member: Member): void {
    this.#members.delete(member);
    if (member.timer !== null) clearTimeout(member.timer);
    member.task = null;
    member.child.kill('SIGKILL');
  }

  #setTimer(member: Member, delayMs: number, wake: () => void): NodeJS.Timeout {
    if (member.timer !== null) clearTimeout(member.timer);
    member.timer = setTimeout(wake, delayMs);
    return member.timer;
  }
}

function closedError(): Error {
  return new Error('The server is closing');
}
