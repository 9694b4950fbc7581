/**
 * Workers that run handlers.
 *
 * 1. A task is in the waiting line, or with one worker, or its end is being noted, until it has an outcome. It has none
 *    before its worker is gone, or has told of its end.
 * 2. A worker that does not get round to its event loop gets no new calls. For too long, or with a call whose time is
 *    up, it is ended.
 * 3. What the end of a worker cut off is done again. Who is to blame for it is kept apart from the others from then on.
 */
import { nextTurn } from '../../../core/event-loop.js';
import type { Logger } from '../../../core/ports/logger.js';
import { errorMessage } from '../../../core/errors.js';
import { NodeFailure } from '../../../core/handlers/node-kind.js';
import { Awake } from '../wire/awake.js';
import { unpackError } from '../wire/errors.js';
import { Member, type Verdict } from './member.js';
import { Paces } from './paces.js';
import { KnownSources, type Known } from './known-sources.js';
import { countOthers, isHeldBack, laneOf, mayStart, pick, pickForNew } from './placement.js';
import { Overdue, Task, type Ended, type Job, type Lane } from './task.js';
import { judge, judgeCall, toCulprits } from './verdict.js';
import { WaitingLine } from './waiting-line.js';
import type { OpenLink, WorkerEnd } from './worker-link.js';

export interface HandlerPoolParams {
  readonly open: OpenLink;
  /** How many workers there are for what has done no harm. */
  readonly size: number;
  /** How long a worker may not get round to its event loop. */
  readonly silenceMs: number;
  /** At so many ends of its worker a call fails; null: never. */
  readonly maxCrashes: number | null;
  /** How long a worker stays that has nothing to do. */
  readonly idleMs: number;
  readonly logger: Logger;
  /** What is known of earlier processes; nothing when not given. */
  readonly known?: Known;
  /** How long a call may go on that was given up; 1 s when not given. */
  readonly graceMs?: number;
  /** How long a module may take to load when it is inspected; 30 s when not given. */
  readonly loadMs?: number;
}

/** A call that comes back within so long takes little more than to be woken does. */
const SHORT_CALL_MS = 0.2;
const GRACE_MS = 1_000;
const LOAD_MS = 30_000;
const TICK_MS = 250;
/** Whoever shares a worker with a call that does not end has so long to end. */
const RETIRE_MS = 10_000;
const ROUGH_IDLE_MS = 5_000;
/** What computes for so long without giving way lets those go first that do not. */
const LONG_BUSY_MS = 250;
const MAX_FAILED_STARTS = 3;
/** A worker with something to do tells every second that it is alive. */
const UNHEARD_MS = 5_000;

export class HandlerPool {
  readonly #params: HandlerPoolParams;
  readonly #members = new Set<Member>();
  readonly #places = new Map<Task, Member>();
  readonly #line = new WaitingLine();
  readonly #known: Known;
  readonly #heavy = new KnownSources();
  readonly #paces = new Paces();
  readonly #awake = new Awake(SHORT_CALL_MS);
  #timer: NodeJS.Timeout | null = null;
  #failedStarts = 0;
  #closed = false;

  constructor(params: HandlerPoolParams) {
    this.#params = params;
    this.#known = params.known ?? { rough: new KnownSources(), proven: new KnownSources() };
  }

  /** How many workers there are. */
  get workers(): number {
    return this.#members.size;
  }

