import { type BulkJob, MAX_KEPT_BULK_JOBS, MAX_RUNNING_BULK_JOBS, noProgress } from '../../../core/bulk/bulk-job.js';
import { ErrandError } from '../../../core/errors.js';
import type { Json } from '../../../core/json.js';
import { isUuid } from '../../../core/text/uuid.js';
import type { Principal } from '../../../core/tenant/principal.js';
import { recordChange } from '../../audit/record-change.js';
import type { BulkJobParams, StartBulkJobParams } from '../../interface/bulk.js';
import type { ServiceDeps } from '../../use-case/deps.js';
import { makeOnce } from '../../use-case/make-once.js';
import { requireScope } from '../../use-case/require-scope.js';
import { countRuns } from './preview.js';
import { readOrder } from './read-order.js';

export async function startBulkJob(
  deps: ServiceDeps,
  caller: Principal,
  params: StartBulkJobParams,
): Promise<{ readonly job: BulkJob; readonly created: boolean }> {
  requireScope(caller, 'run');
  const { organizationId } = caller;
  const order = readOrder(deps, organizationId, params);
  const { runs, skipped, hasMore } = await countRuns(deps, caller, order);
  const now = deps.clock.now();
  const id = deps.newId();
  const job: BulkJob = {
    ...order,
    id,
    organizationId,
    keyId: caller.keyId,
    isGrant: caller.isGrant === true,
    expected: hasMore ? null : runs + skipped,
    status: 'running',
    createdAt: now,
    updatedAt: now,
    endedAt: null,
    progress: noProgress(id),
  };
  const { made, created } = await makeOnce(deps, {
    organizationId,
    key: params.idempotencyKey,
    asked: ['bulk job', viewOf(job)],
    made: job,
    record: async (tx) => {
      if ((await tx.bulk.countRunning({ organizationId })) >= MAX_RUNNING_BULK_JOBS)
        throw new ErrandError(
          'conflict',
          `An organization has at most ${MAX_RUNNING_BULK_JOBS} bulk jobs that run. Wait for one to end, or stop one.`,
        );
      await tx.bulk.prune({ organizationId, keep: MAX_KEPT_BULK_JOBS - 1 });
      await tx.bulk.insert(job);
      const change = { action: 'bulk_job.start', target: targetOf(job), after: viewOf(job) };
      await recordChange(tx, deps, caller, { organizationId, ...change });
    },
    recall: (earlier) => deps.store.bulk.get({ organizationId, id: earlier }),
  });
  if (created) deps.bulkStarts?.tell();
  return { job: made, created };
}

export async function listBulkJobs(deps: ServiceDeps, caller: Principal): Promise<readonly BulkJob[]> {
  requireScope(caller, 'read');
  return deps.store.bulk.list({ organizationId: caller.organizationId, limit: MAX_KEPT_BULK_JOBS });
}

/** One answer for jobs that do not exist and jobs of other organizations. */
export async function getBulkJob(deps: ServiceDeps, caller: Principal, { jobId }: BulkJobParams): Promise<BulkJob> {
  requireScope(caller, 'read');
  const { organizationId } = caller;
  const found = isUuid(jobId) ? await deps.store.bulk.get({ organizationId, id: jobId }) : null;
  if (found === null) throw new ErrandError('not_found', 'There is no bulk job with this id.');
  return found;
}

export async function stopBulkJob(deps: ServiceDeps, caller: Principal, params: BulkJobParams): Promise<BulkJob> {
  requireScope(caller, 'run');
  const job = await getBulkJob(deps, caller, params);
  const { id, organizationId } = job;
  if (job.status === 'stopped') return job;
  const at = deps.clock.now();
  await deps.store.transaction(async (tx) => {
    if (!(await tx.bulk.stop({ organizationId, id, at })))
      throw new ErrandError('conflict', 'The bulk job cannot be stopped: it has ended.');
    const change = { action: 'bulk_job.stop', target: targetOf(job), before: 'running', after: 'stopped' };
    await recordChange(tx, deps, caller, { organizationId, ...change });
  });
  return getBulkJob(deps, caller, params);
}

const targetOf = ({ id }: BulkJob) => ({ kind: 'bulk_job', id });

function viewOf({ action, filter, reason, sameVersion }: BulkJob): Json {
  const {
    statuses,
    workflowId = null,
    tags = [],
    fields = {},
    createdFrom = null,
    createdBefore = null,
    runIds,
  } = filter;
  return {
    action,
    statuses: [...statuses],
    workflow: workflowId,
    tags: [...tags],
    fields: { ...fields },
    created_from: createdFrom,
    created_before: createdBefore,
    ...(runIds === undefined ? {} : { runs: [...runIds] }),
    reason,
    same_version: sameVersion,
  };
}
