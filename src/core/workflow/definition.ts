import type { Json, JsonSchema } from '../json.js';
import type { Budget } from '../models/models.js';
import type { ScheduleFields } from '../schedules/schedule-fields.js';

/**
 * What happens to the run when a node has failed for good: the run fails, goes on without that node's output, or goes
 * on with what the template gives (which sees the failure as `error`) in its place.
 */
export type OnError = 'fail' | 'continue' | { readonly use: Json };

/**
 * When a node runs some of whose needs were skipped. `all`: if none was, else it is skipped too. `any`: if at least one
 * was not. Either is decided when all of them have ended.
 */
export type Join = 'all' | 'any';

/** Durations are written as `500ms`, `10s`, `5m`, `2h`, `1d`, or a number of milliseconds. */
export type Duration = string | number;

export interface RetryDefinition {
  /** How often the node is tried in all, the first time included: 1 to 100. */
  readonly attempts: number;
  readonly backoff?: 'exponential' | 'linear' | 'fixed';
  /** Before the second attempt; 1 s when not given. */
  readonly initial?: Duration;
  /** No wait is longer; 60 s when not given. */
  readonly max?: Duration;
  /**
   * Only failures of these kinds are tried again; a name that ends in `*` stands for all that begin so. Every kind when
   * not given.
   */
  readonly on?: readonly string[];
  /** Failures of these kinds are not. */
  readonly except?: readonly string[];
}

/**
 * One vertex of a workflow, as it is written. Fields beyond these belong to the node's kind
 * (`uses` of `code`; `over`, `do`, `concurrency` of `map`).
 */
export interface NodeDefinition {
  readonly id: string;
  readonly kind: string;
  readonly role?: string;
  readonly label?: string;
  readonly needs?: readonly string[];
  /** `all` when not given. */
  readonly join?: Join;
  /** A template or bare expression; the node is skipped unless it is true. */
  readonly when?: string;
  /** The node's input: templates in any depth. */
  readonly with?: Json;
  readonly retry?: RetryDefinition;
  readonly timeout?: Duration;
  readonly on_error?: OnError;
  /** A named resource whose limits each attempt at the node (of a map: at each item) keeps to. */
  readonly resource?: string;
  /** How much its model calls may use, over all attempts. */
  readonly budget?: Budget;
  readonly [field: string]: unknown;
}

/** How much of it may go on at the same time in this process; what is not named has no limit. */
export interface LimitsDefinition {
  /** Runs that are driven. */
  readonly runs?: number;
  /** Nodes that work, over all runs. */
  readonly nodes?: number;
}

/**
 * `result`: a run that fails or is cancelled costs nothing. `completed_agents`: it costs the completed agents' share,
 * as one that completes in part does. `use`: it costs what it has used, by the rates of its price.
 */
export const CHARGES = ['result', 'completed_agents', 'use'] as const;
export type Charge = (typeof CHARGES)[number];

/**
 * Where handlers run. `process`: in processes beside the server. `thread`: in threads of the server. `inline`: in the
 * server's own thread.
 */
export const HANDLER_ISOLATIONS = ['process', 'thread', 'inline'] as const;
export type HandlerIsolation = (typeof HANDLER_ISOLATIONS)[number];

/** What use costs, in credits. Each has at most three decimals. */
export interface CreditRates {
  /** Of a workflow: each run. Of a node: its completion. Whole. */
  readonly base?: number;
  /** Each item of a map that has completed. */
  readonly per_item?: number;
  /** 1,000 tokens that models have used, input and output together. */
  readonly per_1k_tokens?: number;
}

/** A price by use. */
export interface PriceDefinition extends CreditRates {
  /** By id: a node with a rate of its own has it in place of the workflow's. */
  readonly nodes?: { readonly [nodeId: string]: CreditRates };
  /** What a run costs at most, and reserves. May be left out where it follows from the rest. */
  readonly max?: number;
}

export type CreditsDefinition = number | PriceDefinition;