  /** What the handler returned. Settles only when nothing of the call goes on any more. */
  run(job: Job): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const task = new Task(job, resolve, reject);
      if (this.#closed) return reject(stopping());
      const giveUp = (reason: Error): void => this.#giveUp(task, reason);
      task.unlisten =
        job.kind === 'call' ? job.bounds.onAbort(giveUp) : limitTime(this.#params.loadMs ?? LOAD_MS, giveUp);
      if (task.aborted !== null) return task.fail(task.aborted);
      this.#place(task);
    });
  }

  /** Ends every worker. What is under way fails. */
  close(): void {
    this.#closed = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    for (const task of this.#line.takeAll()) task.fail(stopping());
    for (const member of this.#members) member.end({ why: 'ended', culprits: null, message: 'the server is stopping' });
  }

  #place(task: Task): void {
    const { size } = this.#params;
    const lane = laneOf(task, this.#known);
    const isKept = this.#line.size > 0 || this.#isHeldBack(task, lane);
    const member = isKept ? null : this.#pick(task, lane);
    if (member === null) {
      this.#line.add(lane, task);
      this.#drain();
      return;
    }
    this.#give(member, task, lane);
    // Those that come next find one that they share with nobody.
    if (lane === 'fresh' && countOthers(member, task.source) > 0) return this.#grow(lane);
    // One more than those that may be full of one lane's calls, for the others.
    if (member.calls.size > 1 && this.#members.size <= size) this.#grow(lane === 'fresh' ? 'clean' : lane);
  }

  #pick(task: Task, lane: Lane): Member | null {
    if (lane === 'fresh') return pickForNew(this.#members, task.source);
    if (lane !== 'clean') return pick(this.#members, lane, null);
    task.pace ??= this.#paces.of(task.source);
    return pick(this.#members, lane, task.pace.isShort ? { now: performance.now() } : null);
  }

  #give(member: Member, task: Task, lane: Lane): void {
    this.#places.set(task, member);
    member.give(task, lane);
    if (this.#places.size === 1) this.#awake.expect();
  }

  /** Hands out what waits, as far as there is room. */
  #drain(): void {
    if (this.#line.size === 0 || this.#closed) return;
    for (const lane of this.#line.lanes()) this.#drainLane(lane);
  }

  #drainLane(lane: Lane): void {
    for (let next = this.#nextOf(lane); next !== null; next = this.#nextOf(lane)) {
      const task = this.#line.peek(lane, next);
      const member = task === null ? null : this.#pick(task, lane);
      if (task === null || member === null) return this.#grow(lane);
      this.#line.take(lane, next);
      this.#give(member, task, lane);
    }
  }

  /** The group that is next of those that are not held back. */
  #nextOf(lane: Lane): string | null {
    for (const group of this.#line.groups(lane)) {
      const task = this.#line.peek(lane, group);
      if (task !== null && !this.#isHeldBack(task, lane)) return group;
    }
    return null;
  }

  #isHeldBack(task: Task, lane: Lane): boolean {
    const { size } = this.#params;
    return isHeldBack(this.#members, { task, lane, size, heavy: this.#heavy, now: performance.now() });
  }

  #grow(lane: Lane): void {
    if (!this.#closed && mayStart(this.#members, lane, this.#params.size)) this.#start(lane);
  }

  #start(lane: Lane): void {
    const member = new Member({
      open: this.#params.open,
      logger: this.#params.logger,
      now: () => performance.now(),
      events: {
        onChange: (changed) => this.#onChange(changed),
        onEnded: (_, task, ended) => this.#onEnded(task, ended),
        onReturned: (task) => this.#onReturned(task),
        onGone: (gone, end) => this.#onGone(gone, end),
      },
    });
    member.joinLane(lane);
    // Somebody waits for it, or soon may.
    member.hold(this.#line.size > 0);
    this.#members.add(member);
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS).unref();
  }

  #onChange(member: Member): void {
    if (member.isReady) this.#failedStarts = 0;
    if (member.retireBy !== null) this.#endRetired(member);
    if (member.busy !== null) this.#heavy.add(member.sourceOf(member.busy.call));
    this.#drain();
    if (member.busy === null || member.lane === 'inspect') return;
    // What comes next finds a worker that is ready. Modules are inspected before anybody calls them.
    const lane = member.lane === 'fresh' || member.lane === 'suspect' ? member.lane : 'clean';
    if (pick(this.#members, lane, null) === null) this.#grow(lane);
  }

  #onReturned(task: Task): void {
    this.#places.delete(task);
    this.#placeAgain(task);
  }

  #onEnded(task: Task, ended: Ended): void {
    this.#places.delete(task);
    this.#awake.came();
    if (task.aborted === null) this.#known.proven.add(task.source);
    switch (ended.kind) {
      case 'done':
        if (!(ended.value instanceof Promise)) return task.succeed(ended.value);
        return void ended.value.then(
          (value) => task.succeed(value),
          (error: unknown) => task.fail(error),
        );
      case 'failed':
        return task.fail(unpackError(ended.error));
      case 'inspected':
        return task.succeed({ status: 'ok', report: ended.report });
      case 'faulty':
        return task.succeed({ status: 'faulty', fault: ended.fault });
    }
  }

  #giveUp(task: Task, reason: Error): void {
    task.aborted ??= reason;
    task.overdue ??= new Overdue(() => this.#onOverdue(task), this.#params.graceMs ?? GRACE_MS);
    task.overdue.arm();
    if (this.#line.remove(task)) return task.fail(reason);
    this.#places.get(task)?.abort(task, reason);
  }

  /** Its time is up, and it still goes on. */
  #onOverdue(task: Task): void {
    const member = this.#places.get(task);
    const call = member?.callOf(task) ?? null;
    if (member === undefined || call === null) return;
    const message = 'a call did not end when its time was up';
    const isHeld = member.busy !== null && member.busy.call !== 0 && member.busy.call !== call;
    // Another call keeps it from hearing that its time is up: that one is to blame.
    if (isHeld) return task.overdue?.arm();
    if (member.busy !== null || member.calls.size === 1) {
      return member.end({ why: 'overdue', culprits: new Set([call]), message });
    }
    member.retireBy ??= performance.now() + RETIRE_MS;
    this.#known.rough.add(task.source);
    this.#endRetired(member);
    this.#drain();
  }

  /** Once nothing is left in it but what does not end. */
  #endRetired(member: Member): void {
    const late = [...member.calls].filter(([, { task }]) => task.aborted !== null).map(([call]) => call);
    const isTime = member.retireBy !== null && performance.now() >= member.retireBy;
    if (late.length < member.calls.size && !isTime) return;
    const message = 'a call in it did not end when its time was up';
    member.end({ why: 'overdue', culprits: new Set(late), message });
  }

  #onGone(member: Member, end: WorkerEnd): void {
    this.#members.delete(member);
    const verdict = member.verdict ?? judge(member, end);
    const isMeant = verdict.why === 'ended';
    if (!isMeant) this.#tell(member, verdict);
    for (const culprit of verdict.culprits ?? []) this.#known.rough.add(member.sourceOf(culprit));
    const again: Task[] = [];
    const noted: Task[] = [];
    for (const [call, { task, server, begun, sent }] of member.calls) {
      this.#places.delete(task);
      if (!sent) {
        again.push(task);
        continue;
      }
      server?.close(`The worker of this call has ended: ${verdict.message}`);
      const { silenceMs, maxCrashes } = this.#params;
      const { failure, isCulprit } = judgeCall({ task, call, begun, verdict, silenceMs, maxCrashes });
      if (this.#closed) task.fail(task.aborted ?? stopping());
      else if (failure !== null) settleFailed(task, failure);
      else (isCulprit ? noted : again).push(task);
    }
    for (const task of noted) void this.#noteThenPlace(task);
    // What was going on for them in this process has heard of the end by then.
    setImmediate(() => {
      for (const task of again) this.#placeAgain(task);
      if (!member.isReady && !isMeant) this.#onFailedStart(verdict);
      this.#drain();
    });
  }

  /** That it was cut off counts whatever becomes of this process: before it is made again, as it may end that, too. */
  async #noteThenPlace(task: Task): Promise<void> {
    try {
      if (task.job.kind === 'call') await task.job.bounds.noteCutOff(task.crashes);
    } catch {
      // Its run has been given up: whoever takes it up makes the call anew.
    }
    await nextTurn();
    this.#placeAgain(task);
  }

  #placeAgain(task: Task): void {
    if (task.aborted !== null) task.fail(task.aborted);
    else if (this.#closed) task.fail(stopping());
    else this.#place(task);
  }

  #onFailedStart({ message }: Verdict): void {
    this.#failedStarts += 1;
    if (this.#failedStarts < MAX_FAILED_STARTS) return;
    this.#failedStarts = 0;
    const failure = new NodeFailure(`No worker for handlers can be started: ${message}`, { kind: 'no_worker' });
    for (const task of this.#line.takeAll()) settleFailed(task, failure);
  }

  #tell(member: Member, { why, culprits, message }: Verdict): void {
    const blamed = [...(culprits ?? [])].flatMap((call) => {
      const job = member.calls.get(call)?.task.job;
      if (job?.kind !== 'call') return [];
      const { run, node, organization, attempt } = job.context;
      return [{ organizationId: organization.id, runId: run.id, nodeId: node.id, attempt }];
    });
    const told = { why, calls: member.calls.size, ...(blamed.length === 0 ? {} : { blamed }) };
    this.#params.logger.error(told, `A worker for handlers has ended: ${message}`);
  }

  #tick(): void {
    const now = performance.now();
    for (const member of this.#members) {
      if (member.retireBy !== null) this.#endRetired(member);
      else if (member.calls.size > 0 || member.busy !== null) this.#checkBusy(member, now);
      else if (this.#isUnneeded(member, now)) {
        member.end({ why: 'ended', culprits: null, message: 'it had nothing to do' });
      }
    }
    this.#drain();
  }

  #checkBusy(member: Member, now: number): void {
    const { silenceMs } = this.#params;
    const { busy, calls, heardAt } = member;
    if (busy !== null && now - busy.since >= LONG_BUSY_MS) member.stepBack('others');
    const isBusyForLong = busy !== null && now - busy.since > silenceMs;
    const isUnheard = member.sent > 0 && now - heardAt > silenceMs + UNHEARD_MS;
    if (!isBusyForLong && !isUnheard) return;
    const message = `it did not answer for more than ${silenceMs} ms`;
    member.end({ why: 'silent', culprits: toCulprits(calls, busy?.call ?? 0), message });
  }

  /** None stays for ever: most servers have nothing to do for most of the time. */
  #isUnneeded(member: Member, now: number): boolean {
    if (!member.isReady) return false;
    const idleMs = now - member.idleSince;
    return idleMs > (member.lane === 'rough' || member.lane === 'alone' ? ROUGH_IDLE_MS : this.#params.idleMs);
  }
}

function limitTime(loadMs: number, giveUp: (reason: Error) => void): () => void {
  const timer = setTimeout(() => {
    giveUp(new Error(`the file has not finished loading after ${loadMs / 1_000} s`));
  }, loadMs);
  return () => clearTimeout(timer);
}

/** An inspection tells what is wrong with a file. */
function settleFailed(task: Task, error: Error): void {
  if (task.job.kind === 'call') task.fail(error);
  else task.succeed({ status: 'faulty', fault: { message: errorMessage(error), stack: '' } });
}

function stopping(): Error {
  return new Error('The server is stopping');
}
