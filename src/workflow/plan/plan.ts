import type { Check } from '../schema/check.js';
import type { Charge, HandlerIsolation, HandlerRef, Join, LimitsDefinition } from '../../core/workflow/definition.js';
import type { Price } from '../../core/workflow/price.js';
import type { Json, JsonSchema } from '../../core/json.js';
import type { Budget } from '../../core/models/models.js';
import type { Chance, Isolation } from '../../core/ports/isolation.js';
import type { NodeKind, RunInfo } from '../../core/handlers/node-kind.js';
import type { NodeError, NodeStatus } from '../../core/run/node-execution.js';

/**
 * A checked and frozen workflow version, ready to be driven: durations are milliseconds, templates and schemas are
 * compiled.
 */
export interface Plan {
  readonly workflowId: string;
  /** What tells it from all others: see `workflowKey`. */
  readonly key: string;
  /** The organization whose own it is; null: for all. */
  readonly owner: string | null;
  /** Whether it may use only what is its organization's own: secrets, keys for models, hosts on the internet. */
  readonly isRestricted: boolean;
  readonly version: number;
  readonly name: string;
  /** What a run reserves: what it costs at most. */
  readonly credits: number;
  /** Null: a run that completes costs what it reserved. */
  readonly price: Price | null;
  readonly charge: Charge;
  readonly inputSchema: JsonSchema;
  readonly outputSchema: JsonSchema | null;
  /** The input with its schema's defaults instead of absent properties; see `compileDefaults`. */
  readonly fillInput: (input: Json) => Json | Promise<Json>;
  /** For checks by other schemas than its own; see `isolateCheck`. */
  readonly isolation: Isolation | undefined;
  /** Where its handlers run; null: where the server has them run. */
  readonly handlersIn: HandlerIsolation | null;
  /** Each returns what is wrong; an empty list when the value fits. */
  readonly checkInput: Check;
  readonly checkOutput: Check;
  /** In the definition's order. */
  readonly nodes: readonly PlannedNode[];
  readonly concurrency: number;
  readonly limits: LimitsDefinition;
  readonly timeoutMs: number | null;
  readonly budget: Budget | null;
  /** Whether it, or a node of it, has a budget. */
  readonly isBudgeted: boolean;
  /** Lists of models. One model of each list must be usable, or the workflow cannot be started. */
  readonly models: readonly (readonly string[])[];
  /** The names of resources that its nodes use. */
  readonly resources: readonly string[];
  /** The names of secrets without which the workflow cannot be started. */
  readonly secrets: readonly string[];
  /** The fields of input and output that its runs are found by: `input.customer.id`. */
  readonly searchable: readonly string[];
  /** The workflows that its nodes run, where that is known before they do. */
  readonly calls: readonly string[];
  readonly result: Template | null;
  readonly summary: Template | null;
}

export interface PlannedNode {
  /** Unique among the nodes that it stands with; a map's inner node has `<map id>/do`. */
  readonly id: string;
  readonly kind: NodeKind;
  readonly role: string | null;
  readonly label: string | null;
  readonly needs: readonly string[];
  readonly join: Join;
  /** Evaluates to true or false. */
  readonly when: Template | null;
  readonly with: Template;
  readonly checkWith: Check;
  /** The kind's own fields of role `plain` and `template`. */
  readonly fields: { readonly [name: string]: PlannedField };
  readonly handler: HandlerRef | null;
  /** The kind's own fields of role `list`. */
  readonly lists: { readonly [name: string]: readonly PlannedItem[] };
  /** What the kind's field of role `node` holds. */
  readonly inner: PlannedNode | null;
  /** What its field of role `nodes` holds. */
  readonly body: PlannedBody | null;
  /** Whether it may wait by itself. */
  readonly waits: boolean;
  /** Whether it runs nodes inside it that have paths, and records, of their own. */
  readonly holds: boolean;
  /** The names of secrets that its expressions read. */
  readonly secrets: readonly string[];
  /** Whether an expression of the node, or of its inner one, asks for chance or time. */
  readonly volatile: boolean;
  readonly retry: RetryPolicy;
  readonly resource: string | null;
  readonly budget: Budget | null;
  readonly timeoutMs: number | null;
  readonly onError: 'fail' | 'continue' | 'use';
  /** What is taken instead of the node's output; null unless `onError` is `use`. */
  readonly fallback: Template | null;
}

/** The nodes that a node holds. */
export interface PlannedBody {
  /** In the definition's order. */
  readonly nodes: readonly PlannedNode[];
  /** The kind's fields of role `outcome`. */
  readonly outcomes: { readonly [field: string]: Template };
}

/** One item of a list. */
export interface PlannedItem {
  /** Its fields of roles `plain` and `schema`. */
  readonly values: { readonly [name: string]: Json };
  /** Those of role `template`. */
  readonly fields: { readonly [name: string]: PlannedField };
  readonly handler: HandlerRef | null;
}

export interface PlannedField {
  /** Whether what its expression finds is taken as a list: see `FieldSpec`. */
  readonly takesSequence: boolean;
  /** As it stands in the definition. */
  readonly written: Json;
  readonly value: Template;
  readonly check: Check;
}

export interface RetryPolicy {
  /** 1: no retry. */
  readonly attempts: number;
  readonly backoff: 'exponential' | 'linear' | 'fixed';
  readonly initialMs: number;
  readonly maxMs: number;
  /** Kinds of failures, or beginnings of them followed by `*`; null: every kind. */
  readonly on: readonly string[] | null;
  readonly except: readonly string[];
}

/** A compiled value with expressions in it. */
export interface Template {
  /** True when there is nothing to evaluate. */
  readonly constant: boolean;
  /** Whether its value may differ for the same scope: it asks for chance or time. */
  readonly volatile: boolean;
  /**
   * With the same `chance`, it gives the same for the same scope. Throws a NodeFailure of kind `invalid_expression`,
   * not retryable, whose message holds the expression.
   */
  evaluate(scope: ExpressionScope, chance?: Chance): Json | Promise<Json>;
}

/** What an expression sees. */
export interface ExpressionScope {
  readonly input: Json;
  readonly nodes: { readonly [id: string]: NodeScope };
  readonly item?: Json;
  readonly index?: number;
  /** In a round: which, from 1, and what the one before has come to (null in the first). */
  readonly round?: number;
  readonly previous?: Json;
  /** For the condition at the end of a round: what it has come to. */
  readonly output?: Json;
  /** For a template in an item of a list: what it is evaluated for. */
  readonly args?: Json;
  /** For a fallback: what it stands in for. */
  readonly error?: NodeError;
  /** For a hook: what was sent to it. */
  readonly body?: Json;
  readonly headers?: { readonly [name: string]: string };
  readonly query?: Json;
  readonly body_hash?: string;
  /** Those that the node reads, by name. */
  readonly secrets?: { readonly [name: string]: string };
  readonly organization: { readonly id: string; readonly name: string };
  readonly run: RunInfo;
}

export interface NodeScope {
  readonly status: NodeStatus;
  /** Absent unless the node completed. */
  readonly output?: Json;
  readonly error: NodeError | null;
  readonly findings: string | null;
}