/** A workflow as it is written, in YAML, JSON or TypeScript: plain JSON, templates unevaluated. */
export interface WorkflowDefinition {
  /** Lower-case letters, digits and `_`, starting with a letter; the slug of both contracts. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** What a run costs, whole and not negative, or a price by use; 0 when not given. */
  readonly credits?: CreditsDefinition;
  /** What a run pays for; `result` when not given. */
  readonly charge?: Charge;
  /** For people: `10-30 s`. */
  readonly estimated_duration?: string;
  /** False keeps the workflow from being an MCP tool of its own; it can still be run by its id. */
  readonly publish?: boolean;
  /** JSON Schema of the input; `{ "type": "object" }` when not given. */
  readonly input?: JsonSchema;
  readonly output?: JsonSchema;
  readonly nodes: readonly NodeDefinition[];
  /** How many nodes of one run work at the same time; 10 when not given. */
  readonly concurrency?: number;
  readonly limits?: LimitsDefinition;
  /** Where the functions of its nodes and tools run; as the server is set when not given. */
  readonly isolation?: HandlerIsolation;
  readonly timeout?: Duration;
  /** How much the model calls of all nodes may use; what child runs use is theirs. */
  readonly budget?: Budget;
  /**
   * Models that the code of nodes calls, each `provider/model` or an alias: without them the workflow cannot be
   * started.
   */
  readonly models?: readonly string[];
  /** The run's output, a template; when not given, the output of the last node. */
  readonly result?: Json;
  /** A sentence or two for people, a template; made from the agents' findings when not given. */
  readonly summary?: string;
  /** Names of secrets that its nodes use: without them the workflow cannot be started. */
  readonly secrets?: readonly string[];
  /**
   * Fields of the input and the output, each one value, that its runs are found by: `input.customer.id`,
   * `output.grade`.
   */
  readonly searchable?: readonly string[];
  /** What starts its runs at times. */
  readonly schedules?: readonly ScheduleDefinition[];
}

/** A schedule in the file of the workflow that it runs. */
export interface ScheduleDefinition extends Omit<ScheduleFields, 'name' | 'workflow_id'> {
  /** Tells it from the workflow's others, from one version to the next; the pattern when not given. */
  readonly name?: string;
  /** The slug of whose it is; `default` when not given. */
  readonly organization?: string;
}

/**
 * Where a `code` node's function is. `bundle`: the SHA-256 (hex) of a self-contained ES module that the loader made
 * and keeps, and the export in it (`nodeId` set when the export is a workflow that holds the function inline).
 * `inline`: a function of a workflow handed over in this process.
 */
export type HandlerRef =
  | {
      readonly kind: 'bundle';
      readonly bundle: string;
      readonly export: string;
      readonly nodeId?: string;
      /** Set when the store keeps it (see `PublishedBundle`): on whose authority it runs here. */
      readonly published?: 'operator' | 'organization';
    }
  | { readonly kind: 'inline'; readonly workflowId: string; readonly nodeId: string };

/** The SHA-256 of the bundles that handlers are in. */
export function bundlesOf(refs: readonly HandlerRef[]): ReadonlySet<string> {
  return new Set(refs.flatMap((ref) => (ref.kind === 'bundle' ? [ref.bundle] : [])));
}

/** The same, but for those that the store keeps. */
export function fileBundlesOf(refs: readonly HandlerRef[]): ReadonlySet<string> {
  return bundlesOf(refs.filter((ref) => ref.kind === 'bundle' && ref.published === undefined));
}

/** A definition with a version: frozen for every run that starts on it. Handler references sit beside their `uses`. */
export interface WorkflowVersion {
  /** In the store, its key: see `workflowKey`. */
  readonly workflowId: string;
  /** Counts from 1. */
  readonly version: number;
  /** SHA-256 (hex) of the canonical definition, its handlers' bundles included. */
  readonly hash: string;
  readonly definition: WorkflowDefinition;
  /** By node id (for a map's inner node, `<map id>/do`). */
  readonly handlers: { readonly [nodePath: string]: HandlerRef };
  readonly createdAt: number;
}

/** A workflow as the catalog lists it: its newest version, and when its first and its newest were made. */
export interface WorkflowRecord {
  readonly version: WorkflowVersion;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** One thing wrong with a definition: where, what, and the offending value. Line and column count from 1. */
export interface Fault {
  readonly file: string;
  readonly line: number | null;
  readonly column: number | null;
  /** Where in the definition: `nodes[2].needs[0]`. */
  readonly path: string;
  readonly message: string;
  readonly value?: Json;
}
