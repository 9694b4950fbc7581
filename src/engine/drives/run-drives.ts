/**
 * The runs that this process drives, or will in their turn: what every engine hands runs to.
 *
 * 1. A run is driven by one driver at a time, and only the driver changes it.
 * 2. Who becomes active next, and how many are, is for the queue to say (`admission/fair-queue.ts`). What somebody
 *    waits for, a cancel or an answer, is recorded at once, by a driver that starts nothing; the run then goes on in
 *    its turn.
 * 3. A run that is parked, has ended or was taken over by another driver is no longer held here: its engine is told how
 *    they parted.
 */
import type { Clock } from '../../core/ports/clock.js';
import { NO_WAITS, type WaitReasons } from '../../core/ports/engine.js';
import { errorMessage } from '../../core/errors.js';
import type { Logger } from '../../core/ports/logger.js';
import { isTerminal } from '../../core/run/run.js';
import type { Limits, LimitsUse, ResourceLimits, SharedUse } from '../../core/tenant/scheduling.js';
import type { Organization } from '../../core/tenant/organization.js';
import type { BegunDrive } from '../../core/ports/store/run-store.js';
import type { Store } from '../../core/ports/store/store.js';
import type { DriveEnd } from '../../runner/drive/drive-run.js';
import type { RunClaims } from '../../runner/ports/run-claims.js';
import type { RunMailbox } from '../../runner/ports/run-mailbox.js';
import type { Runner } from '../../runner/run-driver.js';
import { toDrivenRun, type Admission, type DrivenRun, type DrivenRunKey } from './driven-run.js';
import { LocalNodeSlots } from './node-slots.js';
import { leaving } from './refusals.js';
import { RunQueue } from './run-queue.js';
import { Suspects } from './suspects.js';

/** What limits the runs that one process drives. */
export interface DriveLimits {
  readonly maxActiveRuns: number;
  /** At so many crashes a run fails; one short of that it goes on alone. Null: never. */
  readonly maxCrashes: number | null;
  /** Over all runs; null: no limit. */
  readonly maxActiveNodes: number | null;
  /** What holds for organizations that have no limits of their own. */
  readonly organizationLimits: Limits;
  /** By the workflow's key. */
  readonly limitsOfWorkflow: (workflow: string) => Limits;
  readonly limitsOfResource: (resource: string) => ResourceLimits | null;
}

export interface RunDrivesOptions extends DriveLimits {
  readonly store: Pick<Store, 'runs' | 'organizations'>;
  readonly runner: Runner;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Takes a run over; null when it is another's to drive, or gone. */
  readonly beginDrive: (key: DrivenRunKey) => Promise<BegunDrive | null>;
  /**
   * Called when a driver has parted from its run, before whoever waits for that is told. Null: there is no such run any
   * more.
   */
  readonly onParted: (key: DrivenRunKey, end: DriveEnd | null) => void;
  /** Whether runs are still this process's; when not given, they are. */
  readonly claims?: RunClaims;
  /** A run that this process drives has come so far that the run that started it is to look. */
  readonly onProgress: (parentRunId: string, organizationId: string) => void;
}

/** Whether a run is driven though the limits keep it back. */
type Turn = { readonly isOutOfTurn: boolean };
const IN_TURN: Turn = { isOutOfTurn: false };
const OUT_OF_TURN: Turn = { isOutOfTurn: true };
const DRIVER_RETRY_MS = 2_000;
const STOP_MS = 1_000;
const PER_REFRESH = 100;

export class RunDrives {
  readonly #options: RunDrivesOptions;
  readonly #entries = new Map<string, DrivenRun>();
  readonly #queue: RunQueue<DrivenRun>;
  readonly #slots: LocalNodeSlots;
  readonly #suspects: Suspects<DrivenRun>;
  readonly #organizations: KnownOrganizations;
  #active = 0;
  #stopping = false;
  #idle: (() => void) | null = null;

