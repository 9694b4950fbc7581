/**
 * Has Restate decide which of several processes drives which runs. A call of Restate is a batch of runs that were
 * accepted together: some process gets it, and drives them from their logs until each has ended or is parked
 * (`given-calls.ts`). Restate makes the call again elsewhere when that process dies or hangs.
 *
 * A call may never be made, and a notice may be lost, as something may die in between. So each process looks now and
 * then at what the store says (`#look`), and asks for the calls that are missing. Calls that are made twice do no harm:
 * a run is claimed once.
 */
import { errorMessage } from '../../core/errors.js';
import type { Clock, NewId } from '../../core/ports/clock.js';
import type { CancelParams, DispatchParams, Engine, WaitReasons } from '../../core/ports/engine.js';
import type { Logger } from '../../core/ports/logger.js';
import type { DriveStore, MailStore, WantedRun } from '../../core/ports/store/drive-store.js';
import type { RunKey } from '../../core/ports/store/run-store.js';
import type { Store } from '../../core/ports/store/store.js';
import { isTerminal, type Run } from '../../core/run/run.js';
import type { LimitsUse, SharedUse } from '../../core/tenant/scheduling.js';
import type { Organization } from '../../core/tenant/organization.js';
import type { Runner } from '../../runner/run-driver.js';
import { ANSWER_REFUSALS, notCancelled, stopping } from '../drives/refusals.js';
import type { DrivenRun } from '../drives/driven-run.js';
import { type DriveLimits, RunDrives } from '../drives/run-drives.js';
import { type CallServer, serveCalls } from './calls/call-server.js';
import { RestateClient } from './calls/restate-client.js';
import { Gather } from '../../core/time/gather.js';
import { ClaimGuard } from './claim-guard.js';
import { GivenCalls } from './given-calls.js';
import { Inbox } from './inbox.js';
import { LostCalls } from './lost-calls.js';
import { UnclaimedRuns } from './unclaimed-runs.js';

/** Where Restate is, and where it finds this process. */
export interface RestateAddresses {
  /** Of its ingress. */
  readonly url: string;
  readonly adminUrl: string;
  /** Where this process listens for its calls. */
  readonly listen: { readonly host: string; readonly port: number };
  /** Where Restate reaches this process and all like it; null: where it listens. */
  readonly advertise: string | null;
  /** Public keys (`publickeyv1_…`) of Restate; none: calls are not checked. */
  readonly identityKeys: readonly string[];
  /** The name under which Restate knows the processes that share these records; `errand` when null. */
  readonly service: string | null;
}

export interface RestateEngineOptions extends DriveLimits {
  readonly addresses: RestateAddresses;
  readonly store: Pick<Store, 'runs' | 'organizations'> & { readonly drives: DriveStore; readonly mail: MailStore };
  readonly runner: Runner;
  /** Whether this process has what it takes to drive runs of a version of a workflow. */
  readonly canDrive: (
    run: Pick<Run, 'workflowId' | 'workflowVersion' | 'organizationId' | 'ownWorkflow'>,
  ) => Promise<boolean>;
  readonly hints: EngineHints;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly logger: Logger;
}

/** What processes tell each other at once; any of it may be lost. */
export interface EngineHints {
  /** A run was sent something. */
  mailSent(runId: string): void;
  onMail(listener: (runId: string) => void): void;
  /** Limits of an organization are others than before. */
  organizationChanged(id: string): void;
  onOrganizationChanged(listener: (id: string) => void): void;
}

/** Fewer runs in a call are shared better among processes, more are cheaper. */
const RUNS_PER_CALL = 50;
const CALLS_AT_ONCE = 8;
/** While Restate takes a call, the next waits so long for more runs: a call costs it as much as many runs do. */
const APART_MS = 50;
/** Times that are so close share a call. */
const TOGETHER_MS = 20;
const LOOK_MS = 1_000;
/** For so long a start waits for Restate, which may be starting too. */
const REGISTER_MS = 5_000;

