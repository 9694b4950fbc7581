/**
 * The calls of Restate that this process is at, and the runs that they gave it.
 *
 * 1. A run is a call's from its claim until it has ended, or is parked and given back: the store holds which call's. A
 *    claim raises the run's epoch, so whoever drove it before is superseded.
 * 2. A call ends once all its runs have; before that, the times at which parked ones go on are with Restate, and the
 *    runs that wait for ended ones have been told. So whatever dies, Restate makes the call again, and it is done then.
 * 3. A process that has lost a call goes on with its runs: when Restate gives it the same call again, nothing is begun
 *    anew; when another process is given it, what this one still does is superseded.
 */
import { errorMessage } from '../../core/errors.js';
import { type Clock, pause } from '../../core/ports/clock.js';
import type { Logger } from '../../core/ports/logger.js';
import type { DriveStore, WantedRun } from '../../core/ports/store/drive-store.js';
import type { BegunDrive, RunKey } from '../../core/ports/store/run-store.js';
import type { Run } from '../../core/run/run.js';
import type { DriveEnd } from '../../runner/drive/drive-run.js';
import type { DrivenRunKey } from '../drives/driven-run.js';
import type { RunDrives } from '../drives/run-drives.js';
import type { Call } from './calls/call-server.js';
import { Gather } from '../../core/time/gather.js';
import type { Inbox } from './inbox.js';

export interface GivenCallsOptions {
  readonly store: DriveStore;
  readonly inbox: Inbox;
  readonly clock: Clock;
  readonly logger: Logger;
  /** At so many crashes a run fails; one short of that it goes on alone. Null: never. */
  readonly maxCrashes: number | null;
  readonly canDrive: (
    run: Pick<Run, 'workflowId' | 'workflowVersion' | 'organizationId' | 'ownWorkflow'>,
  ) => Promise<boolean>;
  /** Has Restate make a call for a run at a time. */
  readonly wakeAt: (run: WantedRun, at: number) => Promise<void>;
}

interface GivenCall {
  readonly id: string;
  /** Until what is wanted is known to be this process's. */
  claimed: Promise<void>;
  /** Restate may have given it to another process by now. */
  isLost: boolean;
  /** Those that it has not done with. */
  readonly left: Set<string>;
  /** Those that another driver has taken over. */
  readonly superseded: Set<string>;
  readonly done: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

interface GivenRun {
  readonly key: RunKey;
  readonly call: GivenCall;
  epoch: number;
  /** Of which moment it is known that the run was this process's. */
  knownAt: number;
}

interface ParkedEnd {
  readonly given: GivenRun;
  readonly wakeAt: number | null;
}

const AGAIN_MS = 1_000;
/** When another process is asked to drive what this one cannot. */
const STRANGE_MS = 500;
const PARK_TOGETHER = 200;

export class GivenCalls {
  readonly #options: GivenCallsOptions;
  readonly #calls = new Map<string, GivenCall>();
  readonly #runs = new Map<string, GivenRun>();
  readonly #parking: Gather<ParkedEnd>;
  readonly #tails = new Set<Promise<void>>();
  #drives: RunDrives | null = null;
  /** Nothing more is taken on, and what drivers leave is given back when all have. */
  #draining = false;
  #stopping = false;

  constructor(options: GivenCallsOptions) {
    this.#options = options;
    this.#parking = new Gather({ most: PARK_TOGETHER, atOnce: 4, work: (ends) => this.#park(ends) });
  }

  /** Before the first call. */
  driveWith(drives: RunDrives): void {
    this.#drives = drives;
  }

