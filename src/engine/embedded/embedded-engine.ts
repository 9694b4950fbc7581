/**
 * Drives runs in this process.
 *
 * 1. Every unfinished run of the store is owned by this process: it is queued, active, parked (all that is left of it waits), or was left at
 *    the last stop and is resumed at the next start.
 * 2. A run is driven by one driver at a time, and only the driver changes it.
 * 3. Who becomes active next, and how many are, is for the queue to say (`admission/fair-queue.ts`). What somebody waits for, a
 *    cancel or an answer, is recorded at once, by a driver that starts nothing; the run then goes on in its turn.
 */
import type { Clock, Random } from '../../core/ports/clock.js';
import type { HandlerRef } from '../../core/workflow/definition.js';
import { type Engine, NO_WAITS, type WaitReasons } from '../../core/ports/engine.js';
import { ErrandError, errorMessage, isErrandError } from '../../core/errors.js';
import type { Json } from '../../core/json.js';
import type { Logger } from '../../core/ports/logger.js';
import type { McpTools } from '../../core/ports/mcp-tools.js';
import type { Outbound } from '../../core/ports/outbound.js';
import type { Models } from '../../core/models/models.js';
import type { Handler } from '../../core/handlers/node-kind.js';
import { isTerminal, type Run } from '../../core/run/run.js';
import type { Limits, ResourceLimits } from '../../core/tenant/scheduling.js';
import type { Organization } from '../../core/tenant/organization.js';
import { FIRST_EPOCH } from '../../core/ports/store/run-store.js';
import type { Store } from '../../core/ports/store/store.js';
import type { Plan } from '../../workflow/plan/plan.js';
import type { ChildRuns } from '../../runner/ports/child-runs.js';
import { driveRun, type DriveEnd } from '../../runner/drive/drive-run.js';
import type { ModelContent } from '../../runner/models/model-content.js';
import type { RunRecorder } from '../../runner/ports/recorder.js';
import { RunMailbox } from '../../runner/drive/run-mailbox.js';
import { reportingToParent } from './child-progress.js';
import { EmbeddedDurable } from './embedded-durable.js';
import type { Ticket } from '../../admission/fair-queue.js';
import { KnownOrganizations } from './known-organizations.js';
import { loadRun, type LoadedRun } from './load-run.js';
import { EmbeddedNodeSlots } from './node-slots.js';
import { isOrphan } from './orphans.js';
import { type ParkedRun, ParkedRuns } from './parked-runs.js';
import { ANSWER_REFUSALS, endedAlready, leaving } from './refusals.js';
import { RunQueue } from './run-queue.js';

export interface EmbeddedEngineOptions {
  readonly store: Store;
  readonly recorder: RunRecorder;
  readonly children: ChildRuns;
  /** The plan of a workflow version; throws when it can no longer be made. */
  readonly planOf: (params: { readonly workflowId: string; readonly version: number }) => Promise<Plan>;
  readonly resolveHandler: (ref: HandlerRef) => Handler | Promise<Handler>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly maxActiveRuns: number;
  /** Over all runs; null: no limit. */
  readonly maxActiveNodes: number | null;
  /** What holds for organizations that have no limits of their own. */
  readonly organizationLimits: Limits;
  readonly limitsOfWorkflow: (workflowId: string) => Limits;
  readonly limitsOfResource: (resource: string) => ResourceLimits | null;
  /** Nodes of a runner without them fail with `not_configured`. */
  readonly models?: Models;
  readonly content?: ModelContent;
  readonly mcp?: McpTools;
  readonly outbound?: Outbound;
}

type RunKey = Pick<Run, 'id' | 'organizationId' | 'workflowId'>;

interface Admission {
  readonly key: RunKey;
  /** Null for a run that was parked: its record is read when it becomes active. */
  readonly run: Run | null;
  /** Null for a run of an earlier process or one that was parked: its log is read when it becomes active. */
  readonly loaded: LoadedRun | null;
  /** As whose driver this process drives it; null: it has to take it over first. */
  readonly epoch: number | null;
}

interface Entry extends Ticket, Admission {
  readonly control: RunMailbox;
  /** Resolves with the run as its driver left it. */
  readonly ended: Promise<Run>;
  readonly settle: (run: Run) => void;
  readonly fail: (error: unknown) => void;
}

