import type { ErrandError } from '../core/errors.js';
import type { Json, JsonObject, JsonSchema } from '../core/json.js';
import type { Principal } from '../core/principal.js';
import type { Services } from '../service/services.js';
import type { RpcError } from './json-rpc.js';

/** One published shape of the MCP tools. The rest of `mcp/` knows no contract by name. */
export interface Contract {
  readonly name: string;
  /** For people and models: what the server does and how to use it. */
  readonly instructions: string;
  readonly tools: readonly Tool[];
  /** What needs a key: every message, or calls of tools only. */
  readonly keyFor: 'every_message' | 'tool_calls';
  /** True when calls of tools that change something are counted against the limit for these. */
  readonly limitsMutations: boolean;
  /** The JSON text of a `tools/call` result. */
  renderResult(value: JsonObject): string;
  renderError(error: ErrandError): ToolFailure;
  /** The error for a message that got no further than the key check or a limit. */
  renderRefusal(error: ErrandError): RpcError;
}

export type ToolFailure =
  /** A tool result that says it failed; JSON text. */
  | { readonly kind: 'result'; readonly json: string }
  /** An answer of the protocol's own kind; the transport shows it too (HTTP 401, 429). */
  | { readonly kind: 'refusal' };

export interface Tool {
  readonly name: string;
  readonly title: string;
  /** Written for a model. */
  readonly description: string;
  readonly inputSchema: JsonSchema;
  readonly outputSchema: JsonSchema | null;
  readonly mutates: boolean;
  /** Throws `invalid_input` for arguments that do not fit, and whatever the services throw. */
  call(call: ToolCall<JsonObject>): Promise<JsonObject>;
}

export interface ToolCall<Arguments> {
  readonly services: Services;
  readonly caller: Principal;
  readonly args: Arguments;
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
