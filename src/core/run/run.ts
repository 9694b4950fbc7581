import type { Json } from '../json.js';
import { addUsage, NO_USAGE, type Usage } from '../models/models.js';
import type { RunLabels } from '../search/labels.js';
import type { RunCallback } from '../webhooks/webhook.js';
import type { NodeError, NodeExecution } from './node-execution.js';

/**
 *   pending -> running -> completed | partial_complete | failed | cancelled
 *      \-> cancelled | failed
 *   partial_complete | failed | cancelled -> pending, when a caller asks for a retry and only then
 */
export const RUN_STATUSES = ['pending', 'running', 'completed', 'partial_complete', 'failed', 'cancelled'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

export interface RunError extends NodeError {
  /** The node that failed; null when the run itself did (its result did not fit, say). */
  readonly nodeId: string | null;
}

/** The node that started a run, of another run of the same organization. */
export interface RunParent {
  readonly runId: string;
  readonly nodeId: string;
  /** How many runs are above: 1 when the parent has no parent. */
  readonly depth: number;
}

/** The earlier run that a run does the work of once more. */
export interface RunRerun {
  readonly runId: string;
  /**
   * The node that it begins at: all that does not depend on it has the outcomes of the earlier run. Null: from the
   * start.
   */
  readonly fromNode: string | null;
}

/** A place in a trace, as W3C Trace Context writes it. */
export type TraceContext = { readonly traceparent: string; readonly tracestate?: string };

/** That a run was retried. */
export interface RunRetries {
  /** How often. */
  readonly count: number;
  /** What it had cost by the latest retry. That was settled: what is reserved since is the rest. */
  readonly creditsConsumed: number;
  /** The idempotency key of the call that asked for the latest retry; absent when that had none. */
  readonly idempotencyKey?: string;
}

/**
 * One execution of one workflow version for one organization: the fold of its event log. Times are epoch milliseconds.
 */
export interface Run extends RunLabels {
  /** UUIDv7. */
  readonly id: string;
  readonly organizationId: string;
  readonly workflowId: string;
  readonly workflowName: string;
  readonly workflowVersion: number;
  /** Set when the workflow is its organization's own; absent: one for all. */
  readonly ownWorkflow?: true;
  readonly status: RunStatus;
  /** The sequence number of the newest event that this record holds; grows with every change. */
  readonly version: number;
  readonly creditsReserved: number;
  readonly creditsConsumed: number;
  readonly summary: string | null;
  readonly error: RunError | null;
  /**
   * For `partial_complete` only: why the run has no output that fits the output schema (null when it has one).
   * Contract A shows such a run as failed.
   */
  readonly outputError: string | null;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly completedAt: number | null;
  /** Absent for a run that was never retried. */
  readonly retries?: RunRetries;
  /** -10 to 10: which of its organization's pending runs goes first. Absent: 0. */
  readonly priority?: number;
  /** Absent for a run that does no earlier one's work again. */
  readonly rerunOf?: RunRerun;
  /** Absent for a run that a caller started. */
  readonly parent?: RunParent;
  /** The runs whose shared budgets it draws from, itself first where it has one; absent for none. */
  readonly sharedBudgets?: readonly string[];
  /** What its trace goes on from; absent for a run that is not traced. */
  readonly trace?: TraceContext;
  /**
   * When it went on, the last time, after a pause of at least `LONG_PAUSE_MS`, or was retried; absent when it never did.
   */
  readonly resumedAt?: number;
  /** Absent for a run whose caller wants to be told nothing. */
  readonly callback?: RunCallback;
  /** In the workflow's order. */
  readonly nodes: readonly NodeExecution[];
  /** Absent until the run completes, wholly or in part. */
  readonly output?: Json;
}

/** A run of which nothing works for so long, while a node waits, has paused. */
export const LONG_PAUSE_MS = 3_600_000;

/** A run without what may be long. */
export type RunFields = Omit<Run, 'nodes' | 'output'>;

/** What a list of runs holds of each. */
export type RunListItem = RunFields & {
  readonly agentCount: number;
  /** As `sumUsage` gives it. */
  readonly usage: Usage | null;
};

type RunOrigin = Pick<
  Run,
  | 'id'
  | 'organizationId'
  | 'workflowId'
  | 'workflowName'
  | 'workflowVersion'
  | 'creditsReserved'
  | 'createdAt'
  | 'nodes'
> & { readonly trace?: TraceContext | undefined };

/** A run as its first event leaves it: nothing has started. */
export function pendingRun(origin: RunOrigin): Run {
  // One literal: what is spread into an object costs ten times as much.
  const run = {
    id: origin.id,
    organizationId: origin.organizationId,
    workflowId: origin.workflowId,
    workflowName: origin.workflowName,
    workflowVersion: origin.workflowVersion,
    status: 'pending' as const,
    version: 1,
    creditsReserved: origin.creditsReserved,
    creditsConsumed: 0,
    summary: null,
    error: null,
    outputError: null,
    createdAt: origin.createdAt,
    startedAt: null,
    completedAt: null,
    nodes: origin.nodes,
  };
  return origin.trace === undefined ? run : Object.assign(run, { trace: origin.trace });
}

/** What the ledger holds reserved for a run that goes on. */
export function creditsHeld(run: Pick<Run, 'creditsReserved' | 'retries'>): number {
  return run.creditsReserved - (run.retries?.creditsConsumed ?? 0);
}

/** What the run's own model calls have used, over all its nodes; null when there were none. */
export function sumUsage({ nodes }: Pick<Run, 'nodes'>): Usage | null {
  let sum: Usage | null = null;
  for (const { usage } of nodes) if (usage !== undefined) sum = addUsage(sum ?? NO_USAGE, usage);
  return sum;
}

export function isTerminal(status: RunStatus): boolean {
  return status !== 'pending' && status !== 'running';
}

export function listAgents(run: Pick<Run, 'nodes'>): readonly NodeExecution[] {
  return run.nodes.filter((node) => node.role !== null);
}
