/**
 * Opens runs, and drives them: what every engine calls, which decides which process drives which runs, and when.
 *
 * 1. Whoever drives a run holds its epoch: a newly made run's first, or one that `beginDrive` has given.
 * 2. What a run needs is read here: its record, its log, its plan, and whether the run that started it still waits for
 *    it.
 * 3. A run that cannot be driven ends with an event, as every other does.
 */
import { errorMessage, isErrandError } from '../core/errors.js';
import type { NodeSlots } from '../core/ports/node-slots.js';
import type { BegunDrive } from '../core/ports/store/run-store.js';
import type { Store } from '../core/ports/store/store.js';
import { isTerminal, type Run, type RunError } from '../core/run/run.js';
import { workflowKeyOfRun } from '../core/workflow/workflow-key.js';
import type { Plan } from '../workflow/plan/plan.js';
import { LazyAbort } from './timing/lazy-abort.js';
import { timesOf } from './drive/crashed-attempt.js';
import { failRun } from './drive/close-run.js';
import { driveRun, type DriveEnd } from './drive/drive-run.js';
import { computeProgress } from './waits/wait-outcome.js';
import type { RunClaims } from './ports/run-claims.js';
import type { RunMailbox } from './ports/run-mailbox.js';
import type { RunRecorder } from './ports/recorder.js';
import { RunAbandoned, RunLog } from './log/run-log.js';
import { asLoaded, RunLoader, type LoadedRun, type RunStart } from './open/load-run.js';
import { isOrphan } from './open/orphans.js';
import { NO_SECRETS } from '../core/ports/secrets.js';
import { restrictDeps } from './restrict-deps.js';
import { NO_RUN_SECRETS, openRunSecrets } from './secrets/run-secrets.js';
import type { RunnerDeps } from './attempt/runner-deps.js';

export interface DriveRequest {
  readonly runId: string;
  readonly organization: { readonly id: string; readonly name: string };
  /** As whose driver; null: the run is taken over first. */
  readonly epoch: number | null;
  /** Takes it over; null when it is another's to drive, or gone. */
  readonly beginDrive: () => Promise<BegunDrive | null>;
  /** The record as it stands, where it is at hand. */
  readonly run: Run | null;
  /** What the run was made with, where nothing has come of it yet; its log is read when null. */
  readonly start: RunStart | null;
  /** See `BegunDrive`, where whoever took it over knows. */
  readonly crashes: number | null;
  readonly mailbox: RunMailbox;
  readonly slots: NodeSlots;
  /** Null where nobody else can be given the run. */
  readonly claims: RunClaims | null;
  /** Whether answers and orders are recorded and nothing is started; the run is then parked again. */
  readonly isOutOfTurn: boolean;
  /** Called with the id of the run that started this one when that is to look at how far this one is. */
  readonly onProgress: (parentRunId: string) => void;
}

/** What drives one run, from wherever it stands until it has ended or stops for a while. */
export interface Runner {
  /** Rejects when the run cannot be driven just now: nothing of it is changed then. */
  drive(request: DriveRequest): Promise<DriveEnd>;
}

export interface RunDriverOptions extends RunnerDeps {
  /** At so many crashes (see `BegunDrive`) a run fails; null: never. */
  readonly maxCrashes: number | null;
  readonly store: Pick<Store, 'runs' | 'log'>;
  /** The plan of a version by the workflow's key; throws when it can no longer be made, and `unavailable` when it can be later. */
  readonly planOf: (params: { readonly workflowId: string; readonly version: number }) => Promise<Plan>;
}

interface OpenRun {
  readonly run: Run;
  readonly epoch: number;
  readonly crashes: number;
}

type Opened = Omit<OpenRun, 'epoch'> & { readonly epoch: number | null };

export class RunDriver implements Runner {
  readonly #options: RunDriverOptions;
  readonly #loader: RunLoader;
  /** Runs that this process has taken over, by id: how often the process died while they may have been at work. */
  readonly #crashes = new Map<string, number>();

  constructor(options: RunDriverOptions) {
    this.#options = options;
    this.#loader = new RunLoader(options.store);
  }

