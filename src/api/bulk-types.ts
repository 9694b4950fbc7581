import type { BulkAction } from '../core/bulk/bulk-job.js';
import type { BulkJobView, BulkPreviewView } from '../core/render/render-bulk-job.js';
import type { RunStatus } from '../core/run/run.js';

/** Which runs: those that fit all that is given. Times are RFC 3339. */
export interface ApiBulkFilter {
  readonly status?: RunStatus | readonly RunStatus[];
  readonly workflow_id?: string;
  readonly tags?: readonly string[];
  /** `{ "input.customer.id": "17" }`. */
  readonly fields?: { readonly [path: string]: string };
  readonly created_from?: string;
  readonly created_before?: string;
  /** These runs alone, with `status` and nothing else of the filter. */
  readonly run_ids?: readonly string[];
}

export interface ApiBulkRequest {
  readonly action: BulkAction;
  readonly filter: ApiBulkFilter;
  /** Of a cancelling. */
  readonly reason?: string;
  /** Of a rerun. */
  readonly same_version?: boolean;
  /** The same key is the same job. Of no meaning for a preview. */
  readonly idempotency_key?: string;
}

/** What cancels, retries or repeats all runs that a filter finds. */
export type ApiBulkJob = BulkJobView;

/** What a bulk job would come to if it began now. */
export type ApiBulkPreview = BulkPreviewView;
