import type { ErrandError } from '../../core/errors.js';
import type { Json, JsonObject, JsonSchema } from '../../core/json.js';
import type { Scope } from '../../core/tenant/principal.js';
import type { CallContext, InputAnswers, InputRequired, LogLevel, Notifier } from './call-context.js';
import type { RequestId, RpcError } from '../message/json-rpc.js';
import type { ChangeSource, CompletionSource, FixedResource, PromptSource, ResourceSource } from './sources.js';
import type { Task, TaskSource } from './task.js';

/**
 * One published shape of the MCP tools. The rest of `mcp/` knows no contract by name. What is absent is not advertised.
 */
export interface Contract {
  readonly name: string;
  /** For people and models: what the server does and how to use it. */
  readonly instructions: string;
  readonly tools: ToolSource;
  readonly resources?: ResourceSource;
  /** In place of `resources`: the same for everyone, and read without a key. */
  readonly fixedResources?: readonly FixedResource[];
  readonly prompts?: PromptSource;
  readonly completions?: CompletionSource;
  readonly tasks?: TaskSource;
  readonly changes?: ChangeSource;
  readonly logging?: LoggingSource;
  /** What clients post in answer to requests that a call sent them; without this it is dropped. */
  readonly onResponse?: (response: JsonObject) => void;
  /**
   * What needs a key: every message, or only those that depend on who is calling (calls of tools, lists of the caller's
   * own).
   */
  readonly keyFor: 'every_message' | 'tool_calls';
  /**
   * True when calls of tools that change something are counted against a limit of their own too, and callers are told
   * what is left.
   */
  readonly limitsMutations: boolean;
  /**
   * True where refusals for want of a key or a scope carry in the message the challenge of HTTP 401 and 403 too, for hosts
   * that link accounts by that.
   */
  readonly linksAccounts?: true;
  /** The JSON text of a `tools/call` result. `text` is for people, where the contract has room for it. */
  renderResult(value: JsonObject, text?: string): string;
  renderError(error: ErrandError): ToolFailure;
  /** The error for a message that got no further than the key check or a limit. */
  renderRefusal(error: ErrandError): RpcError;
  /** An error as it goes out, where the contract has a form for all of them, the protocol's own among them. */
  shapeError?(id: RequestId | null, error: RpcError): { readonly id: RequestId | null; readonly error: RpcError };
}

export type ToolFailure =
  /** A tool result that says it failed; JSON text. */
  | { readonly kind: 'result'; readonly json: string }
  /** An error of JSON-RPC, and nothing that the transport shows. */
  | { readonly kind: 'error'; readonly error: RpcError }
  /** An answer of the protocol's own kind; the transport shows it too (HTTP 401, 429). */
  | { readonly kind: 'refusal' };

export interface ToolSource {
  /** The same for everyone, always; first in the list, in this order. */
  readonly fixed: readonly Tool[];
  /** Those that depend on the caller or come and go; null when there are none. */
  readonly varying: VaryingTools | null;
}

export interface VaryingTools {
  /** Sorted by name, none named as a fixed one. The same `Tool` object while the tool is the same spares work. */
  list(context: CallContext): Promise<readonly Tool[]>;
  find(name: string, context: CallContext): Promise<Tool | null>;
}

export function staticTools(tools: readonly Tool[]): ToolSource {
  return { fixed: tools, varying: null };
}

/** A tool, for as long as it is the same tool: what it declares never changes. */
export interface Tool {
  /** 1 to 128 of `A-Z a-z 0-9 _ . -`. */
  readonly name: string;
  readonly title: string;
  /** Written for a model. */
  readonly description: string;
  readonly inputSchema: JsonSchema;
  /** What `tools/list` shows in its place, where some host would refuse it. */
  readonly listedSchema?: JsonSchema;
  readonly outputSchema: JsonSchema | null;
  readonly mutates: boolean;
  /** What it says to hosts beyond the protocol: `_meta`. */
  readonly meta?: JsonObject;
  /** What a call needs, where the contract has its tools say so (`securitySchemes`). */
  readonly scope?: Scope;
  /**
   * Where they are others than those of most tools: one that reads destroys nothing, may be called again and knows its
   * world; of one that changes something, the worse is told.
   */
  readonly annotations?: ToolAnnotations;
  /** `required`: answers with a task or not at all. `forbidden` when not given. */
  readonly taskSupport?: 'forbidden' | 'optional' | 'required';
  /**
   * True for a tool that may report while it works; it is then answered as a stream to a client that asked for reports.
   */
  readonly notifies?: boolean;
  /** The capabilities that a client of the stateless era must declare to call it: `{ sampling: {} }`. */
  readonly requires?: JsonObject;
  /** Throws `invalid_input` for arguments that do not fit, and whatever the services throw. */
  call(call: ToolRequest<JsonObject>): Promise<ToolOutcome>;
}

export interface ToolAnnotations {
  readonly destructiveHint?: boolean;
  readonly idempotentHint?: boolean;
  readonly openWorldHint?: boolean;
}

export interface ToolRequest<Arguments> extends CallContext, InputAnswers {
  readonly args: Arguments;
  /** `_meta` of the request; empty when it has none. */
  readonly meta: JsonObject;
  /** Null for a tool that does not notify, and for a client that cannot be notified or did not ask to be. */
  readonly notify: Notifier | null;
}

export type ToolOutcome =
  /** Rendered by the contract. `text` is for people. */
  | { readonly kind: 'value'; readonly value: JsonObject; readonly text?: string }
  /** What the contract has rendered already: the JSON text of a whole `tools/call` result, without `_meta`. */
  | { readonly kind: 'json'; readonly json: string }
  /** A whole `tools/call` result. */
  | { readonly kind: 'content'; readonly result: JsonObject }
  /** Only for a client whose `tasks` is not `none`. The task is durably recorded by now. */
  | { readonly kind: 'task'; readonly task: Task }
  | InputRequired;

/**
 * Keeps the log level that clients of the handshake era set; the contract's tools hold themselves to it. Clients of the
 * stateless era say theirs with each request.
 */
export interface LoggingSource {
  setLevel(level: LogLevel, context: CallContext): Promise<void>;
}

/** Serializes a tool's value, once for people and models, and once more as structure when the contract has it. */
export function toolResultJson(
  value: Json,
  options: { readonly structured: boolean; readonly isError: boolean },
): string {
  const json = JSON.stringify(value);
  const structured = options.structured ? `,"structuredContent":${json}` : '';
  const isError = options.isError ? ',"isError":true' : '';
  return `{"content":[{"type":"text","text":${JSON.stringify(json)}}]${structured}${isError}}`;
}
