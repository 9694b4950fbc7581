import type { BulkFilter, BulkJob, BulkOrder } from '../bulk/bulk-job.js';
import { tellMoment } from '../time/moment.js';
import { renderRunId } from './run-id.js';

/** A bulk job as every door shows it. */
export type BulkJobView = ReturnType<typeof renderBulkJob>;
export type BulkFilterView = ReturnType<typeof renderFilter>;
export type BulkPreviewView = ReturnType<typeof renderBulkPreview>;

export function renderBulkJob(job: BulkJob) {
  const { id, status, expected, progress, createdAt, updatedAt, endedAt } = job;
  const { done, skipped, refused, refusals, waitsFor } = progress;
  return {
    id,
    ...renderOrder(job),
    status,
    expected_runs: expected,
    done,
    skipped,
    refused,
    refusals: refusals.map(({ runId, ...why }) => ({ run_id: renderRunId(runId), ...why })),
    waits_for: status === 'running' ? waitsFor : null,
    created_at: tellMoment(createdAt),
    updated_at: tellMoment(updatedAt),
    ended_at: endedAt === null ? null : tellMoment(endedAt),
  };
}

export function renderBulkPreview(preview: {
  readonly order: BulkOrder;
  readonly runs: number;
  readonly hasMore: boolean;
  readonly skipped: number;
  readonly byStatus: { readonly [status: string]: number };
  readonly byWorkflow: readonly { readonly workflowId: string; readonly runs: number }[];
  readonly creditsReserved: number;
  readonly creditsReleased: number;
  readonly creditsAvailable: number;
}) {
  return {
    ...renderOrder(preview.order),
    runs: preview.runs,
    has_more: preview.hasMore,
    skipped: preview.skipped,
    by_status: preview.byStatus,
    by_workflow: preview.byWorkflow.map(({ workflowId, runs }) => ({ workflow_id: workflowId, runs })),
    credits_reserved: preview.creditsReserved,
    credits_released: preview.creditsReleased,
    credits_available: preview.creditsAvailable,
  };
}

function renderOrder({ action, filter, reason, sameVersion }: BulkOrder) {
  return { action, filter: renderFilter(filter), reason, same_version: sameVersion };
}

function renderFilter(filter: BulkFilter) {
  const { statuses, workflowId = null, tags = [], fields = {}, createdFrom, createdBefore, runIds = [] } = filter;
  return {
    status: statuses,
    workflow_id: workflowId,
    tags,
    fields,
    created_from: createdFrom === undefined ? null : tellMoment(createdFrom),
    created_before: createdBefore === undefined ? null : tellMoment(createdBefore),
    run_ids: runIds.map(renderRunId),
  };
}
