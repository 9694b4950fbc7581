import { type BulkJob, type BulkProgress, MAX_BULK_REFUSALS } from '../../../core/bulk/bulk-job.js';
import { errorMessage, isErrandError } from '../../../core/errors.js';
import { Looks } from '../../use-case/looks.js';
import type { Clock, NewId } from '../../../core/ports/clock.js';
import type { Logger } from '../../../core/ports/logger.js';
import type { Store } from '../../../core/ports/store/store.js';
import type { BulkServices } from '../../interface/bulk.js';
import type { Services } from '../../interface/services.js';
import type { Catalog } from '../../state/catalog.js';
import { type BulkOutcome, dealWithRun } from './deal-with-run.js';
import { findRuns } from './find-runs.js';

export interface BulkWorkerOptions {
  readonly store: Pick<Store, 'bulk' | 'runs'>;
  readonly catalog: Pick<Catalog, 'list'>;
  readonly services: Pick<Services, 'cancelRun' | 'retryRun' | 'rerun'> & Pick<BulkServices, 'onBulkJobStarted'>;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly logger: Logger;
  /** Whether other processes work at bulk jobs too. */
  readonly isShared: boolean;
}

/** Runs that are dealt with at a time. After that, another job has its turn. */
const PER_STEP = 20;
/** With other processes, a job that nobody has taken further for so long is taken up by another. */
const LEASE_MS = 10_000;
const AGAIN_MS = 1_000;
/** Jobs that other processes have made, or left, are found by then. */
const LOOK_EVERY_MS = 5_000;

/**
 * Does what bulk jobs are for, some runs at a time, each job in its turn. Which runs are next is written before
 * anything is done to them, and what is done to a run is done once, whatever dies in between.
 */
export class BulkWorker {
  readonly #options: BulkWorkerOptions;
  readonly #owner: string;
  /** Alone, a process takes up at once what it has left behind. */
  readonly #leaseMs: number;
  readonly #looks: Looks;
  #unsubscribe: () => void = () => undefined;

  constructor(options: BulkWorkerOptions) {
    this.#options = options;
    this.#owner = options.newId();
    this.#leaseMs = options.isShared ? LEASE_MS : 0;
    this.#looks = new Looks({ clock: options.clock, look: () => this.#workOff() });
  }

  start(): void {
    this.#unsubscribe = this.#options.services.onBulkJobStarted(() => this.#looks.now());
    this.#looks.now();
  }

  /** Resolves once the step that is under way has ended. */
  async stop(): Promise<void> {
    this.#unsubscribe();
    await this.#looks.stop();
  }

  async #workOff(): Promise<number> {
    try {
      while (!this.#looks.isStopped && (await this.runOnce()));
      return LOOK_EVERY_MS;
    } catch (error) {
      this.#options.logger.error({ error: errorMessage(error) }, 'A bulk job could not go on; trying again');
      return AGAIN_MS;
    }
  }

  /** Takes one job a step further. False when there is nothing to do just now. */
  async runOnce(): Promise<boolean> {
    const { store, clock } = this.#options;
    const now = clock.now();
    const job = await store.bulk.claim({ owner: this.#owner, now, until: now + this.#leaseMs });
    if (job === null) return false;
    try {
      const progress = await this.#findNext(job);
      if (progress !== null) await this.#dealWithPending(job, progress);
    } catch (error) {
      // A field, say, by which runs cannot be found any more since a workflow has changed.
      if (!isErrandError(error) || error.code === 'unavailable') throw error;
      await this.#save(job, { ...job.progress, waitsFor: error.message }, LOOK_EVERY_MS);
    }
    return true;
  }

  /** With the runs that are next; null when the job is somebody else's by now. */
  async #findNext(job: BulkJob): Promise<BulkProgress | null> {
    const { progress, organizationId, filter } = job;
    if (progress.pending.length > 0 || progress.isSearched) return progress;
    const { beforeId } = progress;
    const found = await findRuns(this.#options, { organizationId, filter, beforeId, limit: PER_STEP });
    const next: BulkProgress = {
      ...progress,
      pending: found.runs.map(({ id }) => id),
      beforeId: found.nextBeforeId ?? beforeId,
      isSearched: found.nextBeforeId === null,
    };
    if (next.pending.length === 0) return next;
    return (await this.#save(job, next, this.#leaseMs)) ? next : null;
  }

  async #dealWithPending(job: BulkJob, progress: BulkProgress): Promise<void> {
    const { store, services, logger } = this.#options;
    const work = { runs: store.runs, services, logger };
    const outcomes = await Promise.all(
      progress.pending.map(async (runId) => ({ runId, outcome: await dealWithRun(work, job, runId) })),
    );
    const next = addOutcomes(progress, outcomes);
    await this.#save(job, next, next.waitsFor === null ? 0 : AGAIN_MS);
  }

  #save({ id, organizationId }: BulkJob, progress: BulkProgress, freeInMs: number): Promise<boolean> {
    const now = this.#options.clock.now();
    const isOver = progress.isSearched && progress.pending.length === 0;
    const until = now + freeInMs;
    return this.#options.store.bulk.save({ id, organizationId, owner: this.#owner, progress, now, until, isOver });
  }
}

interface Dealt {
  readonly runId: string;
  readonly outcome: BulkOutcome;
}

function addOutcomes(progress: BulkProgress, outcomes: readonly Dealt[]): BulkProgress {
  const count = (kind: BulkOutcome['kind']): number => outcomes.filter(({ outcome }) => outcome.kind === kind).length;
  const refusals = outcomes.flatMap(({ runId, outcome }) =>
    outcome.kind === 'refused' ? [{ runId, code: outcome.error.code, message: outcome.error.message }] : [],
  );
  const waiting = outcomes.filter(({ outcome }) => outcome.kind === 'waits');
  const [first] = waiting;
  return {
    ...progress,
    pending: waiting.map(({ runId }) => runId),
    done: progress.done + count('done'),
    skipped: progress.skipped + count('skipped'),
    refused: progress.refused + count('refused'),
    refusals: [...progress.refusals, ...refusals].slice(0, MAX_BULK_REFUSALS),
    waitsFor: first?.outcome.kind === 'waits' ? first.outcome.error.message : null,
  };
}
