import type { Json } from './json.js';
import type { NodeError } from './node-execution.js';
import type { RunError } from './run.js';

/** What happened, without when. `nodeId` names a node of the run's workflow. */
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
  | { readonly kind: 'run.failed'; readonly error: RunError }
  | { readonly kind: 'run.cancelled'; readonly reason: string }
  | { readonly kind: 'node.started'; readonly nodeId: string; readonly attempt: number }
  | {
      readonly kind: 'node.progress';
      readonly nodeId: string;
      readonly percent: number;
      readonly message: string | null;
    }
  | { readonly kind: 'node.findings'; readonly nodeId: string; readonly findings: string }
  | { readonly kind: 'node.completed'; readonly nodeId: string; readonly attempt: number; readonly output: Json }
  | { readonly kind: 'node.failed'; readonly nodeId: string; readonly attempt: number; readonly error: NodeError }
  | {
      readonly kind: 'node.retrying';
      readonly nodeId: string;
      /** The attempt that failed. */
      readonly attempt: number;
      readonly error: NodeError;
      readonly until: number;
    }
  | { readonly kind: 'node.skipped'; readonly nodeId: string; readonly reason: string }
  | { readonly kind: 'node.cancelled'; readonly nodeId: string }
  /** The outcome of a durable step inside a node (an item of a map, say), remembered under its key. */
  | { readonly kind: 'step.completed'; readonly nodeId: string; readonly key: string; readonly outcome: StepOutcome };

export type StepOutcome =
  { readonly status: 'completed'; readonly output: Json } | { readonly status: 'failed'; readonly error: NodeError };

export type RunEventKind = RunEventBody['kind'];

/** One entry of a run's log. `seq` counts from 1 without gaps; `at` is epoch milliseconds and never falls. */
export type RunEvent = RunEventBody & { readonly seq: number; readonly at: number };