  async drive(request: DriveRequest): Promise<DriveEnd> {
    const { organization, mailbox, slots, claims, isOutOfTurn } = request;
    if (request.crashes !== null && request.crashes > 0) this.#crashes.set(request.runId, request.crashes);
    const opened =
      request.run !== null && request.epoch !== null
        ? { run: request.run, epoch: request.epoch, crashes: this.#crashesOf(request.runId) }
        : await this.#open(request);
    const { run, epoch, crashes } = opened;
    if (epoch === null) return { kind: 'superseded', run };
    if (isTerminal(run.status)) return { kind: 'ended', run };
    const loaded = request.start === null ? await this.#load(run, mailbox) : asLoaded(request.start);
    const { maxCrashes } = this.#options;
    const isPoison = maxCrashes !== null && crashes >= maxCrashes && mailbox.order.kind === 'go';
    if (isPoison && !run.nodes.some(({ status }) => status === 'running')) {
      return this.#fail({ run, epoch, crashes }, loaded, crashed(crashes));
    }
    // Their failure is recorded by a driver that has its turn.
    const isBlamed = isPoison && !isOutOfTurn;
    const plan = await this.#planFor(run);
    if (plan === null) return this.#fail({ run, epoch, crashes }, loaded, lostVersion(run));
    const deps = plan.isRestricted ? restrictDeps(this.#options) : this.#options;
    const { secrets: opener = NO_SECRETS } = deps;
    const opening = {
      secrets: opener,
      organizationId: organization.id,
      names: plan.secrets,
      onlyOwn: plan.isRestricted,
      // A run that was retried is under way since then.
      since: run.retries === undefined ? run.createdAt : (run.resumedAt ?? run.createdAt),
    };
    const secrets = plan.secrets.length === 0 ? NO_RUN_SECRETS : await openRunSecrets(opening);
    const recorder = reportingToParent({ run, recorder: deps.recorder, report: request.onProgress });
    const drive = (): Promise<DriveEnd> =>
      driveRun({
        deps,
        recorder,
        run,
        epoch,
        plan,
        loaded,
        organization,
        mailbox,
        slots,
        claims,
        secrets,
        isOutOfTurn,
        isSuspect: maxCrashes !== null && crashes > 0,
        cutOffs: maxCrashes === null ? 0 : crashes,
        noteCutOff: (times) => this.#noteCutOff(run, times),
        crashes: isBlamed ? crashes : null,
      });
    const { tracing } = deps;
    const end = await (tracing === undefined ? drive() : tracing.inRun(run, drive));
    if (isBlamed || (end.kind !== 'parked' && crashes > 0)) this.#crashes.delete(run.id);
    return end;
  }

  /** Its epoch is null where the run is another's. */
  async #open({ runId, organization, epoch, beginDrive }: DriveRequest): Promise<Opened> {
    if (epoch === null) {
      const begun = await beginDrive();
      if (begun !== null && begun.crashes > 0) this.#crashes.set(runId, begun.crashes);
      if (begun !== null) return begun;
    }
    const run = await this.#options.store.runs.get({ organizationId: organization.id, runId });
    if (run === null) throw new Error(`The record of run ${runId} is gone`);
    return { run, epoch, crashes: this.#crashesOf(runId) };
  }

  async #noteCutOff({ id: runId, organizationId }: Run, times: number): Promise<void> {
    if (this.#options.maxCrashes !== null) await this.#options.store.runs.noteCutOff({ organizationId, runId, times });
  }

  #crashesOf(runId: string): number {
    return this.#crashes.size === 0 ? 0 : (this.#crashes.get(runId) ?? 0);
  }

  async #load(run: Run, mailbox: RunMailbox): Promise<LoadedRun> {
    const { store } = this.#options;
    if (await isOrphan(store, run)) mailbox.cancel('the run that started it has ended');
    // Of a run that nothing has come of, nothing but its end is to be recorded.
    if (run.version === 1 && mailbox.order.kind === 'cancel') return asLoaded({ input: null, instruction: null });
    return this.#loader.load(run);
  }

  async #planFor(run: Run): Promise<Plan | null> {
    try {
      return await this.#options.planOf({ workflowId: workflowKeyOfRun(run), version: run.workflowVersion });
    } catch (error) {
      if (isErrandError(error) && error.code === 'unavailable') throw error;
      this.#options.logger.error({ runId: run.id, error: errorMessage(error) }, 'A run has lost its workflow version');
      return null;
    }
  }

  /** Ends a run whose nodes cannot be driven. */
  async #fail({ run, epoch }: OpenRun, { lastAt }: LoadedRun, error: RunError): Promise<DriveEnd> {
    const { recorder, clock, logger, children } = this.#options;
    const log = new RunLog({ run, epoch, recorder, clock, logger, lastAt });
    try {
      await failRun({ log, plan: null, children, logger, abort: new LazyAbort() }, error);
    } catch (thrown) {
      if (thrown instanceof RunAbandoned) return { kind: 'superseded', run };
      throw thrown;
    }
    this.#crashes.delete(run.id);
    return { kind: 'ended', run: log.run };
  }
}

/** Of a run none of whose nodes is known to have been at work. */
function crashed(crashes: number): RunError {
  const message = `The server died ${timesOf(crashes)} while this run was at work. Find out what ends it before you retry the run`;
  return { kind: 'crashed', message, nodeId: null };
}

function lostVersion({ workflowId, workflowVersion }: Run): RunError {
  const message = `Version ${workflowVersion} of workflow ${workflowId} cannot be run by this server`;
  return { kind: 'definition_missing', message, nodeId: null };
}

/** A parent takes in how far its child is in steps of at least this many percent: each is a commit of the parent's. */
const STEP_PERCENT = 5;

/**
 * For a run that another one started: has that one look whenever there is progress to see. The end is told by the
 * engine.
 */
export function reportingToParent(params: {
  readonly run: Run;
  readonly recorder: RunRecorder;
  readonly report: (parentId: string) => void;
}): RunRecorder {
  const { run: first, recorder, report } = params;
  const { parent } = first;
  if (parent === undefined) return recorder;
  let reported = computeProgress(first);
  return {
    async record(changes) {
      const outcome = await recorder.record(changes);
      const { run } = changes;
      const progress = computeProgress(run);
      if (outcome === 'superseded' || isTerminal(run.status) || progress < reported + STEP_PERCENT) return outcome;
      reported = progress;
      report(parent.runId);
      return outcome;
    },
  };
}
