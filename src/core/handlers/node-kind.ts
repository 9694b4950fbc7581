import type { UsedTool } from '../ports/tracing.js';
import type { NodeWait, StepOutcome } from '../run/events.js';
import type { EventMatch } from '../events/kept-event.js';
import type { Json, JsonSchema } from '../json.js';
import type { Problem } from '../errors.js';
import type { JsonReading, LongText } from '../ports/isolation.js';
import type { Logger } from '../ports/logger.js';
import type { WorkerPool } from '../ports/node-slots.js';
import type { McpTools } from '../ports/mcp-tools.js';
import type { OutboundFetch } from '../ports/outbound.js';
import type { FilePart, ModelAnswer, ModelRequest, ModelSettings, Usage } from '../models/models.js';

/** The run and organization that a node works for, as its code and its templates see them. */
export interface RunInfo {
  readonly id: string;
  readonly workflowId: string;
  readonly workflowVersion: number;
  /** RFC 3339, UTC, milliseconds. */
  readonly createdAt: string;
}

/** What the function of a `code` node is given. */
export interface HandlerContext<Input = Json> {
  /** The node's `with`, evaluated. */
  readonly input: Input;
  /** Aborts on cancel, on timeout and when the process stops. Pass it to `fetch` and the like. */
  readonly signal: AbortSignal;
  /** Reports how far the node is, 0 to 100. It never falls: a lower number than before only changes the message. */
  readonly progress: (percent: number, message?: string) => void;
  /** What the agent found, a sentence or a few, shown to callers; the last call wins. Cut at 4,000 characters. */
  readonly findings: (text: string) => void;
  readonly log: Logger;
  /** The same over every attempt at this node of this run; hand it to services that can tell repeats by it. */
  readonly idempotencyKey: string;
  /** Counts from 1. */
  readonly attempt: number;
  /** The caller's extra instruction (`configuration.context`), or null. */
  readonly instruction: string | null;
  readonly node: { readonly id: string; readonly role: string | null; readonly label: string | null };
  readonly run: RunInfo;
  readonly organization: { readonly id: string; readonly name: string };
  /**
   * Does `work` unless it has completed under this key before, in whatever attempt at this node: its result (JSON) is
   * then given without doing it again. The result is on disk when this resolves. What fails is not remembered. For what
   * costs, or must not happen twice.
   */
  readonly step: <T>(key: string, work: () => Promise<T> | T) => Promise<T>;
  /** Asks a model, as a durable step; with `output`, until the answer fits that schema. Throws a NodeFailure. */
  readonly generate: <Output = Json>(request: GenerateRequest) => Promise<Generated<Output>>;
  /**
   * `fetch` that goes only where requests of this server may go, through its proxy if it has one. `hosts: 'public'` for
   * addresses that others choose: then hosts on the internet only.
   */
  readonly fetch: OutboundFetch;
  /**
   * Secrets that the workflow names. What a handler gives or reports is kept without them. Throws a NodeFailure of kind
   * `secret_missing`.
   */
  readonly secrets: { readonly get: (name: string) => Promise<string> };
}

export interface GenerateRequest {
  /** `provider/model` or an alias, or several, best first; `default` when not given. */
  readonly model?: string | readonly string[];
  readonly system?: string;
  readonly prompt: string;
  readonly files?: readonly FilePart[];
  /** JSON Schema of the answer; without it the answer is text. */
  readonly output?: JsonSchema;
  /** How often the model is told what is wrong with its answer and asked again; 2 when not given. */
  readonly repairs?: number;
  readonly settings?: ModelSettings;
  /**
   * The name of the durable step; calls are counted when not given, so they must then come in the same order in every
   * attempt.
   */
  readonly key?: string;
  /** The answer's text so far, as it comes in. */
  readonly onText?: (text: string) => void;
}

export interface Generated<Output = Json> {
  /** The model that answered: `openai/gpt-5`. */
  readonly model: string;
  readonly text: string;
  /** What was asked for: JSON that fits the schema, or the text. */
  readonly output: Output;
  /** What all calls for it used together. */
  readonly usage: Usage;
}

