import type { Json } from '../json.js';
import type { NodeError, NodeStatus } from '../run/node-execution.js';
import type { RunError, RunStatus } from '../run/run.js';
import type { WorkflowDefinition } from './definition.js';

/** What a node gives in a dry run, in place of its work. */
export type GivenOutcome =
  | { readonly output: Json }
  | { readonly error: { readonly message: string; readonly kind?: string; readonly retryable?: boolean } };

/**
 * By node: `charge`, `each/do` for what a map runs, `review.draft` for a node of a group. Of several, one for each call,
 * the last for all that follow.
 */
export type GivenOutcomes = { readonly [node: string]: GivenOutcome | readonly GivenOutcome[] };

/** One time that a node worked. */
export interface DryRunCall {
  readonly attempt: number;
  /** Its `with`, evaluated; null where it is too long to be shown. */
  readonly input: Json;
  /** The fields of its kind, evaluated; null where they are too long to be shown. */
  readonly fields: Json;
}

export interface DryRunNode {
  /** As `GivenOutcomes` name it. */
  readonly id: string;
  readonly kind: string;
  /** Null for nodes of maps, of which there is one for each item. */
  readonly status: NodeStatus | null;
  /** What it gave in place of its work: what the caller said, or what its kind stands in with; null: it worked. */
  readonly replacedBy: 'given' | 'stand_in' | null;
  /** How often it worked. */
  readonly callCount: number;
  /** The first of them. */
  readonly calls: readonly DryRunCall[];
  /** Null where there is none, or one that is too long to be shown. */
  readonly output: Json;
  readonly error: NodeError | null;
}

/** A run that nothing is kept of, and that reached nothing. */
export interface DryRun {
  readonly status: RunStatus;
  readonly output: Json;
  readonly error: RunError | null;
  readonly summary: string | null;
  /** What such a run would have cost. */
  readonly credits: number;
  /** How long its waits and pauses would have taken; work takes no time. */
  readonly waitedMs: number;
  /** Whether it was ended because it took too long; the status is then the one that it had. */
  readonly isCutOff: boolean;
  readonly nodes: readonly DryRunNode[];
}

export interface DryRunParams {
  /** Whose it is: organizations take turns. */
  readonly organizationId: string;
  /** Checked, and without code. */
  readonly definition: WorkflowDefinition;
  /** The workflows that it may run. What they would give is made from their output schemas. */
  readonly called: readonly WorkflowDefinition[];
  readonly input: Json;
  readonly instruction: string | null;
  readonly outcomes: GivenOutcomes;
}

/** Runs workflows of which nothing is kept, and which reach nothing. */
export interface DryRuns {
  /** Throws `invalid_input` for an input that does not fit, `unavailable` while as many run as may. */
  run(params: DryRunParams): Promise<DryRun>;
}
