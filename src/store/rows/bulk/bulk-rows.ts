import type { BulkJob, BulkOrder, BulkProgress, BulkStatus } from '../../../core/bulk/bulk-job.js';
import { decodeText, encodeText } from '../text.js';

/** A row of `bulk_jobs`, in either store. */
export interface BulkJobRow {
  readonly id: string;
  readonly organization_id: string;
  /** What is wanted, and who wants it, as JSON. */
  readonly wanted: string;
  readonly status: BulkStatus;
  /** As JSON. */
  readonly progress: string;
  readonly created_at: number;
  readonly updated_at: number;
  readonly ended_at: number | null;
}

type Wanted = BulkOrder & Pick<BulkJob, 'keyId' | 'isGrant' | 'expected'>;

export function toBulkJobRow(job: BulkJob): BulkJobRow {
  const { id, organizationId, status, progress, createdAt, updatedAt, endedAt, ...wanted } = job;
  return {
    id,
    organization_id: encodeText(organizationId),
    wanted: JSON.stringify(wanted satisfies Wanted),
    status,
    progress: JSON.stringify(progress),
    created_at: createdAt,
    updated_at: updatedAt,
    ended_at: endedAt,
  };
}

export function fromBulkJobRow(row: BulkJobRow): BulkJob {
  return {
    ...(JSON.parse(row.wanted) as Wanted),
    id: row.id,
    organizationId: decodeText(row.organization_id),
    status: row.status,
    progress: JSON.parse(row.progress) as BulkProgress,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    endedAt: row.ended_at,
  };
}