  /** Resolves once all runs of the call have ended or are parked; rejects when the call is to be made again. */
  async take(call: Call): Promise<void> {
    if (this.#draining) throw new Error('This process is stopping.');
    const known = this.#calls.get(call.id);
    const given = known ?? newCall(call);
    try {
      if (known === undefined) await this.#takeUp(given, call.wanted);
      else await this.#takeUpAgain(known);
    } catch (error) {
      // Nothing of it is known to be this process's.
      if (known === undefined) this.#calls.delete(call.id);
      throw error;
    }
    given.isLost = false;
    const part = (): void => void this.#part(given);
    if (call.lost.aborted) part();
    else call.lost.addEventListener('abort', part, { once: true });
    this.#endIfDone(given);
    await given.done.finally(() => call.lost.removeEventListener('abort', part));
  }

  async #takeUp(call: GivenCall, wanted: readonly WantedRun[]): Promise<void> {
    this.#calls.set(call.id, call);
    call.claimed = this.#claim(call, wanted);
    await call.claimed;
  }

  /** For the drives of this process: takes a run over that it has, and null when it has not. */
  async beginDrive({ id: runId }: DrivenRunKey): Promise<BegunDrive | null> {
    const given = this.#runs.get(runId);
    if (given === undefined) return null;
    const { key, call, epoch } = given;
    // What its driver was given, which has failed, is for the next.
    this.#options.inbox.release(runId);
    const askedAt = this.#options.clock.now();
    const begun = await this.#options.store.claimAgain({ ...key, call: call.id, epoch });
    if (begun !== null) Object.assign(given, { epoch: begun.epoch, knownAt: askedAt });
    return begun;
  }

