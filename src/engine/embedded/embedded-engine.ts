/**
 * Drives runs in this process.
 *
 * Every unfinished run of the store is owned by this process: it is queued or active (`engine/drives/run-drives.ts`),
 * parked (all that is left of it waits), or was left at the last stop and is resumed at the next start.
 */
import type { Clock } from '../../core/ports/clock.js';
import type { CancelParams, DispatchParams, Engine, WaitReasons } from '../../core/ports/engine.js';
import type { Logger } from '../../core/ports/logger.js';
import { untilReadable } from '../../core/time/until-readable.js';
import type { Run } from '../../core/run/run.js';
import type { LimitsUse, SharedUse } from '../../core/tenant/scheduling.js';
import type { Organization } from '../../core/tenant/organization.js';
import type { RunKey } from '../../core/ports/store/run-store.js';
import type { Store } from '../../core/ports/store/store.js';
import type { DriveEnd } from '../../runner/drive/drive-run.js';
import type { Runner } from '../../runner/run-driver.js';
import { ANSWER_REFUSALS, notCancelled, stopping } from '../drives/refusals.js';
import type { Admission, DrivenRun } from '../drives/driven-run.js';
import { type DriveLimits, RunDrives } from '../drives/run-drives.js';
import { type ParkedRun, ParkedRuns } from './parked-runs.js';

export interface EmbeddedEngineOptions extends DriveLimits {
  readonly store: Pick<Store, 'runs' | 'organizations'>;
  readonly runner: Runner;
  readonly clock: Clock;
  readonly logger: Logger;
}

const RESUME_PAGE = 500;

export class EmbeddedEngine implements Engine {
  readonly #options: EmbeddedEngineOptions;
  readonly #drives: RunDrives;
  readonly #parked: ParkedRuns;

  constructor(options: EmbeddedEngineOptions) {
    this.#options = options;
    const { store, clock } = options;
    this.#drives = new RunDrives({
      ...options,
      beginDrive: ({ id: runId, organizationId }) => store.runs.beginDrive({ runId, organizationId }),
      onParted: (_, end) => this.#part(end),
      onProgress: (parentRunId) => this.#look(parentRunId),
    });
    this.#parked = new ParkedRuns({ clock, onDue: (run) => void this.#drives.admit(asAdmission(run)) });
  }

  async start(): Promise<void> {
    const { store, logger } = this.#options;
    const suspects = await untilReadable(() => this.#listSuspects(), this.#options);
    for (let afterId: string | null = null; ;) {
      const page = { afterId, limit: RESUME_PAGE };
      const runs: readonly Run[] = await untilReadable(() => store.runs.listUnfinished(page), this.#options);
      for (const run of runs) {
        await untilReadable(async () => void (await this.#drives.learn(run.organizationId)), this.#options);
        const admission = { key: run, run, start: null, epoch: null, crashes: null };
        if (suspects.has(run.id)) this.#drives.addSuspect(admission);
        else this.#drives.enqueue(admission);
      }
      const last = runs.at(-1);
      if (last === undefined) break;
      afterId = last.id;
    }
    const { queued } = this.#drives;
    if (queued > 0) logger.info({ runs: queued }, 'Resuming unfinished runs');
    this.#drives.pump();
    this.#drives.launchSuspects();
  }

  async #listSuspects(): Promise<ReadonlySet<string>> {
    const { store, maxCrashes } = this.#options;
    if (maxCrashes === null || maxCrashes < 2) return new Set();
    return new Set(await store.runs.listCrashed({ atLeast: maxCrashes - 1 }));
  }

  async assertAccepting(): Promise<void> {
    if (!this.#drives.isStopping) return;
    throw stopping();
  }

  async dispatch({ run, epoch, start }: DispatchParams): Promise<void> {
    const learning = this.#drives.learn(run.organizationId);
    if (learning !== null) await learning;
    // While many wait, their inputs wait on disk.
    const isKept = this.#drives.queued < this.#options.maxActiveRuns;
    // Recorded just before the stop: whoever starts next resumes it.
    this.#drives.admit({ key: run, run, start: isKept ? start : null, epoch, crashes: null });
  }

  async explainWaits({ runId }: { readonly runId: string }): Promise<WaitReasons> {
    return this.#drives.explainWaits(runId);
  }

  readUse({ organizationId }: { readonly organizationId: string }): Promise<LimitsUse> {
    return this.#drives.readUse(organizationId);
  }

  readSharedUse(): SharedUse {
    return this.#drives.readSharedUse();
  }

  /** How many runs and nodes do what just now. */
  counts(): { active: number; queued: number; parked: number; heldUp: number } {
    return { ...this.#drives.counts(), parked: this.#parked.size };
  }

  async limitsChanged(organization: Organization | null): Promise<void> {
    this.#drives.limitsChanged(organization);
  }

  async cancel({ run, reason, audit }: CancelParams): Promise<Run> {
    const entry = this.#entryOf(run.id);
    if (entry === null) throw notCancelled(run);
    entry.mailbox.cancel(reason, audit);
    this.#drives.hear(entry);
    const ended = await entry.ended;
    if (ended.status !== 'cancelled') throw notCancelled(ended);
    return ended;
  }

  async answer({ run, ...given }: Parameters<Engine['answer']>[0]): Promise<void> {
    await this.assertAccepting();
    const entry = this.#entryOf(run.id);
    if (entry === null) throw ANSWER_REFUSALS.not_waiting();
    await new Promise<void>((accept, reject) => {
      entry.mailbox.deliverAnswer({ ...given, accept, refuse: (reason) => reject(ANSWER_REFUSALS[reason]()) });
      this.#drives.hear(entry);
    });
  }

  /** What a stop cuts off is looked at by the next start: it drives every run. */
  async look({ runId }: RunKey): Promise<void> {
    this.#look(runId);
  }

  async stop({ graceMs }: { readonly graceMs: number }): Promise<void> {
    this.#parked.clear();
    await this.#drives.stop(graceMs);
  }

  /** A parked run is queued again. Null when this process does not own the run. */
  #entryOf(runId: string): DrivenRun | null {
    const entry = this.#drives.get(runId);
    if (entry !== undefined) return entry;
    const parked = this.#parked.take(runId);
    return parked === null ? null : this.#drives.enqueue(asAdmission(parked));
  }

  /** Has the driver of a run look at the runs that it started, and at what it waits for. */
  #look(runId: string): void {
    const entry = this.#entryOf(runId);
    entry?.mailbox.haveLook();
    if (entry !== null) this.#drives.pump();
  }

  #part(end: DriveEnd | null): void {
    if (end?.kind === 'parked') this.#park(end);
    const parent = end?.kind === 'ended' ? end.run.parent : undefined;
    if (parent !== undefined) this.#look(parent.runId);
  }

  #park({ run, wakeAt, epoch }: Extract<DriveEnd, { kind: 'parked' }>): void {
    if (this.#drives.isStopping) return;
    const { id, organizationId, workflowId, ownWorkflow } = run;
    const parked = { id, organizationId, workflowId, wakeAt, epoch };
    this.#parked.add(ownWorkflow === undefined ? parked : { ...parked, ownWorkflow });
  }
}

function asAdmission(parked: ParkedRun): Admission {
  return { key: parked, run: null, start: null, epoch: parked.epoch, crashes: null };
}