/** The function of a `code` node. What it returns must be JSON (`undefined` becomes null) and is the node's output. */
export type Handler<Input = Json, Output = unknown> = (context: HandlerContext<Input>) => Promise<Output> | Output;

/** A handler of which only what it returns comes here: it reads the context that it is given, and changes none of it. */
export interface RemoteCall {
  readonly run: (context: HandlerContext) => Promise<unknown>;
}

/** What a node kind calls. */
export type BoundHandler = Handler | RemoteCall;

/** What a node kind works with. */
export interface NodeContext extends HandlerContext {
  /** The kind's own fields (those declared in `fields`), templates evaluated. */
  readonly fields: { readonly [name: string]: Json };
  /** The function that the node's handler field names; no promise where it is loaded. Throws `handler_missing`. */
  readonly handler: () => BoundHandler | Promise<BoundHandler>;
  /** The items of the kind's field of role `list` with that name, in order. */
  readonly list: (field: string) => readonly ListItem[];
  /**
   * Runs the node that the kind's `node` field holds, once for each item, as durable steps of their own: an item that
   * ended is not run again after a crash. At most `concurrency` at a time; `onEnd` is called as items end; stops at the
   * first failure if asked to.
   */
  readonly runItems: (options: RunItemsOptions) => Promise<readonly StepOutcome[]>;
  /**
   * Runs the nodes that the kind's `nodes` field holds, each as a node of its own under a path in this one: what they
   * come to is durable, and they may wait. Throws a NodeFailure with the kind of the first failure that its node does
   * not allow.
   */
  readonly runNodes: (options: RunNodesOptions) => Promise<HeldEnd>;
  /**
   * Runs them round by round, until the field `until` holds at the end of one, or for `atMost` rounds. Each round's
   * expressions see what the one before has come to.
   */
  readonly runRounds: (options: RunRoundsOptions) => Promise<RoundsEnd>;
  /**
   * Asks a model once, as a durable step under `key`: a remembered answer is not asked for again. Counted against the
   * budgets of the node and the run: throws `budget_exceeded` when one is used up, and what Models.call throws.
   */
  readonly callModel: (key: string, request: ModelRequest, options?: CallModelOptions) => Promise<ModelAnswer>;
  /**
   * A `step` in which a tool is used for a model. What is kept of its outcome follows the policy for answers of models.
   */
  readonly toolStep: <T>(key: string, work: () => Promise<T> | T, tool?: UsedTool) => Promise<T>;
  readonly mcp: McpTools;
  /** What an attempt may take, in milliseconds; null when the node says nothing. The signal aborts then. */
  readonly timeoutMs: number | null;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /**
   * Starts a run of another workflow for the same organization, with this run's extra instruction. Once: whatever
   * happens, this attempt at this node starts one run. Throws a NodeFailure of kind `not_found`, `invalid_input`,
   * `insufficient_credits` or `too_deep`.
   */
  readonly startRun: (options: StartRunOptions) => Promise<{ readonly runId: string }>;
  /**
   * Runs another workflow as a durable step under `key`, as `startRun` does. Until that run has ended it gives a
   * Suspension, which `execute` must return: the attempt is then executed again, and gets the outcome here.
   */
  readonly runChild: (key: string, options: StartRunOptions) => Promise<StepOutcome | Suspension>;
  /**
   * Sends an event to the runs of the organization that wait for it, once: whatever happens, this node sends one.
   * Throws a NodeFailure of kind `invalid_input` or `rate_limited`.
   */
  readonly emit: (event: EmittedEvent) => Promise<{ readonly eventId: string }>;
  /** The newest version of a workflow; null when there is none with this id. */
  readonly describeWorkflow: (workflowId: string) => WorkflowDescription | null;
  /** JSON that others have written: at once, or beside the server where there is much of it. */
  readonly parseJson: (text: LongText, options: { readonly maxDepth: number }) => JsonReading | Promise<JsonReading>;
  /**
   * What is wrong with a value under a schema. Throws a NodeFailure of kind `invalid_config` when that is no JSON
   * Schema.
   */
  readonly checkJson: (schema: JsonSchema, value: Json) => readonly Problem[] | Promise<readonly Problem[]>;
}