  /** For the drives of this process: how a driver parted from its run. */
  part({ id: runId }: DrivenRunKey, end: DriveEnd | null): void {
    const given = this.#runs.get(runId);
    if (given === undefined || (this.#draining && end?.kind === 'left')) return;
    const tail = this.#finish(given, end).finally(() => this.#tails.delete(tail));
    this.#tails.add(tail);
  }

  /** Before the drivers are asked to leave their runs. */
  drain(): void {
    this.#draining = true;
  }

  /** Once nothing is driven any more: gives back what is left, and has its calls made again. */
  async stop(): Promise<void> {
    const { store, clock, logger } = this.#options;
    this.#stopping = true;
    await Promise.all(this.#tails);
    // What comes to be this process's only now would count a crash of it.
    await Promise.allSettled([...this.#calls.values()].map(({ claimed }) => claimed));
    for (const call of this.#calls.values()) {
      const runs = [...call.left].map((runId) => ({ runId, wakeAt: clock.now() }));
      await store.release({ call: call.id, runs }).catch((error: unknown) => {
        const fields = { runs: runs.length, error: errorMessage(error) };
        logger.warn(fields, 'Runs could not be given back; whoever goes on with them counts a crash');
      });
      call.reject(new Error('This process is stopping.'));
    }
    this.#calls.clear();
    this.#runs.clear();
  }

  async #claim(call: GivenCall, wanted: readonly WantedRun[]): Promise<void> {
    const { store, inbox, maxCrashes } = this.#options;
    const drives = this.#assertDrives();
    const askedAt = this.#options.clock.now();
    const begun = await this.#keepDrivable(call, await store.claim({ call: call.id, wanted }));
    const mail = await inbox.take(begun.map(({ run }) => run.id));
    for (const { run } of begun) await drives.learn(run.organizationId);
    let hasSuspects = false;
    for (const { run, epoch, crashes } of begun) {
      // What this process did for an earlier call, and has not noticed to be over, is superseded.
      const before = drives.get(run.id);
      this.#lose(run.id, call);
      if (before !== undefined) {
        before.mailbox.leave();
        await before.ended.catch(() => undefined);
      }
      const key = { organizationId: run.organizationId, runId: run.id };
      this.#runs.set(run.id, { key, call, epoch, knownAt: askedAt });
      call.left.add(run.id);
      const admission = { key: run, run, start: null, epoch, crashes };
      const isSuspect = maxCrashes !== null && maxCrashes >= 2 && crashes >= maxCrashes - 1;
      hasSuspects ||= isSuspect;
      const entry = isSuspect ? drives.addSuspect(admission) : drives.admit(admission);
      inbox.deliverTaken(run.id, entry, mail);
    }
    if (hasSuspects) drives.launchSuspects();
  }

  /**
   * Of which moment it is known that a run was this process's: of none where no call has given it the run, or the call
   * may be another's by now.
   */
  knownAt(runId: string): number {
    const given = this.#runs.get(runId);
    return given === undefined || given.call.isLost ? Number.NEGATIVE_INFINITY : given.knownAt;
  }

  /** Those of these runs that are not this process's any more; their drivers are told to leave them. */
  async findLost(runIds: readonly string[]): Promise<ReadonlySet<string>> {
    const { store, clock } = this.#options;
    const askedAt = clock.now();
    const asked: { runId: string; given: GivenRun; call: string; epoch: number }[] = [];
    const lost = new Set<string>();
    for (const runId of runIds) {
      const given = this.#runs.get(runId);
      // A run that this process is being given anew has a driver still that it had before.
      if (given === undefined) lost.add(runId);
      else asked.push({ runId, given, call: given.call.id, epoch: given.epoch });
    }
    const held = await store.listHeld({ runs: asked });
    const epochs = new Map(held.map(({ runId, epoch }) => [runId, epoch]));
    for (const { runId, given, epoch } of asked) {
      // Claimed anew meanwhile.
      if (this.#runs.get(runId) !== given || given.epoch !== epoch) continue;
      if (epochs.get(runId) === epoch) {
        given.knownAt = askedAt;
        continue;
      }
      lost.add(runId);
      this.#drives?.get(runId)?.mailbox.leave();
    }
    return lost;
  }

  #listHeld(call: string, runIds: Iterable<string>): ReturnType<DriveStore['listHeld']> {
    return this.#options.store.listHeld({ runs: [...runIds].map((runId) => ({ call, runId })) });
  }

  /** Runs of versions that this process does not have are for another, which may be a newer one. */
  async #keepDrivable(call: GivenCall, begun: readonly BegunDrive[]): Promise<readonly BegunDrive[]> {
    const { store, canDrive, wakeAt, clock, logger } = this.#options;
    const strange: BegunDrive[] = [];
    for (const one of begun) if (!(await canDrive(one.run))) strange.push(one);
    if (strange.length === 0) return begun;
    const { workflowId, workflowVersion } = strange[0]?.run ?? {};
    logger.warn(
      { runs: strange.length, workflowId, workflowVersion },
      'This process has not the code that runs are on; another is asked',
    );
    const soon = clock.now() + STRANGE_MS;
    await Promise.all(
      strange.map(({ run: { organizationId, id: runId }, epoch }) => wakeAt({ organizationId, runId, epoch }, soon)),
    );
    await store.release({ call: call.id, runs: strange.map(({ run }) => ({ runId: run.id, wakeAt: soon })) });
    return begun.filter((one) => !strange.includes(one));
  }

  /** Restate gives the call to this process again: what somebody else has had meanwhile is claimed anew. */
  async #takeUpAgain(call: GivenCall): Promise<void> {
    // The attempt before may have been cut off before it knew what it has: an end now would be the end of the call.
    await call.claimed;
    const held = await this.#listHeld(call.id, call.left);
    const lost = held.filter(({ runId, epoch }) => this.#runs.get(runId)?.epoch !== epoch);
    if (lost.length > 0)
      await this.#claim(
        call,
        lost.map((key) => ({ ...key, epoch: null })),
      );
  }

  /** Says that this process goes on without the call, so that nobody takes it for dead. */
  async #part(call: GivenCall): Promise<void> {
    call.isLost = true;
    const runIds = [...call.left];
    if (this.#stopping || runIds.length === 0) return;
    await this.#options.store.part({ call: call.id, runIds }).catch(() => undefined);
  }

  async #finish(given: GivenRun, end: DriveEnd | null): Promise<void> {
    const { inbox } = this.#options;
    const { call, key } = given;
    if (end?.kind === 'parked') return this.#parking.add({ given, wakeAt: end.wakeAt });
    if (end?.kind === 'superseded' || end?.kind === 'left') call.superseded.add(key.runId);
    if (end?.kind === 'ended') {
      await this.#atLast(() => inbox.forget([key.runId]));
      // The commit of its end has left it the mail.
      const { parent, organizationId } = end.run;
      if (parent !== undefined) inbox.tell({ runId: parent.runId, organizationId });
    }
    this.#drop(given);
  }

  /** Their times first: a run that is given back has to be found again. */
  async #park(ends: readonly ParkedEnd[]): Promise<void> {
    const { store, inbox, wakeAt: wake } = this.#options;
    const due = ends.flatMap(({ given, wakeAt }) => (wakeAt === null ? [] : [{ given, wakeAt }]));
    await Promise.all(
      due.map(({ given: { key, epoch }, wakeAt }) => this.#atLast(() => wake({ ...key, epoch }, wakeAt))),
    );
    const runIds = ends.map(({ given }) => given.key.runId);
    await this.#atLast(() => inbox.forget(runIds));
    for (const call of new Set(ends.map(({ given }) => given.call))) {
      const ofCall = ends.filter(({ given }) => given.call === call);
      const runs = ofCall.map(({ given, wakeAt }) => ({ runId: given.key.runId, wakeAt }));
      await this.#atLast(() => store.release({ call: call.id, runs }));
    }
    // What was said before they were given back woke nobody.
    const mailed = new Set((await this.#atLast(() => inbox.collect(runIds))).map(({ runId }) => runId));
    for (const { given } of ends) {
      const { call, key } = given;
      if (mailed.has(key.runId) && !this.#stopping)
        await this.#atLast(() => this.#claim(call, [{ ...key, epoch: null }]));
      if (this.#runs.get(key.runId) === given) this.#drop(given);
    }
  }

  /** What another call of this process's has held for its own, is this one's now. */
  #lose(runId: string, to: GivenCall): void {
    const given = this.#runs.get(runId);
    if (given === undefined) return;
    // How its driver parts from it is of no interest any more.
    this.#runs.delete(runId);
    if (given.call === to) return;
    given.call.superseded.add(runId);
    this.#drop(given);
  }

  #drop({ key, call }: GivenRun): void {
    this.#runs.delete(key.runId);
    this.#options.inbox.release(key.runId);
    call.left.delete(key.runId);
    this.#endIfDone(call);
  }

  #endIfDone(call: GivenCall): void {
    if (call.left.size > 0 || this.#calls.get(call.id) !== call) return;
    this.#calls.delete(call.id);
    this.#checkSuperseded(call).then(call.resolve, call.reject);
  }

  /** What another attempt at the call has taken over is for that attempt to end: the call is not over by this. */
  async #checkSuperseded({ id, superseded }: GivenCall): Promise<void> {
    if (superseded.size === 0) return;
    const held = await this.#listHeld(id, superseded);
    if (held.length > 0) throw new Error('Runs of this call were taken over by another attempt at it.');
  }

  /** Until it is done, or this process stops. */
  async #atLast<T>(work: () => Promise<T>): Promise<T> {
    const { clock, logger } = this.#options;
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (this.#stopping) throw error;
        logger.warn({ error: errorMessage(error) }, 'What a run has come to could not be passed on; trying again');
        await pause(clock, AGAIN_MS);
      }
    }
  }

  #assertDrives(): RunDrives {
    if (this.#drives === null) throw new Error('Calls came before there was anything to drive their runs with.');
    return this.#drives;
  }
}

function newCall({ id }: Call): GivenCall {
  let resolve: () => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const done = new Promise<void>((settle, fail) => {
    resolve = settle;
    reject = fail;
  });
  done.catch(() => undefined);
  return {
    id,
    claimed: Promise.resolve(),
    isLost: false,
    left: new Set(),
    superseded: new Set(),
    done,
    resolve,
    reject,
  };
}
