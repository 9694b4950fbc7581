import { type BulkJob, STATUSES_FOR } from '../../../core/bulk/bulk-job.js';
import { errorMessage, ErrandError, isErrandError } from '../../../core/errors.js';
import type { RunStore } from '../../../core/ports/store/run-store.js';
import type { Logger } from '../../../core/ports/logger.js';
import type { Run } from '../../../core/run/run.js';
import type { Principal } from '../../../core/tenant/principal.js';
import type { Services } from '../../interface/services.js';
import { belongsToParent } from './find-runs.js';

export type BulkOutcome =
  | { readonly kind: 'done' | 'skipped' }
  | { readonly kind: 'refused'; readonly error: ErrandError }
  /** To be tried again later. */
  | { readonly kind: 'waits'; readonly error: ErrandError };

export interface BulkWork {
  readonly runs: Pick<RunStore, 'get' | 'findByIdempotencyKey'>;
  readonly services: Pick<Services, 'cancelRun' | 'retryRun' | 'rerun'>;
  readonly logger: Logger;
}

const DONE: BulkOutcome = { kind: 'done' };
const SKIPPED: BulkOutcome = { kind: 'skipped' };

/** Does to a run what the job is for, unless that is done: however often it is called, it is done once. */
export async function dealWithRun(work: BulkWork, job: BulkJob, runId: string): Promise<BulkOutcome> {
  const { organizationId } = job;
  const run = await work.runs.get({ organizationId, runId });
  // Removed meanwhile.
  if (run === null) return SKIPPED;
  if (belongsToParent(job.action, run)) return SKIPPED;
  if (await isDone(work, job, run)) return DONE;
  if (!STATUSES_FOR[job.action].includes(run.status)) return SKIPPED;
  if (await isOfItsOwn(work, job, run)) return SKIPPED;
  try {
    await act(work, job, run.id);
    return DONE;
  } catch (thrown) {
    return explain(work, job, run, thrown);
  }
}

async function act({ services }: BulkWork, job: BulkJob, runId: string): Promise<void> {
  const caller = callerOf(job);
  switch (job.action) {
    case 'cancel':
      await services.cancelRun(caller, { runId, ...(job.reason === null ? {} : { reason: job.reason }) });
      return;
    case 'retry':
      await services.retryRun(caller, { runId, idempotencyKey: keyOf(job) });
      return;
    case 'rerun':
      await services.rerun(caller, { runId, idempotencyKey: keyOf(job, runId), sameVersion: job.sameVersion });
      return;
  }
}

/** Whether it was, before a crash. */
async function isDone({ runs }: BulkWork, job: BulkJob, run: Run): Promise<boolean> {
  switch (job.action) {
    case 'cancel':
      return run.status === 'cancelled' && (run.completedAt ?? 0) >= job.createdAt;
    case 'retry':
      return run.retries?.idempotencyKey === keyOf(job);
    case 'rerun': {
      const { organizationId } = job;
      return (await runs.findByIdempotencyKey({ organizationId, key: keyOf(job, run.id) })) !== null;
    }
  }
}

/** Whether it is a rerun that the job has made itself: the clock of another process may be late. */
async function isOfItsOwn({ runs }: BulkWork, job: BulkJob, run: Run): Promise<boolean> {
  if (job.action !== 'rerun' || run.rerunOf === undefined) return false;
  const key = keyOf(job, run.rerunOf.runId);
  const made = await runs.findByIdempotencyKey({ organizationId: job.organizationId, key });
  return made?.run.id === run.id;
}

async function explain(work: BulkWork, job: BulkJob, { id }: Run, thrown: unknown): Promise<BulkOutcome> {
  const error = isErrandError(thrown)
    ? thrown
    : new ErrandError('internal', 'The server failed at it; its log says how.');
  if (error.code === 'unavailable' || error.code === 'rate_limited') return { kind: 'waits', error };
  const { organizationId } = job;
  if (error.code === 'internal')
    work.logger.error({ run: id, bulkJob: job.id, error: errorMessage(thrown) }, 'A bulk job failed at a run');
  const now = await work.runs.get({ organizationId, runId: id });
  // It ended, went on or was removed while this was about to be done.
  const isPossible = now !== null && STATUSES_FOR[job.action].includes(now.status);
  return isPossible ? { kind: 'refused', error } : SKIPPED;
}

/** Whoever asked for the job, with what it needs. */
function callerOf({ organizationId, keyId, isGrant }: BulkJob): Principal {
  return { organizationId, keyId, scopes: ['read', 'run'], ...(isGrant ? { isGrant } : {}) };
}

const keyOf = ({ id }: BulkJob, runId?: string): string =>
  runId === undefined ? `bulk job ${id}` : `bulk job ${id} ${runId}`;
