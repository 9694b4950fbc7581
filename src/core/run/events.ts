import type { Json } from '../json.js';
import type { ModelUsage } from '../models/models.js';
import type { AwaitedEvent, ItemCounts, NodeError, Question } from './node-execution.js';
import type { RunError } from './run.js';

/**
 * What happened, without when. `nodeId` names a node of the run's workflow, or is the path of one inside it (see
 * `node-path.ts`). `nodeKind` is there in the first event of one inside another, of which the run's record knows
 * nothing before.
 */
export type RunEventBody =
  | { readonly kind: 'run.created'; readonly input: Json; readonly instruction: string | null }
  | { readonly kind: 'run.started' }
  | {
      readonly kind: 'run.completed';
      readonly output: Json;
      readonly summary: string | null;
      readonly creditsConsumed: number;
    }
  | {
      readonly kind: 'run.partially_completed';
      /** Absent when none could be made that fits the output schema; `outputError` then says why. */
      readonly output?: Json;
      readonly outputError: string | null;
      readonly summary: string | null;
      readonly creditsConsumed: number;
    }
  | {
      readonly kind: 'run.failed';
      readonly error: RunError;
      /** Absent: no more than before. */
      readonly creditsConsumed?: number;
    }
  | {
      readonly kind: 'run.cancelled';
      readonly reason: string;
      /** Absent: no more than before. */
      readonly creditsConsumed?: number;
    }
  | {
      readonly kind: 'run.retried';
      /**
       * Nodes that failed or were cut short: they run again, but what steps of theirs had completed stays remembered.
       */
      readonly resumed: readonly string[];
      /** Nodes that depend on those: they run as if they never had. */
      readonly reset: readonly string[];
      /** The key of the call that asked for it; absent when that had none. */
      readonly idempotencyKey?: string;
    }
  | {
      readonly kind: 'node.started';
      readonly nodeId: string;
      readonly attempt: number;
      /**
       * There at the first start of a node whose expressions ask for chance or time: the moment that fixes both, in
       * epoch milliseconds.
       */
      readonly fixedAt?: number;
      /** There when the node runs others inside it: what they come to outlives their attempt's process. */
      readonly holds?: true;
      /** There when it says that the node is at work now, whose run had been cut off so often before. */
      readonly cutOffs?: number;
      readonly nodeKind?: string;
    }
  | {
      readonly kind: 'node.progress';
      readonly nodeId: string;
      readonly percent: number;
      readonly message: string | null;
    }
  | { readonly kind: 'node.findings'; readonly nodeId: string; readonly findings: string }
  | {
      readonly kind: 'node.completed';
      readonly nodeId: string;
      readonly attempt: number;
      readonly output: Json;
      /** There when the output is the node's fallback: the failure that it stands in for. */
      readonly fallbackFor?: NodeError;
    }
  | {
      readonly kind: 'node.failed';
      readonly nodeId: string;
      readonly attempt: number;
      readonly error: NodeError;
      readonly anew?: true;
      readonly nodeKind?: string;
    }
  | {
      readonly kind: 'node.retrying';
      readonly nodeId: string;
      /** The attempt that failed. */
      readonly attempt: number;
      readonly error: NodeError;
      readonly until: number;
      /** What steps of this attempt came to is not used again: going on from it would fail in the same way. */
      readonly anew?: true;
    }
  | { readonly kind: 'node.waiting'; readonly nodeId: string; readonly attempt: number; readonly wait: NodeWait }
  | {
      readonly kind: 'node.answered';
      readonly nodeId: string;
      readonly attempt: number;
      readonly answer: Json;
      /** `default`: nobody answered, or no event came, in time. `event`: it is the data of an event. */
      readonly by: 'caller' | 'default' | 'event';
      /** There where it is an event's. */
      readonly eventId?: string;
    }
  | ({ readonly kind: 'node.items'; readonly nodeId: string } & ItemCounts)
  | {
      readonly kind: 'node.skipped';
      readonly nodeId: string;
      /** For people. */
      readonly reason: string;
      /** There when the run failed before the node could start: a retry runs it. */
      readonly because?: 'run_failed';
      readonly nodeKind?: string;
    }
  | { readonly kind: 'node.cancelled'; readonly nodeId: string }
  /**
   * A round of a node has ended, with this output. `isDone`: its condition holds. `isLast`: there may be no further one.
   */
  | {
      readonly kind: 'node.round';
      readonly nodeId: string;
      /** From 1. */
      readonly round: number;
      readonly output: Json;
      readonly isDone: boolean;
      readonly isLast: boolean;
    }
  /** A node that holds others is tried again: which of those run again. Paths; see `run.retried`. */
  | {
      readonly kind: 'node.reopened';
      readonly nodeId: string;
      readonly resumed: readonly string[];
      readonly reset: readonly string[];
    }
  /**
   * More of a text that a model is writing: it belongs at `offset` of what the node's step `step` writes. An offset of
   * 0 starts it again.
   */
  | {
      readonly kind: 'node.text';
      readonly nodeId: string;
      readonly step: string;
      readonly offset: number;
      readonly text: string;
    }
  /** What a model used that was asked in the node's step `step` and gave no answer. */
  | { readonly kind: 'node.usage'; readonly nodeId: string; readonly step: string; readonly usage: ModelUsage }
  /** The outcome of a durable step inside a node (an item of a map, a model's answer), remembered under its key. */
  | {
      readonly kind: 'step.completed';
      readonly nodeId: string;
      readonly key: string;
      readonly outcome: StepOutcome;
      /** There when the step called a model: which one, and what that used. */
      readonly usage?: ModelUsage;
    };

/**
 * What a node waits for without anything of it being held in memory. `until` is epoch milliseconds: when a wait for
 * `time` is over, and when an answer, a run or an event has been waited for long enough (null: never). With `step`, what the run
 * comes to is the outcome of that step in the node's own work (its whole key), and the attempt goes on with it. For
 * `nodes`: all nodes inside it wait, and `until` is when the first of them, or its own attempt, is to be looked at.
 */
export type NodeWait =
  | { readonly for: 'time'; readonly until: number }
  | { readonly for: 'answer'; readonly until: number | null; readonly question: Question }
  | { readonly for: 'run'; readonly until: number | null; readonly runId: string; readonly step?: string }
  | { readonly for: 'event'; readonly until: number | null; readonly event: AwaitedEvent }
  | { readonly for: 'nodes'; readonly until: number | null };

export type StepOutcome =
  { readonly status: 'completed'; readonly output: Json } | { readonly status: 'failed'; readonly error: NodeError };

/**
 * The reason of a node that was skipped because its run failed. Logs from before `because` tell it by this text alone.
 */
export const RUN_FAILED_FIRST = 'the run failed before it';

export function wasPassedOver({ because, reason }: Extract<RunEventBody, { kind: 'node.skipped' }>): boolean {
  return because === 'run_failed' || reason === RUN_FAILED_FIRST;
}

export type RunEventKind = RunEventBody['kind'];

/** One entry of a run's log. `seq` counts from 1 without gaps; `at` is epoch milliseconds and never falls. */
export type RunEvent = RunEventBody & { readonly seq: number; readonly at: number };