export interface EmittedEvent extends EventMatch {
  readonly data: Json;
  /** How long it is kept for runs that do not wait yet; an hour when null. */
  readonly keepForMs: number | null;
}

/** One item of a field of role `list`. */
export interface ListItem {
  /** Its fields of roles `plain` and `schema`. */
  readonly values: { readonly [name: string]: Json };
  /** Whether it has a field of this name. */
  readonly has: (name: string) => boolean;
  /** Its field of role `template` as it stands in the definition; null when it has none of this name. */
  readonly written: (name: string) => Json;
  /**
   * Evaluates its field of role `template` with `args` beside what every template of the node sees. `call` names the
   * use: what the field computes from chance is the same each time that it is evaluated for it. Throws a NodeFailure.
   */
  readonly evaluate: (name: string, args: Json, call: string) => Promise<Json>;
  /** The function that its handler field names. Throws a NodeFailure of kind `handler_missing`. */
  readonly handler: () => BoundHandler | Promise<BoundHandler>;
}

export interface WorkflowDescription {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: JsonSchema;
  /** Null: it says nothing of its output. */
  readonly outputSchema: JsonSchema | null;
}

export interface CallModelOptions {
  /** The answer's text so far, as it comes in. */
  readonly onText?: (text: string) => void;
}

export interface StartRunOptions {
  readonly workflowId: string;
  /** The newest when null. */
  readonly version: number | null;
  readonly input: Json;
  /** Whether the run that starts it has paid for it: it then reserves no credits of its own. */
  readonly isIncluded?: boolean;
}

/**
 * What `execute` returns to have its node wait. The attempt then holds nothing in memory, and the runner knows what its
 * outcome is when the wait is over. For `time`: `{ until }`, RFC 3339. For `answer`: the answer, and for `event` its data;
 * when none came in time the default, or else a failure of kind `timeout`. For `run`: that run's output or failure.
 */
export class Suspension {
  readonly wait: NodeWait;

  constructor(wait: NodeWait) {
    this.wait = wait;
  }
}

export interface RunItemsOptions {
  readonly items: readonly Json[];
  readonly concurrency: number;
  readonly stopOnFailure: boolean;
  readonly onEnd?: (ended: number, failed: number) => void;
}

/** What nodes inside a node come to. */
export interface HeldEnd {
  /** Its field `result`, as it is evaluated then; without one, what the node has given whose output counts. */
  readonly output: Json;
  /** That node: of all, the last; of the first that holds, and of a race, that one. Null when there is none. */
  readonly telling: string | null;
}

export interface RoundsEnd {
  /** What the last round has come to. */
  readonly output: Json;
  /** How many there were. */
  readonly rounds: number;
  /** Whether the condition holds. */
  readonly isDone: boolean;
}

export interface RunRoundsOptions {
  readonly atMost: number;
  readonly concurrency: number;
  readonly onRound?: (round: number) => void;
}

export interface RunNodesOptions {
  /**
   * `all`: as those of a workflow. `firstThatHolds`: the first of them whose condition holds, in their order. `race`:
   * until the first of them has completed.
   */
  readonly shape: 'all' | 'firstThatHolds' | 'race';
  /** How many of them work at the same time; those that wait do not count. */
  readonly concurrency: number;
  /** Called as nodes end. */
  readonly onEnd?: (ended: number, total: number) => void;
}