export class RestateEngine implements Engine {
  readonly #options: RestateEngineOptions;
  readonly #drives: RunDrives;
  readonly #client: RestateClient;
  readonly #calls: GivenCalls;
  readonly #inbox: Inbox;
  readonly #unclaimed: UnclaimedRuns;
  readonly #lost: LostCalls;
  readonly #claims: ClaimGuard;
  readonly #asking: Gather<WantedRun>;
  readonly #times: Gather<{ readonly run: WantedRun; readonly at: number }>;
  readonly #stopped = new AbortController();
  #server: CallServer | null = null;
  #looking: Promise<void> = Promise.resolve();
  #cancelLook: () => void = () => undefined;

  constructor(options: RestateEngineOptions) {
    this.#options = options;
    const { addresses, store, clock, newId, logger, maxCrashes, hints, canDrive } = options;
    const { url, adminUrl, service } = addresses;
    this.#client = new RestateClient({ url, adminUrl, service: service ?? 'errand', clock, logger });
    this.#asking = new Gather({
      most: RUNS_PER_CALL,
      atOnce: CALLS_AT_ONCE,
      apart: { ms: APART_MS, clock },
      work: (wanted) => this.#client.call(wanted),
    });
    this.#times = new Gather({ most: RUNS_PER_CALL, atOnce: CALLS_AT_ONCE, work: (times) => this.#callAt(times) });
    const wake = (run: WantedRun): void => this.#ask(run);
    this.#inbox = new Inbox({ mail: store.mail, runs: store.runs, clock, newId, logger, wake, hints });
    this.#unclaimed = new UnclaimedRuns({ store: store.drives, clock, wake });
    this.#lost = new LostCalls({ store: store.drives, client: this.#client, clock, logger, wake });
    this.#calls = new GivenCalls({
      store: store.drives,
      inbox: this.#inbox,
      clock,
      logger,
      maxCrashes,
      canDrive,
      wakeAt: (run, at) => this.#times.add({ run, at }),
    });
    this.#claims = new ClaimGuard({
      clock,
      knownAt: (runId) => this.#calls.knownAt(runId),
      findLost: (runIds) => this.#calls.findLost(runIds),
    });
    this.#drives = new RunDrives({
      ...options,
      claims: this.#claims,
      beginDrive: (key) => this.#calls.beginDrive(key),
      onParted: (key, end) => this.#calls.part(key, end),
      onProgress: (parentRunId, organizationId) =>
        this.#lookAtChildren({ runId: parentRunId, organizationId, epoch: null }),
    });
    this.#inbox.driveWith(this.#drives);
    this.#calls.driveWith(this.#drives);
    hints.onOrganizationChanged((id) => void this.#drives.refreshOrganizations(id).catch(() => undefined));
  }

  async start(): Promise<void> {
    const { addresses, clock, logger } = this.#options;
    const { listen, service, identityKeys } = addresses;
    this.#server = await serveCalls({
      ...listen,
      service: service ?? 'errand',
      identityKeys,
      clock,
      logger,
      onCall: (call) => this.#calls.take(call),
    });
    const advertised = addresses.advertise ?? `http://${listen.host}:${this.#server.port}`;
    const registering = this.#client.registerAtLast(advertised, this.#stopped.signal);
    await new Promise<void>((resolve) => {
      const cancel = clock.schedule(REGISTER_MS, resolve);
      void registering.finally(() => {
        cancel();
        resolve();
      });
    });
    this.#lookSoon();
  }

  async assertAccepting(): Promise<void> {
    if (!this.#stopped.signal.aborted) return;
    throw stopping();
  }

  async dispatch({ run }: DispatchParams): Promise<void> {
    this.#ask({ runId: run.id, organizationId: run.organizationId, epoch: null });
  }

  /** Of runs that this process drives; what keeps others waiting is known where they are. */
  async explainWaits({ runId }: { readonly runId: string }): Promise<WaitReasons> {
    return this.#drives.explainWaits(runId);
  }

  /** Of what this process drives. */
  readUse({ organizationId }: { readonly organizationId: string }): Promise<LimitsUse> {
    return this.#drives.readUse(organizationId);
  }

  readSharedUse(): SharedUse {
    return this.#drives.readSharedUse();
  }

  counts(): { active: number; queued: number; parked: number; heldUp: number } {
    return { ...this.#drives.counts(), parked: 0 };
  }

  async limitsChanged(organization: Organization | null): Promise<void> {
    this.#drives.limitsChanged(organization);
    if (organization !== null) this.#options.hints.organizationChanged(organization.id);
  }

  async cancel({ run, reason, audit }: CancelParams): Promise<Run> {
    const driven = this.#drives.get(run.id);
    const ended = driven === undefined ? null : await this.#cancelHere(driven, reason, audit);
    // Left by this process: whoever drives it next hears of it.
    if (ended === null || !isTerminal(ended.status)) return this.#inbox.cancel(run, { reason, audit });
    if (ended.status !== 'cancelled') throw notCancelled(ended);
    return ended;
  }

  /** Null when the run turns out to be another process's. */
  async #cancelHere(driven: DrivenRun, reason: string, audit: CancelParams['audit']): Promise<Run | null> {
    driven.mailbox.cancel(reason, audit);
    this.#drives.hear(driven);
    return driven.ended.catch(() => null);
  }

  async answer({ run, ...given }: Parameters<Engine['answer']>[0]): Promise<void> {
    await this.assertAccepting();
    const driven = this.#drives.get(run.id);
    const refusal = driven === undefined ? 'left' : await this.#answerHere(driven, given);
    if (refusal === null) return;
    if (refusal !== 'left') throw ANSWER_REFUSALS[refusal]();
    await this.#inbox.answer({ organizationId: run.organizationId, runId: run.id }, given);
  }

  #answerHere(
    driven: DrivenRun,
    given: Omit<Parameters<Engine['answer']>[0], 'run'>,
  ): Promise<keyof typeof ANSWER_REFUSALS | null> {
    return new Promise((resolve) => {
      driven.mailbox.deliverAnswer({ ...given, accept: () => resolve(null), refuse: resolve });
      this.#drives.hear(driven);
    });
  }

  async look(run: RunKey): Promise<void> {
    await this.#inbox.send(run, { kind: 'look' });
  }

  async stop({ graceMs }: { readonly graceMs: number }): Promise<void> {
    this.#stopped.abort();
    this.#cancelLook();
    this.#claims.stop();
    this.#server?.stopListening();
    this.#calls.drain();
    await this.#looking;
    await this.#drives.stop(graceMs);
    await this.#calls.stop();
    await this.#server?.close();
  }

  /** A run for which no call could be made is found by the next look, of this process or another. */
  #ask(run: WantedRun): void {
    this.#asking.add(run).catch((error: unknown) => {
      this.#options.logger.debug({ runId: run.runId, error: errorMessage(error) }, 'No call could be made for a run');
    });
  }

  async #callAt(times: readonly { readonly run: WantedRun; readonly at: number }[]): Promise<void> {
    const now = this.#options.clock.now();
    const together = new Map<number, WantedRun[]>();
    for (const { run, at } of times) {
      const until = Math.ceil(at / TOGETHER_MS) * TOGETHER_MS;
      together.set(until, [...(together.get(until) ?? []), run]);
    }
    await Promise.all([...together].map(([until, runs]) => this.#client.call(runs, until - now)));
  }

  #lookAtChildren(parent: WantedRun): void {
    const driven = this.#drives.get(parent.runId);
    // One that is driven elsewhere looks when the child has ended.
    if (driven === undefined) this.#ask(parent);
    else driven.mailbox.haveLook();
  }

  #lookSoon(): void {
    this.#cancelLook = this.#options.clock.schedule(LOOK_MS, () => {
      this.#looking = this.#look().finally(() => {
        if (!this.#stopped.signal.aborted) this.#lookSoon();
      });
    });
  }

  async #look(): Promise<void> {
    try {
      await this.#inbox.look();
      await this.#unclaimed.look();
      await this.#drives.refreshOrganizations(null);
      await this.#lost.look();
    } catch (error) {
      this.#options.logger.warn({ error: errorMessage(error) }, 'Runs that wait for a driver could not be looked for');
    }
  }
}
