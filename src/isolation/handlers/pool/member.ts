import type { Logger } from '../../../core/ports/logger.js';
import { packError } from '../wire/errors.js';
import { ValueReceiver, ValueSender, type WireValue } from '../wire/large-values.js';
import type { FromWorker, ToWorker, WireContext } from '../wire/messages.js';
import { begunBy, CallServer } from './call-server.js';
import { isHarmful, type Ended, type Job, type Lane, type Task } from './task.js';
import type { Behind, LinkEvents, OpenLink, WorkerEnd, WorkerLink } from './worker-link.js';

/** Who is to blame for the end of a worker: calls of it, or nobody that is known. */
export interface Verdict {
  readonly why: WorkerEnd['why'] | 'silent' | 'overdue';
  /** Null where it may have been each of those that it had. */
  readonly culprits: ReadonlySet<number> | null;
  readonly message: string;
}

type CallJob = Extract<Job, { kind: 'call' }>;

interface Running {
  readonly task: Task;
  /** Null until it asks for something: most calls do not. */
  server: CallServer | null;
  begun: boolean;
  /** Whether the worker knows of it. */
  sent: boolean;
}

export interface MemberEvents {
  /** It has room for more, or less to do. */
  readonly onChange: (member: Member) => void;
  readonly onEnded: (member: Member, task: Task, ended: Ended) => void;
  /** It was not begun. */
  readonly onReturned: (task: Task) => void;
  readonly onGone: (member: Member, end: WorkerEnd) => void;
}

/** A worker that gets calls again and again is not let go of in between: that costs more than a short call does. */
const LET_GO_AFTER_MS = 100;
/** So many calls that have ended are known by where they come from, in case they do harm later. */
const MAX_REMEMBERED = 200;

/** The newest calls of a worker that have ended. Arrays that are written over: a map is made anew again and again. */
class EndedCalls {
  readonly #calls: number[] = [];
  readonly #sources: string[] = [];

  add(call: number, source: string): void {
    this.#calls[call % MAX_REMEMBERED] = call;
    this.#sources[call % MAX_REMEMBERED] = source;
  }

  sourceOf(call: number): string | null {
    const place = call % MAX_REMEMBERED;
    return this.#calls[place] === call ? (this.#sources[place] ?? null) : null;
  }
}

/** One worker, and the calls that it has. */
export class Member {
  readonly calls = new Map<number, Running>();
  lane: Lane | null = null;
  isReady = false;
  /** Gets no new calls, and is ended when its others have ended, or by this moment. */
  retireBy: number | null = null;
  verdict: Verdict | null = null;
  /** Calls that it was given and has not begun. */
  unbegun = 0;
  /** Calls that it knows of. */
  sent = 0;
  /** The call in which it has been computing since; 0: in one that is not known. */
  busy: { readonly call: number; readonly since: number } | null = null;
  heardAt: number;
  idleSince: number;
  readonly #link: WorkerLink;
  readonly #events: MemberEvents;
  readonly #logger: Logger;
  readonly #now: () => number;
  readonly #post: (message: ToWorker) => void = (message) => this.#link.post(message);
  readonly #sender = new ValueSender(this.#post);
  readonly #receiver = new ValueReceiver();
  readonly #ended = new EndedCalls();
  #lastCall = 0;
  /** When it last had a call ended, or was given its first. */
  #endedAt = 0;
  /** What each of the calls took that have ended together. */
  #pace = 0;
  #isHeld = true;
  #isLettingGo = false;
  /** The latest time that it was closed: see `Notice`. */
  #closing = 0;

