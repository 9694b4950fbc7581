/**
 * Drives runs in this process.
 *
 * 1. Every unfinished run of the store is owned by this process: it is queued, active, or was left at the last stop and is resumed at the next start.
 * 2. A run is driven by one driver at a time, and only the driver changes it.
 * 3. The queue is first come, first served; at most `maxActiveRuns` are active.
 */
import type { Clock, Random } from '../../core/clock.js';
import type { HandlerRef } from '../../core/definition.js';
import type { Engine } from '../../core/engine.js';
import { ErrandError, errorMessage, isErrandError } from '../../core/errors.js';
import type { Json } from '../../core/json.js';
import type { Logger } from '../../core/logger.js';
import type { Handler } from '../../core/node-kind.js';
import { isTerminal, type Run } from '../../core/run.js';
import type { Store } from '../../core/store.js';
import type { Plan } from '../../workflow/plan.js';
import { driveRun } from '../../runner/drive-run.js';
import type { RunRecorder } from '../../runner/recorder.js';
import { RunControl } from '../../runner/run-control.js';
import { EmbeddedDurable } from './embedded-durable.js';
import { loadRun, type LoadedRun } from './load-run.js';

export interface EmbeddedEngineOptions {
  readonly store: Store;
  readonly recorder: RunRecorder;
  /** The plan of a workflow version; throws when it can no longer be made. */
  readonly planOf: (params: { readonly workflowId: string; readonly version: number }) => Promise<Plan>;
  readonly resolveHandler: (ref: HandlerRef) => Promise<Handler>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly maxActiveRuns: number;
}

interface Entry {
  readonly run: Run;
  /** Null for a run of an earlier process: its log is read when it becomes active. */
  readonly loaded: LoadedRun | null;
  readonly control: RunControl;
  /** Resolves with the run as its driver left it. */
  readonly ended: Promise<Run>;
  readonly settle: (run: Run) => void;
}

const NOTHING: ReadonlyMap<string, Json> = new Map();
const RESUME_PAGE = 500;
const DRIVER_RETRY_MS = 2_000;

export class EmbeddedEngine implements Engine {
  readonly #options: EmbeddedEngineOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #queue: Entry[] = [];
  readonly #organizations = new Map<string, { id: string; name: string }>();
  #active = 0;
  #stopping = false;
  #idle: (() => void) | null = null;

