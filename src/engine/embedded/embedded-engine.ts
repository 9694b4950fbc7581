/**
 * Drives runs in this process.
 *
 * 1. Every unfinished run of the store is owned by this process: it is queued, active, parked (all that is left of it
 *    waits), or was left at the last stop and is resumed at the next start.
 * 2. A run is driven by one driver at a time, and only the driver changes it.
 * 3. Who becomes active next, and how many are, is for the queue to say (`admission/fair-queue.ts`). What somebody
 *    waits for, a cancel or an answer, is recorded at once, by a driver that starts nothing; the run then goes on in
 *    its turn.
 */
import type { Clock } from '../../core/ports/clock.js';
import { type DispatchParams, type Engine, NO_WAITS, type WaitReasons } from '../../core/ports/engine.js';
import { ErrandError, errorMessage } from '../../core/errors.js';
import type { Logger } from '../../core/ports/logger.js';
import { isTerminal, type Run } from '../../core/run/run.js';
import type { Limits, ResourceLimits } from '../../core/tenant/scheduling.js';
import type { Organization } from '../../core/tenant/organization.js';
import type { Store } from '../../core/ports/store/store.js';
import type { DriveEnd } from '../../runner/drive/drive-run.js';
import type { RunStart } from '../../runner/open/load-run.js';
import { RunMailbox } from '../../runner/ports/run-mailbox.js';
import type { Runner } from '../../runner/run-driver.js';
import type { Ticket } from '../../admission/fair-queue.js';
import { KnownOrganizations } from './known-organizations.js';
import { EmbeddedNodeSlots } from './node-slots.js';
import { type ParkedRun, ParkedRuns } from './parked-runs.js';
import { ANSWER_REFUSALS, endedAlready, leaving } from './refusals.js';
import { RunQueue } from './run-queue.js';
import { Suspects } from './suspects.js';

export interface EmbeddedEngineOptions {
  readonly store: Pick<Store, 'runs' | 'organizations'>;
  readonly runner: Runner;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly maxActiveRuns: number;
  /** At so many crashes a run fails; one short of that it goes on alone. Null: never. */
  readonly maxCrashes: number | null;
  /** Over all runs; null: no limit. */
  readonly maxActiveNodes: number | null;
  /** What holds for organizations that have no limits of their own. */
  readonly organizationLimits: Limits;
  readonly limitsOfWorkflow: (workflowId: string) => Limits;
  readonly limitsOfResource: (resource: string) => ResourceLimits | null;
}

type RunKey = Pick<Run, 'id' | 'organizationId' | 'workflowId'>;

interface Admission {
  readonly key: RunKey;
  /** Null for a run that was parked: its record is read when it becomes active. */
  readonly run: Run | null;
  /**
   * Null for a run that is not new, and for one that waits with many others: its log is read when it becomes active.
   */
  readonly start: RunStart | null;
  /** As whose driver this process drives it; null: it has to take it over first. */
  readonly epoch: number | null;
}

interface Entry extends Ticket, Admission {
  readonly mailbox: RunMailbox;
  /** Resolves with the run as its driver left it. */
  readonly ended: Promise<Run>;
  readonly settle: (run: Run) => void;
  readonly fail: (error: unknown) => void;
}

/** Whether a run is driven though the limits keep it back. */
type Turn = { readonly isOutOfTurn: boolean };
const IN_TURN: Turn = { isOutOfTurn: false };
const OUT_OF_TURN: Turn = { isOutOfTurn: true };
const RESUME_PAGE = 500;
const DRIVER_RETRY_MS = 2_000;

export class EmbeddedEngine implements Engine {
  readonly #options: EmbeddedEngineOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #queue: RunQueue<Entry>;
  readonly #slots: EmbeddedNodeSlots;
  readonly #parked: ParkedRuns;
  readonly #suspects: Suspects<Entry>;
  readonly #organizations: KnownOrganizations;
  #active = 0;
  #stopping = false;
  #idle: (() => void) | null = null;