  constructor(options: RunDrivesOptions) {
    this.#options = options;
    const { store, clock, organizationLimits, limitsOfWorkflow } = options;
    this.#organizations = new KnownOrganizations({ store, limits: organizationLimits });
    const limitsOfOrganization = (id: string): Limits => this.#organizations.limitsOf(id);
    const limits = { clock, limitsOfOrganization, limitsOfWorkflow };
    this.#queue = new RunQueue({ ...limits, limit: options.maxActiveRuns });
    this.#slots = new LocalNodeSlots({
      ...limits,
      limit: options.maxActiveNodes,
      limitsOfResource: options.limitsOfResource,
    });
    this.#suspects = new Suspects({ clock, launch: (entry) => this.#queueUp(entry) });
  }

  get isStopping(): boolean {
    return this.#stopping;
  }

  /** How many runs wait for their turn. */
  get queued(): number {
    return this.#queue.size;
  }

  /** How many runs and nodes do what just now. */
  counts(): { active: number; queued: number; heldUp: number } {
    return { active: this.#active, queued: this.#queue.size, heldUp: this.#slots.waiting };
  }

  async readUse(organizationId: string): Promise<LimitsUse> {
    await this.learn(organizationId);
    return { runs: this.#queue.useOf(organizationId), nodes: this.#slots.useOf(organizationId) };
  }

  readSharedUse(): SharedUse {
    return {
      runs: this.#queue.useOfWorkflows(),
      nodes: this.#slots.useOfWorkflows(),
      resources: this.#slots.useOfResources(),
    };
  }

  get(runId: string): DrivenRun | undefined {
    return this.#entries.get(runId);
  }

  /** Before a run of the organization is taken on, so that its limits are known. Nothing to wait for in most cases. */
  learn(organizationId: string): Promise<unknown> | null {
    return this.#organizations.has(organizationId) ? null : this.#organizations.get(organizationId);
  }

  explainWaits(runId: string): WaitReasons {
    const run = this.#queue.explain(runId);
    const nodes = this.#slots.explain(runId);
    return run === null && nodes.size === 0 ? NO_WAITS : { run, nodes };
  }

  limitsChanged(organization: Organization | null): void {
    if (organization !== null) this.#organizations.update(organization);
    this.#queue.limitsChanged();
    this.#slots.refresh();
    this.pump();
  }

  /** Reads again what is known of this organization, or (null) of some: another process may have changed it. */
  async refreshOrganizations(id: string | null): Promise<void> {
    if (await this.#organizations.refresh(id)) this.limitsChanged(null);
  }

  /** Has it driven when the limits allow. Null when this process is stopping: whoever comes next drives it. */
  admit(admission: Admission): DrivenRun | null {
    if (this.#stopping) return null;
    const entry = this.#enter(admission);
    this.#queueUp(entry);
    return entry;
  }

  /** Has it wait for its turn, though there may be room: `pump` looks. */
  enqueue(admission: Admission): DrivenRun {
    const entry = this.#enter(admission);
    this.#queue.add(entry);
    return entry;
  }

  /** Has it driven once all others that were added so have ended, or have taken long. `launchSuspects` begins. */
  addSuspect(admission: Admission): DrivenRun {
    const entry = this.#enter(admission);
    this.#suspects.add(entry);
    return entry;
  }

  launchSuspects(): void {
    this.#suspects.launchNext();
  }

  pump(): void {
    while (!this.#stopping && this.#queue.size > 0) {
      const entry = this.#queue.takeNext();
      if (entry === null) return;
      this.#launch(entry);
    }
  }

  /**
   * Has what was said to a run recorded, whether its turn has come or not. Its driver, where it has one, has heard it
   * already.
   */
  hear(entry: DrivenRun): void {
    if (this.#queue.remove(entry.id) === null && !this.#suspects.remove(entry)) return;
    if (this.#queue.tryEnter(entry)) this.#launch(entry);
    else this.#launch(entry, OUT_OF_TURN);
  }

  /** Takes on nothing more, lets running nodes finish for `graceMs`, then leaves the rest to be resumed. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    this.#slots.close();
    for (const entry of [...this.#queue.takeAll(), ...this.#suspects.takeAll()]) {
      this.#entries.delete(entry.key.id);
      if (entry.run === null) entry.fail(leaving());
      else entry.settle(entry.run);
    }
    for (const entry of this.#entries.values()) entry.mailbox.drain();
    await this.#untilIdle(graceMs);
    for (const entry of this.#entries.values()) entry.mailbox.leave();
    await this.#untilIdle(STOP_MS);
  }

  #queueUp(entry: DrivenRun): void {
    if (this.#queue.tryEnter(entry)) this.#launch(entry);
    else this.#queue.add(entry);
  }

  #enter(admission: Admission): DrivenRun {
    const { key, run } = admission;
    const entry = toDrivenRun(admission, this.#queue.ticketOf(key, run));
    this.#entries.set(key.id, entry);
    return entry;
  }

  /** In its turn the queue counts the run as active. */
  #launch(entry: DrivenRun, turn: Turn = IN_TURN): void {
    this.#active += 1;
    this.#drive(entry, turn)
      .then(
        (end) => this.#afterDrive(entry, end, turn),
        (error: unknown) => this.#tryAgainLater(entry, error),
      )
      .finally(() => {
        this.#active -= 1;
        if (!turn.isOutOfTurn) this.#queue.leave(entry);
        this.pump();
        if (this.#active === 0) this.#idle?.();
      })
      .catch(() => undefined);
  }

  #afterDrive(entry: DrivenRun, end: DriveEnd, turn: Turn): void {
    const { mailbox, key } = entry;
    if (!this.#stopping && isToDriveAgain(end, mailbox, turn)) return this.#driveAgain(entry, end, turn);
    this.#entries.delete(key.id);
    this.#options.onParted(key, end);
    if (end.kind === 'superseded') entry.fail(leaving());
    else entry.settle(end.run);
    for (const answer of mailbox.takeAnswers()) answer.refuse(end.kind === 'ended' ? 'not_waiting' : 'left');
  }

  #driveAgain(entry: DrivenRun, end: DriveEnd, turn: Turn): void {
    const isParked = end.kind === 'parked';
    const again: DrivenRun = {
      ...entry,
      run: isParked ? end.run : null,
      start: null,
      epoch: isParked ? end.epoch : null,
    };
    this.#entries.set(entry.key.id, again);
    if (!turn.isOutOfTurn) this.#queue.enter(again);
    else if (!isUrgent(entry.mailbox)) return this.#queueUp(again);
    this.#launch(again, turn);
  }

  /** What made the driver itself fail (a store that cannot be read, say) may pass; the run's record is untouched. */
  #tryAgainLater(entry: DrivenRun, error: unknown): void {
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

  async #takeUpAgain(key: DrivenRunKey): Promise<void> {
    const run = await this.#options.store.runs.get({ organizationId: key.organizationId, runId: key.id });
    if (this.#entries.has(key.id)) return;
    if (run === null) this.#options.onParted(key, null);
    else if (isTerminal(run.status)) this.#options.onParted(key, { kind: 'ended', run });
    else this.admit({ key: run, run, start: null, epoch: null, crashes: null });
  }

  async #drive({ key, run, start, epoch, crashes, mailbox }: DrivenRun, { isOutOfTurn }: Turn): Promise<DriveEnd> {
    const { runner, beginDrive, onProgress, claims = null } = this.#options;
    return runner.drive({
      runId: key.id,
      organization: await this.#organizations.get(key.organizationId),
      epoch,
      beginDrive: () => beginDrive(key),
      run,
      start,
      crashes,
      mailbox,
      slots: this.#slots,
      claims,
      isOutOfTurn,
      onProgress: (parentRunId) => onProgress(parentRunId, key.organizationId),
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

interface KnownOrganization {
  readonly id: string;
  readonly name: string;
  readonly limits: Limits;
}

/** What has to be known of organizations, read once each. */
class KnownOrganizations {
  readonly #store: Pick<Store, 'organizations'>;
  readonly #limits: Limits;
  readonly #known = new Map<string, KnownOrganization>();
  #refreshed = 0;

  /** `limits` are those of organizations that have none of their own. */
  constructor(params: { readonly store: Pick<Store, 'organizations'>; readonly limits: Limits }) {
    this.#store = params.store;
    this.#limits = params.limits;
  }

  has(id: string): boolean {
    return this.#known.has(id);
  }

  limitsOf(id: string): Limits {
    return this.#known.get(id)?.limits ?? this.#limits;
  }

  async get(id: string): Promise<KnownOrganization> {
    return this.#known.get(id) ?? this.#remember((await this.#store.organizations.get({ id })) ?? { id, name: id });
  }

  /** Reads this one anew, where it is known, or some of those that are, in turn. Whether limits are others than before. */
  async refresh(id: string | null): Promise<boolean> {
    const known = id === null ? [...this.#known.keys()] : [id].filter((one) => this.#known.has(one));
    const from = known.length > PER_REFRESH ? (this.#refreshed %= known.length) : 0;
    const some = known.slice(from, from + PER_REFRESH);
    this.#refreshed = from + some.length;
    let isChanged = false;
    for (const one of some) {
      const before = JSON.stringify(this.limitsOf(one));
      const organization = await this.#store.organizations.get({ id: one });
      if (organization !== null) this.update(organization);
      isChanged ||= JSON.stringify(this.limitsOf(one)) !== before;
    }
    return isChanged;
  }

  /** Takes over what has been changed of one that is known. */
  update(organization: Organization): void {
    if (this.#known.has(organization.id)) this.#remember(organization);
  }

  #remember({ id, name, settings }: Pick<Organization, 'id' | 'name' | 'settings'>): KnownOrganization {
    const organization = { id, name, limits: { ...this.#limits, ...settings?.limits } };
    this.#known.set(id, organization);
    return organization;
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
