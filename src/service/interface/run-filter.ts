import type { RunStatus } from '../../core/run/run.js';

/** Which runs: those that fit all that is given. */
export interface RunFilter {
  readonly statuses?: readonly RunStatus[];
  readonly workflowId?: string;
  /** Runs that have all of them. */
  readonly tags?: readonly string[];
  /** Values as JSON has them, text without quotes, by path: `input.customer.id`, `output.grade`, `metadata.region`. */
  readonly fields?: { readonly [path: string]: string };
  /** Made at this moment or later. */
  readonly createdFrom?: number;
  /** Made before this moment. */
  readonly createdBefore?: number;
}