/** One field of a node kind, beyond those that every node has. */
export interface FieldSpec {
  readonly description: string;
  readonly schema: JsonSchema;
  readonly required?: boolean;
  /**
   * `plain`: taken as written. `template`: evaluated before the node starts, then checked against `schema`. `handler`:
   * names a function (`./file.ts` or `./file.ts#export`). `node`: a node of its own, without id and needs. `nodes`: nodes
   * of its own, with ids, which may need each other; a kind has one such field. `outcome`: a template that is evaluated
   * when those have ended, and sees them. `schema`: a JSON Schema, taken as written. `list`: a list of objects whose
   * fields are `items`; templates in it are evaluated when the node asks for it, and see `args` too.
   */
  readonly role: 'plain' | 'template' | 'handler' | 'node' | 'nodes' | 'outcome' | 'schema' | 'list';
  /** For role `outcome`: whether it is a condition, with or without braces around it. */
  readonly isCondition?: true;
  /** For role `nodes`: whether they run in rounds, and see `round` and `previous`. */
  readonly inRounds?: true;
  /** For role `list`. */
  readonly items?: { readonly [name: string]: FieldSpec };
  /** For role `template`: as in JSONata, nothing counts as an empty list, and a single value as a list of one. */
  readonly takesSequence?: boolean;
  /** The field of role `schema` that holds what this one must fit, instead of `schema` where it is given. */
  readonly fits?: string;
  /**
   * What the field's value is the id of; `workflow_version`: the version of the workflow that the field beside it
   * names.
   */
  readonly names?: 'workflow' | 'workflow_version' | 'mcp_server';
}

/** What is wrong with a field of a node, beyond what its schema tells. */
export interface FieldProblem {
  readonly field: string;
  /** Where in the field. */
  readonly at?: readonly (string | number)[];
  readonly message: string;
}

/** A node kind answers for itself; shared code never switches on kinds. */
export interface NodeKind {
  readonly kind: string;
  readonly description: string;
  readonly fields: { readonly [name: string]: FieldSpec };
  /** What the evaluated `with` must fit; anything when not given. */
  readonly withSchema?: JsonSchema;
  /**
   * Whether `execute` may return a Suspension. `true`: the node does nothing but wait. A function: for the node as it is
   * written, which works too.
   */
  readonly waits?: true | ((node: { readonly [field: string]: unknown }) => boolean);
  /** Whether the result of `execute` is JSON that nobody changes: it is made of results of templates and steps. */
  readonly givesJson?: true;
  /** Whether the node works only while its handler does: one that waits for a worker does not work yet. */
  readonly handsOver?: true;
  /** Whether expressions in its `with` and fields see `secrets`. */
  readonly seesSecrets?: true;
  /** What the work takes one of. */
  readonly pool?: WorkerPool;
  /** Looks at a node as it is written; what has an expression in it is not known yet. */
  check?(node: { readonly [field: string]: unknown }): readonly FieldProblem[];
  /** The models that a node asks, best first; empty when it asks none or they are not known before it runs. */
  models?(node: { readonly [field: string]: unknown }): readonly string[];
  execute(context: NodeContext): Promise<unknown>;
  /**
   * What a node gives in a dry run, in which nothing is reached and nobody is asked. Kinds without it do their work there
   * too. Throws a NodeFailure for what `execute` would refuse.
   */
  standIn?(context: NodeContext): Json | Promise<Json>;
}

/**
 * Thrown by a node's work to fail with a kind that retry policies see. `retryable: false` ends the node at once
 * whatever its retry policy says.
 */
export class NodeFailure extends Error {
  override readonly name = 'NodeFailure';
  readonly kind: string;
  readonly retryable: boolean;
  /** Do not try again sooner, in milliseconds from now (`Retry-After`); null when nobody asked. */
  readonly retryAfterMs: number | null;
  /** Whether the next attempt forgets the steps of this one, because going on from them would fail in the same way. */
  readonly anew: boolean;

  constructor(
    message: string,
    options: {
      readonly kind?: string;
      readonly retryable?: boolean;
      readonly retryAfterMs?: number;
      readonly anew?: boolean;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = options.kind ?? 'error';
    this.retryable = options.retryable ?? true;
    this.retryAfterMs = options.retryAfterMs ?? null;
    this.anew = options.anew ?? false;
  }
}
