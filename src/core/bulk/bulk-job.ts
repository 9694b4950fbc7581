import type { RunStatus } from '../run/run.js';

/** What is done to each run that is found. */
export const BULK_ACTIONS = ['cancel', 'retry', 'rerun'] as const;
export type BulkAction = (typeof BULK_ACTIONS)[number];

/** `stopped`: by a person, before it was through. */
export const BULK_STATUSES = ['running', 'completed', 'stopped'] as const;
export type BulkStatus = (typeof BULK_STATUSES)[number];

/** How runs have to stand for an action to be possible. */
export const STATUSES_FOR: { readonly [action in BulkAction]: readonly RunStatus[] } = {
  cancel: ['pending', 'running'],
  retry: ['partial_complete', 'failed', 'cancelled'],
  rerun: ['completed', 'partial_complete', 'failed', 'cancelled'],
};

/** Of one organization, at a time. */
export const MAX_RUNNING_BULK_JOBS = 10;
/** Of one organization. The oldest that have ended are removed for new ones. */
export const MAX_KEPT_BULK_JOBS = 100;
/** Refusals that a job keeps: most are alike. */
export const MAX_BULK_REFUSALS = 20;
/** Runs that a preview counts. */
export const MAX_PREVIEWED_RUNS = 10_000;
/** Runs that one job names. */
export const MAX_NAMED_RUNS = 500;

/** Which runs: those that fit all of it and are older than the job. */
export interface BulkFilter {
  /** Never empty. */
  readonly statuses: readonly RunStatus[];
  readonly workflowId?: string;
  readonly tags?: readonly string[];
  readonly fields?: { readonly [path: string]: string };
  readonly createdFrom?: number;
  readonly createdBefore?: number;
  /** These alone, newest first; with statuses, but with nothing else of the filter. */
  readonly runIds?: readonly string[];
}

/** What is wanted. */
export interface BulkOrder {
  readonly action: BulkAction;
  readonly filter: BulkFilter;
  /** Of a cancelling; null for none. */
  readonly reason: string | null;
  /** Of a rerun: on the version of the earlier run, where it is not the latest. */
  readonly sameVersion: boolean;
}

export interface BulkRefusal {
  readonly runId: string;
  readonly code: string;
  readonly message: string;
}

/** How far it is. */
export interface BulkProgress {
  /** Only runs with lower ids are left to be found. */
  readonly beforeId: string;
  /** No more are to be found. */
  readonly isSearched: boolean;
  /**
   * Found, and maybe dealt with already: written before anything is done to them, so that whoever takes the job up after
   * a crash counts each of them once.
   */
  readonly pending: readonly string[];
  readonly done: number;
  /** Runs that needed nothing any more, or that another run has started, which is dealt with in its stead. */
  readonly skipped: number;
  readonly refused: number;
  /** The first. */
  readonly refusals: readonly BulkRefusal[];
  /** What it waits for; null: nothing. */
  readonly waitsFor: string | null;
}

/** Of a job that has just been made: runs that are younger than it are none of its. */
export function noProgress(jobId: string): BulkProgress {
  return {
    beforeId: jobId,
    isSearched: false,
    pending: [],
    done: 0,
    skipped: 0,
    refused: 0,
    refusals: [],
    waitsFor: null,
  };
}

/** Cancels, retries or repeats all runs that a filter finds. Moments are epoch milliseconds. */
export interface BulkJob extends BulkOrder {
  /** UUIDv7: runs with greater ids are none of its. */
  readonly id: string;
  readonly organizationId: string;
  /** The key or grant that asked for it. */
  readonly keyId: string | null;
  readonly isGrant: boolean;
  /** How many runs it found when it was made; null: more than a preview counts. */
  readonly expected: number | null;
  readonly status: BulkStatus;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly endedAt: number | null;
  readonly progress: BulkProgress;
}