  constructor(options: EmbeddedEngineOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    for (let afterId: string | null = null; ;) {
      const runs: readonly Run[] = await this.#options.store.listUnfinishedRuns({ afterId, limit: RESUME_PAGE });
      for (const run of runs) this.#enqueue(run, null);
      const last = runs.at(-1);
      if (last === undefined) break;
      afterId = last.id;
    }
    if (this.#queue.length > 0) this.#options.logger.info({ runs: this.#queue.length }, 'Resuming unfinished runs');
    this.#pump();
  }

  assertAccepting(): void {
    if (this.#stopping) {
      throw new ErrandError('unavailable', 'The server is stopping; try again in a moment.', { retryAfterSeconds: 5 });
    }
  }

  dispatch(params: { readonly run: Run; readonly input: Json; readonly instruction: string | null }): Promise<void> {
    const { run, input, instruction } = params;
    // Recorded just before the stop: whoever starts next resumes it.
    if (this.#stopping) return Promise.resolve();
    // While many wait, their inputs wait on disk.
    const keep = this.#queue.length < this.#options.maxActiveRuns;
    this.#enqueue(run, keep ? { input, instruction, outputs: NOTHING, remembered: NOTHING } : null);
    this.#pump();
    return Promise.resolve();
  }

  async cancel({ run, reason }: { readonly run: Run; readonly reason: string }): Promise<Run> {
    const entry = this.#entries.get(run.id);
    if (entry === undefined) throw endedAlready(run);
    entry.control.cancel(reason);
    const waiting = this.#queue.indexOf(entry);
    if (waiting !== -1) {
      this.#queue.splice(waiting, 1);
      this.#launch(entry);
    }
    const ended = await entry.ended;
    if (ended.status !== 'cancelled') throw endedAlready(ended);
    return ended;
  }

  async stop({ graceMs }: { readonly graceMs: number }): Promise<void> {
    this.#stopping = true;
    for (const entry of this.#queue.splice(0)) {
      this.#entries.delete(entry.run.id);
      entry.settle(entry.run);
    }
    for (const entry of this.#entries.values()) entry.control.drain();
    await this.#untilIdle(graceMs);
    for (const entry of this.#entries.values()) entry.control.leave();
    await this.#untilIdle(1_000);
  }

  #enqueue(run: Run, loaded: LoadedRun | null): void {
    let settle: (run: Run) => void = () => undefined;
    const ended = new Promise<Run>((resolve) => {
      settle = resolve;
    });
    const entry: Entry = { run, loaded, control: new RunControl(), ended, settle };
    this.#entries.set(run.id, entry);
    this.#queue.push(entry);
  }

  #pump(): void {
    while (!this.#stopping && this.#active < this.#options.maxActiveRuns) {
      const entry = this.#queue.shift();
      if (entry === undefined) return;
      this.#launch(entry);
    }
  }

  #launch(entry: Entry): void {
    this.#active += 1;
    this.#drive(entry)
      .then(
        (run) => entry.settle(run),
        (error: unknown) => this.#tryAgainLater(entry, error),
      )
      .finally(() => {
        this.#active -= 1;
        if (this.#entries.get(entry.run.id) === entry) this.#entries.delete(entry.run.id);
        this.#pump();
        if (this.#active === 0) this.#idle?.();
      })
      .catch(() => undefined);
  }

  /** What made the driver itself fail (a store that cannot be read, say) may pass; the run's record is untouched. */
  #tryAgainLater(entry: Entry, error: unknown): void {
    const { logger, clock } = this.#options;
    logger.error({ runId: entry.run.id, error: errorMessage(error) }, 'A run cannot be driven just now; trying again');
    entry.settle(entry.run);
    clock.schedule(DRIVER_RETRY_MS, () => {
      if (!this.#stopping) this.#takeUpAgain(entry.run).catch((again: unknown) => this.#tryAgainLater(entry, again));
    });
  }

  async #takeUpAgain({ id, organizationId }: Run): Promise<void> {
    const run = await this.#options.store.getRun({ organizationId, runId: id });
    if (run === null || isTerminal(run.status) || this.#entries.has(id) || this.#stopping) return;
    this.#enqueue(run, null);
    this.#pump();
  }

  async #drive(entry: Entry): Promise<Run> {
    const { run, control } = entry;
    const { store, clock, recorder, resolveHandler, random, logger } = this.#options;
    const loaded = entry.loaded ?? (await loadRun(store, run.id));
    const organization = await this.#organizationOf(run.organizationId);
    const plan = await this.#planFor(run);
    if (plan === null) return this.#failUnplanned(run);
    const durable = new EmbeddedDurable({ clock, control, remembered: loaded.remembered });
    try {
      return await driveRun({
        ...loaded,
        run,
        plan,
        organization,
        control,
        durable,
        recorder,
        resolveHandler,
        clock,
        random,
        logger,
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
  async #failUnplanned(run: Run): Promise<Run> {
    const { clock, recorder } = this.#options;
    const message = `Version ${run.workflowVersion} of workflow ${run.workflowId} cannot be run by this server`;
    const error = { kind: 'definition_missing', message, nodeId: null };
    const at = Math.max(clock.now(), run.createdAt);
    const failed: Run = { ...run, version: run.version + 1, status: 'failed', error, completedAt: at };
    await recorder.record({ run: failed, events: [{ kind: 'run.failed', error, seq: failed.version, at }] });
    return failed;
  }

  async #organizationOf(id: string): Promise<{ id: string; name: string }> {
    let organization = this.#organizations.get(id);
    if (organization === undefined) {
      const record = await this.#options.store.getOrganization({ id });
      organization = { id, name: record?.name ?? id };
      this.#organizations.set(id, organization);
    }
    return organization;
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

function endedAlready(run: Run): ErrandError {
  const how = isTerminal(run.status) ? `it is already ${run.status}` : 'it is not being run by this server just now';
  return new ErrandError('conflict', `The run cannot be cancelled: ${how}.`);
}