const NOTHING: ReadonlyMap<string, Json> = new Map();
const NOT_BEGUN: LoadedRun = { input: null, instruction: null, outputs: NOTHING, remembered: NOTHING };
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
    this.#parked = new ParkedRuns({ clock: options.clock, onDue: (run) => this.#wake(run) });
  }

  async start(): Promise<void> {
    for (let afterId: string | null = null; ;) {
      const runs: readonly Run[] = await this.#options.store.runs.listUnfinished({ afterId, limit: RESUME_PAGE });
      for (const run of runs) {
        await this.#organizations.get(run.organizationId);
        this.#queue.add(this.#enter({ key: run, run, loaded: null, epoch: null }));
      }
      const last = runs.at(-1);
      if (last === undefined) break;
      afterId = last.id;
    }
    if (this.#queue.size > 0) this.#options.logger.info({ runs: this.#queue.size }, 'Resuming unfinished runs');
    this.#pump();
  }

  assertAccepting(): void {
    if (this.#stopping) {
      throw new ErrandError('unavailable', 'The server is stopping; try again in a moment.', { retryAfterSeconds: 5 });
    }
  }

  async dispatch(params: {
    readonly run: Run;
    readonly input: Json;
    readonly instruction: string | null;
  }): Promise<void> {
    const { run, input, instruction } = params;
    if (!this.#organizations.has(run.organizationId)) await this.#organizations.get(run.organizationId);
    // While many wait, their inputs wait on disk.
    const keep = this.#queue.size < this.#options.maxActiveRuns;
    const loaded = keep ? { input, instruction, outputs: NOTHING, remembered: NOTHING } : null;
    this.#admit({ key: run, run, loaded, epoch: FIRST_EPOCH });
  }

  async resume({ run }: { readonly run: Run }): Promise<void> {
    if (!this.#organizations.has(run.organizationId)) await this.#organizations.get(run.organizationId);
    this.#admit({ key: run, run, loaded: null, epoch: null });
  }

  explainWaits({ runId }: { readonly runId: string }): WaitReasons {
    const run = this.#queue.explain(runId);
    const nodes = this.#slots.explain(runId);
    return run === null && nodes.size === 0 ? NO_WAITS : { run, nodes };
  }

  limitsChanged(organization?: Organization): void {
    if (organization !== undefined) this.#organizations.update(organization);
    this.#queue.limitsChanged();
    this.#slots.refresh();
    this.#pump();
  }

  async cancel({ run, reason }: { readonly run: Run; readonly reason: string }): Promise<Run> {
    const entry = this.#entryOf(run.id);
    if (entry === null) throw endedAlready(run);
    entry.control.cancel(reason);
    this.#hear(entry);
    const ended = await entry.ended;
    if (ended.status !== 'cancelled') throw endedAlready(ended);
    return ended;
  }

  async answer({ run, ...given }: Parameters<Engine['answer']>[0]): Promise<void> {
    this.assertAccepting();
    const entry = this.#entryOf(run.id);
    if (entry === null) throw ANSWER_REFUSALS.not_waiting();
    await new Promise<void>((accept, reject) => {
      entry.control.deliverAnswer({ ...given, accept, refuse: (reason) => reject(ANSWER_REFUSALS[reason]()) });
      this.#hear(entry);
    });
  }

  async stop({ graceMs }: { readonly graceMs: number }): Promise<void> {
    this.#stopping = true;
    this.#parked.clear();
    this.#slots.close();
    for (const entry of this.#queue.takeAll()) {
      this.#entries.delete(entry.key.id);
      if (entry.run === null) entry.fail(leaving());
      else entry.settle(entry.run);
    }
    for (const entry of this.#entries.values()) entry.control.drain();
    await this.#untilIdle(graceMs);
    for (const entry of this.#entries.values()) entry.control.leave();
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

  #enter({ key, run, loaded, epoch }: Admission): Entry {
    let settle: (run: Run) => void = () => undefined;
    let fail: (error: unknown) => void = () => undefined;
    const ended = new Promise<Run>((resolve, reject) => {
      settle = resolve;
      fail = reject;
    });
    // Nobody may be waiting.
    ended.catch(() => undefined);
    const ticket = this.#queue.ticketOf(key, run);
    const entry: Entry = { key, run, loaded, epoch, control: new RunMailbox(), ended, settle, fail, ...ticket };
    this.#entries.set(key.id, entry);
    return entry;
  }

  /** Of a parked run, it is queued again to be driven. Null when this process does not have the run in hand. */
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
    entry?.control.childChanged();
    if (entry !== null) this.#pump();
  }

  /** Has what was said to a run recorded, whether its turn has come or not. Its driver, where it has one, has heard it already. */
  #hear(entry: Entry): void {
    if (this.#queue.remove(entry.id) === null) return;
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
    const { control, key } = entry;
    if (!this.#stopping && isToDriveAgain(end, control, turn)) {
      const isParked = end.kind === 'parked';
      const again: Entry = {
        ...entry,
        run: isParked ? end.run : null,
        loaded: null,
        epoch: isParked ? end.epoch : null,
      };
      this.#entries.set(key.id, again);
      if (!turn.isOutOfTurn) this.#queue.enter(again);
      else if (!isUrgent(control)) return this.#queueUp(again);
      this.#launch(again, turn);
      return;
    }
    this.#entries.delete(key.id);
    if (end.kind === 'parked') this.#park(end);
    if (end.kind === 'superseded') entry.fail(leaving());
    else entry.settle(end.run);
    for (const answer of control.takeAnswers()) answer.refuse(end.kind === 'ended' ? 'not_waiting' : 'left');
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
    const { key, control } = entry;
    logger.error({ runId: key.id, error: errorMessage(error) }, 'A run cannot be driven just now; trying again');
    this.#entries.delete(key.id);
    entry.fail(leaving());
    for (const answer of control.takeAnswers()) answer.refuse('left');
    clock.schedule(DRIVER_RETRY_MS, () => {
      if (!this.#stopping) this.#takeUpAgain(key).catch((again: unknown) => this.#tryAgainLater(entry, again));
    });
  }

  async #takeUpAgain({ id, organizationId }: RunKey): Promise<void> {
    const run = await this.#options.store.runs.get({ organizationId, runId: id });
    if (run === null || isTerminal(run.status) || this.#entries.has(id)) return;
    this.#admit({ key: run, run, loaded: null, epoch: null });
  }

  async #open({ run, key, epoch }: Entry): Promise<{ readonly run: Run; readonly epoch: number }> {
    const { id: runId, organizationId } = key;
    const { runs } = this.#options.store;
    if (run !== null && epoch !== null) return { run, epoch };
    if (epoch === null) {
      const begun = await runs.beginDrive({ organizationId, runId });
      if (begun !== null) return begun;
    } else {
      const found = await runs.get({ organizationId, runId });
      if (found !== null) return { run: found, epoch };
    }
    throw new Error(`The record of run ${runId} is gone`);
  }

  async #drive(entry: Entry, turn: Turn): Promise<DriveEnd> {
    const { control } = entry;
    const { store, children, clock, resolveHandler, random, logger, models, content, mcp, outbound } = this.#options;
    const { run, epoch } = await this.#open(entry);
    if (isTerminal(run.status)) return { kind: 'ended', run };
    const loaded = entry.loaded ?? (isOnlyCancelled(run, control) ? NOT_BEGUN : await loadRun(store, run.id));
    if (entry.loaded === null && (await isOrphan(store, run))) control.cancel('the run that started it has ended');
    const report = (parentId: string): void => this.#look(parentId);
    const recorder = reportingToParent({ run, recorder: this.#options.recorder, report });
    const organization = await this.#organizations.get(run.organizationId);
    const plan = await this.#planFor(run);
    if (plan === null) return { kind: 'ended', run: await this.#failUnplanned(run, epoch) };
    const durable = new EmbeddedDurable({ clock, control, remembered: loaded.remembered });
    try {
      return await driveRun({
        run,
        epoch,
        plan,
        organization,
        control,
        durable,
        children,
        recorder,
        resolveHandler,
        slots: this.#slots,
        clock,
        random,
        logger,
        ...(models === undefined ? {} : { models }),
        ...(content === undefined ? {} : { content }),
        ...(mcp === undefined ? {} : { mcp }),
        ...(outbound === undefined ? {} : { outbound }),
        ...loaded,
        ...turn,
      });
    } finally {
      durable.close();
    }
  }

  async #planFor(run: Run): Promise<Plan | null> {
    try {
      return await this.#options.planOf({ workflowId: run.workflowId, version: run.workflowVersion });
    } catch (error) {
      if (isErrandError(error) && error.code === 'unavailable') throw error;
      this.#options.logger.error({ runId: run.id, error: errorMessage(error) }, 'A run has lost its workflow version');
      return null;
    }
  }

  /** Ends a run whose workflow version this program can no longer read. */
  async #failUnplanned(run: Run, epoch: number): Promise<Run> {
    const { clock, recorder } = this.#options;
    const message = `Version ${run.workflowVersion} of workflow ${run.workflowId} cannot be run by this server`;
    const error = { kind: 'definition_missing', message, nodeId: null };
    const at = Math.max(clock.now(), run.createdAt);
    const failed: Run = { ...run, version: run.version + 1, status: 'failed', error, completedAt: at };
    await recorder.record({ run: failed, events: [{ kind: 'run.failed', error, seq: failed.version, at }], epoch });
    return failed;
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
function isToDriveAgain({ kind }: DriveEnd, control: RunMailbox, { isOutOfTurn }: Turn): boolean {
  if (kind === 'left') return control.order.kind === 'cancel';
  return kind === 'parked' && (isOutOfTurn || control.hasMail || control.order.kind !== 'go');
}

/** Whether somebody waits for what was said. */
function isUrgent({ hasAnswers, order }: RunMailbox): boolean {
  return hasAnswers || order.kind !== 'go';
}

function asAdmission(parked: ParkedRun): Admission {
  return { key: parked, run: null, loaded: null, epoch: parked.epoch };
}

/** A run of which nothing but its end is to be recorded. */
function isOnlyCancelled(run: Run, control: RunMailbox): boolean {
  return run.version === 1 && control.order.kind === 'cancel';
}