  constructor(options: EmbeddedEngineOptions) {
    this.#options = options;
    const { store, clock, organizationLimits, limitsOfWorkflow } = options;
    this.#organizations = new KnownOrganizations({ store, limits: organizationLimits });
    const limitsOfOrganization = (id: string): Limits => this.#organizations.limitsOf(id);
    const limits = { clock, limitsOfOrganization, limitsOfWorkflow };
    this.#queue = new RunQueue({ ...limits, limit: options.maxActiveRuns });
    this.#slots = new EmbeddedNodeSlots({
      ...limits,
      limit: options.maxActiveNodes,
      limitsOfResource: options.limitsOfResource,
    });
    this.#suspects = new Suspects({ clock: options.clock, launch: (entry) => this.#queueUp(entry) });
    this.#parked = new ParkedRuns({ clock: options.clock, onDue: (run) => this.#wake(run) });
  }

  async start(): Promise<void> {
    const suspects = await this.#listSuspects();
    for (let afterId: string | null = null; ;) {
      const runs: readonly Run[] = await this.#options.store.runs.listUnfinished({ afterId, limit: RESUME_PAGE });
      for (const run of runs) {
        await this.#organizations.get(run.organizationId);
        const entry = this.#enter({ key: run, run, start: null, epoch: null });
        if (suspects.has(run.id)) this.#suspects.add(entry);
        else this.#queue.add(entry);
      }
      const last = runs.at(-1);
      if (last === undefined) break;
      afterId = last.id;
    }
    if (this.#queue.size > 0) this.#options.logger.info({ runs: this.#queue.size }, 'Resuming unfinished runs');
    this.#pump();
    this.#suspects.launchNext();
  }

  async #listSuspects(): Promise<ReadonlySet<string>> {
    const { store, maxCrashes } = this.#options;
    if (maxCrashes === null || maxCrashes < 2) return new Set();
    return new Set(await store.runs.listCrashed({ atLeast: maxCrashes - 1 }));
  }

  async assertAccepting(): Promise<void> {
    if (!this.#stopping) return;
    throw new ErrandError('unavailable', 'The server is stopping; try again in a moment.', { retryAfterSeconds: 5 });
  }

  async dispatch({ run, epoch, start }: DispatchParams): Promise<void> {
    if (!this.#organizations.has(run.organizationId)) await this.#organizations.get(run.organizationId);
    // While many wait, their inputs wait on disk.
    const isKept = this.#queue.size < this.#options.maxActiveRuns;
    this.#admit({ key: run, run, start: isKept ? start : null, epoch });
  }

  async explainWaits({ runId }: { readonly runId: string }): Promise<WaitReasons> {
    const run = this.#queue.explain(runId);
    const nodes = this.#slots.explain(runId);
    return run === null && nodes.size === 0 ? NO_WAITS : { run, nodes };
  }

  /** How many runs and nodes do what just now. */
  counts(): { active: number; queued: number; parked: number; heldUp: number } {
    return {
      active: this.#active,
      queued: this.#queue.size,
      parked: this.#parked.size,
      heldUp: this.#slots.waiting,
    };
  }

  async limitsChanged(organization: Organization | null): Promise<void> {
    if (organization !== null) this.#organizations.update(organization);
    this.#queue.limitsChanged();
    this.#slots.refresh();
    this.#pump();
  }

  async cancel({ run, reason }: { readonly run: Run; readonly reason: string }): Promise<Run> {
    const entry = this.#entryOf(run.id);
    if (entry === null) throw endedAlready(run);
    entry.mailbox.cancel(reason);
    this.#hear(entry);
    const ended = await entry.ended;
    if (ended.status !== 'cancelled') throw endedAlready(ended);
    return ended;
  }

  async answer({ run, ...given }: Parameters<Engine['answer']>[0]): Promise<void> {
    await this.assertAccepting();
    const entry = this.#entryOf(run.id);
    if (entry === null) throw ANSWER_REFUSALS.not_waiting();
    await new Promise<void>((accept, reject) => {
      entry.mailbox.deliverAnswer({ ...given, accept, refuse: (reason) => reject(ANSWER_REFUSALS[reason]()) });
      this.#hear(entry);
    });
  }

  async stop({ graceMs }: { readonly graceMs: number }): Promise<void> {
    this.#stopping = true;
    this.#parked.clear();
    this.#slots.close();
    for (const entry of [...this.#queue.takeAll(), ...this.#suspects.takeAll()]) {
      this.#entries.delete(entry.key.id);
      if (entry.run === null) entry.fail(leaving());
      else entry.settle(entry.run);
    }
    for (const entry of this.#entries.values()) entry.mailbox.drain();
    await this.#untilIdle(graceMs);
    for (const entry of this.#entries.values()) entry.mailbox.leave();
    await this.#untilIdle(1_000);
  }

  /** Has it driven when the limits allow. */
  #admit(admission: Admission): void {
    // Recorded just before the stop: whoever starts next resumes it.
    if (this.#stopping) return;
    this.#queueUp(this.#enter(admission));
  }

  #queueUp(entry: Entry): void {
    if (this.#queue.tryEnter(entry)) this.#launch(entry);
    else this.#queue.add(entry);
  }

  #enter({ key, run, start, epoch }: Admission): Entry {
    let settle: (run: Run) => void = () => undefined;
    let fail: (error: unknown) => void = () => undefined;
    const ended = new Promise<Run>((resolve, reject) => {
      settle = resolve;
      fail = reject;
    });
    // Nobody may be waiting.
    ended.catch(() => undefined);
    const ticket = this.#queue.ticketOf(key, run);
    const entry: Entry = { key, run, start, epoch, mailbox: new RunMailbox(), ended, settle, fail, ...ticket };
    this.#entries.set(key.id, entry);
    return entry;
  }

  /** A parked run is queued again. Null when this process does not own the run. */
  #entryOf(runId: string): Entry | null {
    const entry = this.#entries.get(runId);
    if (entry !== undefined) return entry;
    const parked = this.#parked.take(runId);
    if (parked === null) return null;
    const queued = this.#enter(asAdmission(parked));
    this.#queue.add(queued);
    return queued;
  }

  #wake(parked: ParkedRun): void {
    this.#admit(asAdmission(parked));
  }

  /** Has the driver of a run look at the runs that it started. */
  #look(runId: string): void {
    const entry = this.#entryOf(runId);
    entry?.mailbox.childChanged();
    if (entry !== null) this.#pump();
  }

  /**
   * Has what was said to a run recorded, whether its turn has come or not. Its driver, where it has one, has heard it
   * already.
   */
  #hear(entry: Entry): void {
    if (this.#queue.remove(entry.id) === null && !this.#suspects.remove(entry)) return;
    if (this.#queue.tryEnter(entry)) this.#launch(entry);
    else this.#launch(entry, OUT_OF_TURN);
  }

  #pump(): void {
    while (!this.#stopping && this.#queue.size > 0) {
      const entry = this.#queue.takeNext();
      if (entry === null) return;
      this.#launch(entry);
    }
  }

  /** In its turn the queue counts the run as active. */
  #launch(entry: Entry, turn: Turn = IN_TURN): void {
    this.#active += 1;
    this.#drive(entry, turn)
      .then(
        (end) => this.#afterDrive(entry, end, turn),
        (error: unknown) => this.#tryAgainLater(entry, error),
      )
      .finally(() => {
        this.#active -= 1;
        if (!turn.isOutOfTurn) this.#queue.leave(entry);
        this.#pump();
        if (this.#active === 0) this.#idle?.();
      })
      .catch(() => undefined);
  }

  #afterDrive(entry: Entry, end: DriveEnd, turn: Turn): void {
    const { mailbox, key } = entry;
    if (!this.#stopping && isToDriveAgain(end, mailbox, turn)) {
      const isParked = end.kind === 'parked';
      const again: Entry = {
        ...entry,
        run: isParked ? end.run : null,
        start: null,
        epoch: isParked ? end.epoch : null,
      };
      this.#entries.set(key.id, again);
      if (!turn.isOutOfTurn) this.#queue.enter(again);
      else if (!isUrgent(mailbox)) return this.#queueUp(again);
      this.#launch(again, turn);
      return;
    }
    this.#entries.delete(key.id);
    if (end.kind === 'parked') this.#park(end);
    if (end.kind === 'superseded') entry.fail(leaving());
    else entry.settle(end.run);
    for (const answer of mailbox.takeAnswers()) answer.refuse(end.kind === 'ended' ? 'not_waiting' : 'left');
    const { parent } = end.run;
    if (end.kind === 'ended' && parent !== undefined) this.#look(parent.runId);
  }

  #park({ run, wakeAt, epoch }: Extract<DriveEnd, { kind: 'parked' }>): void {
    if (this.#stopping) return;
    const { id, organizationId, workflowId } = run;
    this.#parked.add({ id, organizationId, workflowId, wakeAt, epoch });
  }

  /** What made the driver itself fail (a store that cannot be read, say) may pass; the run's record is untouched. */
  #tryAgainLater(entry: Entry, error: unknown): void {
    const { logger, clock } = this.#options;
    const { key, mailbox } = entry;
    logger.error({ runId: key.id, error: errorMessage(error) }, 'A run cannot be driven just now; trying again');
    this.#entries.delete(key.id);
    entry.fail(leaving());
    for (const answer of mailbox.takeAnswers()) answer.refuse('left');
    clock.schedule(DRIVER_RETRY_MS, () => {
      if (!this.#stopping) this.#takeUpAgain(key).catch((again: unknown) => this.#tryAgainLater(entry, again));
    });
  }

  async #takeUpAgain({ id, organizationId }: RunKey): Promise<void> {
    const run = await this.#options.store.runs.get({ organizationId, runId: id });
    if (run === null || isTerminal(run.status) || this.#entries.has(id)) return;
    this.#admit({ key: run, run, start: null, epoch: null });
  }

  async #drive({ key, run, start, epoch, mailbox }: Entry, { isOutOfTurn }: Turn): Promise<DriveEnd> {
    return this.#options.runner.drive({
      runId: key.id,
      organization: await this.#organizations.get(key.organizationId),
      epoch,
      run,
      start,
      mailbox,
      slots: this.#slots,
      isOutOfTurn,
      onProgress: (parentRunId) => this.#look(parentRunId),
    });
  }

  #untilIdle(atMostMs: number): Promise<void> {
    if (this.#active === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#options.clock.schedule(atMostMs, resolve);
      this.#idle = () => {
        cancel();
        resolve();
      };
    });
  }
}

/** What was said after the driver had last listened, and a cancel that overtook a commit, is for another driver. */
function isToDriveAgain({ kind }: DriveEnd, mailbox: RunMailbox, { isOutOfTurn }: Turn): boolean {
  if (kind === 'left') return mailbox.order.kind === 'cancel';
  return kind === 'parked' && (isOutOfTurn || mailbox.hasMail || mailbox.order.kind !== 'go');
}

/** Whether somebody waits for what was said. */
function isUrgent({ hasAnswers, order }: RunMailbox): boolean {
  return hasAnswers || order.kind !== 'go';
}

function asAdmission(parked: ParkedRun): Admission {
  return { key: parked, run: null, start: null, epoch: parked.epoch };
}