  constructor(params: {
    readonly open: OpenLink;
    readonly events: MemberEvents;
    readonly logger: Logger;
    /** Milliseconds that only grow. */
    readonly now: () => number;
  }) {
    this.#events = params.events;
    this.#logger = params.logger;
    this.#now = params.now;
    this.heardAt = this.idleSince = params.now();
    this.#link = params.open({
      onMessages: (messages) => this.#takeAll(messages),
      onBusy: (notice) => this.#onBusy(notice),
      onFree: () => {
        this.busy = null;
        params.events.onChange(this);
      },
      onBeat: () => {
        this.heardAt = this.#now();
      },
      onOutput: (line) => {
        if (line !== '') params.logger.warn({}, line);
      },
      onEnd: (end) => {
        params.events.onGone(this, end);
        // What they wait for before they are sent concerns this worker no more.
        this.calls.clear();
      },
    });
  }

  /** From now on it is for this lane. */
  joinLane(lane: Lane): void {
    if (this.lane === lane) return;
    this.lane = lane;
    // What is likely to do harm gets what the others leave of the processors.
    if (isHarmful(lane)) this.stepBack('all');
    else if (this.isReady) this.#yieldToServer();
  }

  /** The server's start waits for modules that are inspected; what computes for long steps back all the same. */
  #yieldToServer(): void {
    if (this.lane !== 'inspect') this.stepBack('server');
  }

  stepBack(behind: Behind): void {
    this.#link.stepBack(behind);
  }

  give(task: Task, lane: Lane): void {
    this.joinLane(lane);
    const call = (this.#lastCall += 1);
    const { job } = task;
    this.hold(true);
    if (this.calls.size === 0) this.#endedAt = this.#now();
    this.calls.set(call, { task, server: null, begun: false, sent: false });
    this.unbegun += 1;
    if (job.kind === 'inspect') this.#postCall(call, { kind: 'inspect', call, file: job.file });
    else this.#hand(call, task, job);
    if (task.aborted !== null) this.abort(task, task.aborted);
  }

  /** Where the call is to be known to be at work, once it is. */
  #hand(call: number, task: Task, job: CallJob): void {
    const begun = job.bounds.beginWork();
    const send = (): void => this.#send(call, task, job);
    if (begun === null) return send();
    const sendLate = (): void => {
      // It may have been returned, or have ended with its worker.
      if (!this.calls.has(call) || this.verdict !== null) return;
      send();
      if (task.aborted !== null) this.abort(task, task.aborted);
    };
    begun.then(sendLate, (error: unknown) => this.#end(call, { kind: 'failed', call, error: packError(error) }));
  }

  /** In this turn where the input is not large. */
  #send(call: number, task: Task, job: CallJob): void {
    // Before the input is packed: this process may be paused while it is.
    const by = begunBy(job.bounds, task.late);
    const input = this.#sender.pack(job.context.input);
    if (!(input instanceof Promise)) return this.#postCall(call, toMessage({ call, job, by, input }));
    void input.then((packed) => {
      if (!this.calls.has(call)) return;
      this.#postCall(call, toMessage({ call, job, by, input: packed }));
      if (task.aborted !== null) this.abort(task, task.aborted);
    });
  }

  abort(task: Task, reason: Error): void {
    const call = this.callOf(task);
    if (call === null) return;
    const error = packError(reason);
    if (this.calls.get(call)?.sent === true) this.#link.post({ kind: 'abort', call, error });
    else this.#end(call, { kind: 'failed', call, error });
  }

  #postCall(call: number, message: ToWorker): void {
    const running = this.calls.get(call);
    if (running === undefined) return;
    if (this.sent === 0) this.heardAt = this.#now();
    running.sent = true;
    this.sent += 1;
    this.#post(message);
  }

  #forget(call: number, running: Running): void {
    this.#begun(call);
    this.calls.delete(call);
    if (running.sent) this.sent -= 1;
  }

  callOf(task: Task): number | null {
    for (const [call, running] of this.calls) if (running.task === task) return call;
    return null;
  }

  /** See `Task.source`; also of a call that has ended lately. */
  sourceOf(call: number): string | null {
    return this.calls.get(call)?.task.source ?? this.#ended.sourceOf(call);
  }

  hold(isHeld: boolean): void {
    if (isHeld === this.#isHeld) return;
    this.#isHeld = isHeld;
    this.#link.hold(isHeld);
  }

  end(verdict: Verdict): void {
    if (this.verdict !== null) return;
    this.verdict = verdict;
    this.#link.kill();
  }

  /** What it has not begun need not wait for what it does. */
  #onBusy({ call, begun, closing }: Parameters<LinkEvents['onBusy']>[0]): void {
    const isNew = closing !== this.#closing;
    this.#closing = closing;
    this.busy = { call, since: this.busy?.since ?? this.#now() };
    if (isNew) {
      this.#link.post({ kind: 'reopen', closing, begun });
      // Found first: what is returned may be given out at once.
      const waiting = [...this.calls.keys()].filter((one) => one > begun);
      for (const one of waiting) this.#return(one);
    }
    this.#events.onChange(this);
  }

  #takeBack({ call, isLate }: Extract<FromWorker, { kind: 'returned' }>): void {
    const task = this.calls.get(call)?.task;
    if (isLate && task !== undefined) task.late += 1;
    this.#return(call);
  }

  #return(call: number): void {
    const running = this.calls.get(call);
    if (running === undefined) return;
    this.#forget(call, running);
    // It may have nothing left, and still computes: it is no place for this call, nor for others.
    if (this.calls.size === 0) this.#rest();
    this.#events.onReturned(running.task);
  }

  #takeAll(messages: readonly FromWorker[]): void {
    const now = this.#now();
    this.heardAt = now;
    const ended = countEnded(messages);
    if (ended > 0) {
      this.#pace = (now - this.#endedAt) / ended;
      this.#endedAt = now;
    }
    for (const message of messages) this.#take(message);
    this.#events.onChange(this);
  }

  #take(message: FromWorker): void {
    switch (message.kind) {
      case 'ready':
        this.isReady = true;
        // Not before: others that compute would keep it from its start, for which calls wait.
        this.#yieldToServer();
        this.hold(this.calls.size > 0);
        return;
      case 'begun':
        for (const call of message.calls) this.#begun(call);
        return;
      case 'returned':
        return this.#takeBack(message);
      case 'pieces':
        return this.#receiver.take(message);
      case 'done':
        return this.#end(message.call, { kind: 'done', value: this.#receiver.unpack(message.value) });
      case 'failed':
      case 'inspected':
      case 'faulty':
        return this.#end(message.call, message);
      case 'log':
        return this.#log(message);
      case 'report':
        return this.#serverOf(message.call)?.report(message);
      case 'ask':
        return void this.#serverOf(message.call)?.ask(message.id, message.question);
      case 'worked':
        return this.calls.get(message.call)?.server?.worked(message.id, this.#receiver.unpack(message.value));
      case 'unworked':
        return this.calls.get(message.call)?.server?.unworked(message.id, message.error);
      case 'late':
        return void this.calls.get(message.call)?.server?.workLate(message.id);
      case 'drop':
        return this.calls.get(message.call)?.server?.drop(message.id);
    }
  }

  #serverOf(call: number): CallServer | null {
    const running = this.calls.get(call);
    if (running === undefined) return null;
    const { job } = running.task;
    if (job.kind === 'call') running.server ??= new CallServer({ ...job, post: this.#post, values: this.#sender });
    return running.server;
  }

  #begun(call: number): void {
    const running = this.calls.get(call);
    if (running === undefined || running.begun) return;
    running.begun = true;
    this.unbegun -= 1;
  }

  #end(call: number, ended: Ended): void {
    const running = this.calls.get(call);
    if (running === undefined) return;
    this.#forget(call, running);
    this.#ended.add(call, running.task.source);
    running.task.pace?.note(this.#pace);
    // The notice that it is free comes later, and others wait.
    if (this.calls.size === 0) {
      this.busy = null;
      this.#rest();
    }
    running.server?.close('The call has ended');
    this.#events.onEnded(this, running.task, ended);
  }

  /** It has no calls any more. */
  #rest(): void {
    this.idleSince = this.#now();
    if (this.#isLettingGo) return;
    this.#isLettingGo = true;
    setTimeout(() => {
      this.#isLettingGo = false;
      if (this.calls.size === 0) this.hold(false);
    }, LET_GO_AFTER_MS).unref();
  }

  #log({ call, place, level, fields, message }: Extract<FromWorker, { kind: 'log' }>): void {
    const job = this.calls.get(call)?.task.job;
    if (job?.kind === 'call') job.context.log[level](fields, message);
    else this.#logger[level]({ ...fields, ...place }, message);
  }
}

function countEnded(messages: readonly FromWorker[]): number {
  let count = 0;
  for (const { kind } of messages) if (kind === 'done' || kind === 'failed') count += 1;
  return count;
}

function toMessage(params: {
  readonly call: number;
  readonly job: CallJob;
  readonly by: number | null;
  readonly input: WireValue;
}): ToWorker {
  const { call, job, by, input } = params;
  const { idempotencyKey, attempt, instruction, node, run, organization } = job.context;
  const context: WireContext = { input, idempotencyKey, attempt, instruction, node, run, organization };
  const { file, export: name, nodeId } = job.callee.place;
  return { kind: 'call', call, file, export: name, nodeId, by, context };
}
