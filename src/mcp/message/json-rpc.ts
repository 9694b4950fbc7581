import { isJsonObject, type Json, type JsonObject } from '../../core/json.js';
import { parseCallerJson, type LossyJson } from '../../core/text/parse-json.js';

/** JSON-RPC 2.0 as MCP uses it: ids are strings or numbers, params are objects. Nothing in this file throws. */
export type RequestId = string | number;

export type Message =
  | { readonly kind: 'request'; readonly id: RequestId; readonly method: string; readonly params: JsonObject }
  | { readonly kind: 'notification'; readonly method: string; readonly params: JsonObject }
  /** An answer to a request of ours. */
  | { readonly kind: 'response'; readonly body: JsonObject }
  | { readonly kind: 'invalid'; readonly id: RequestId | null; readonly error: RpcError }
  /** A request whose params cannot be taken as they are. */
  | { readonly kind: 'unfit'; readonly id: RequestId; readonly error: RpcError };

export type Parsed =
  | { readonly kind: 'malformed'; readonly error: RpcError }
  | { readonly kind: 'single'; readonly message: Message }
  | { readonly kind: 'batch'; readonly messages: readonly Message[] };

export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: Json;
}

export const RPC_CODES = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
  /** The first of the range that JSON-RPC leaves to servers; `data` says which refusal it is. */
  serverError: -32000,
  /** Contract B's own, like the next. */
  unauthenticated: -32001,
  rateLimited: -32029,
  /** MCP up to 2025-11-25; later revisions have `invalidParams` for it. */
  resourceNotFound: -32002,
  /** MCP from 2026-07-28 on, like the two below. */
  headerMismatch: -32020,
  missingClientCapability: -32021,
  unsupportedProtocolVersion: -32022,
} as const;

const NO_PARAMS: JsonObject = Object.freeze({});

export function parseMessages(text: string): Parsed {
  const value = parseCallerJson(text);
  if (value.kind === 'fault')
    return value.reason === 'number' ? toUnfit(value) : malformed('parseError', value.message);
  if (!Array.isArray(value.json)) return { kind: 'single', message: toMessage(value.json) };
  return { kind: 'batch', messages: value.json.map(toMessage) };
}

/**
 * A request that holds a number which cannot be kept is answered as a request is, when its own id can be given back.
 * Neither a number of a client's nor an id or a progress token may come out as another one.
 */
function toUnfit({ path, message, nearly }: LossyJson): Parsed {
  if (Array.isArray(nearly)) return malformed('invalidRequest', message);
  const read = toMessage(nearly);
  if (read.kind !== 'request') return { kind: 'single', message: invalid(null, message) };
  const { id } = read;
  if (path === '/id' || (typeof id === 'number' && !Number.isSafeInteger(id))) {
    return { kind: 'single', message: invalid(null, message) };
  }
  return { kind: 'single', message: { kind: 'unfit', id, error: rpcError('invalidParams', message) } };
}

function malformed(code: keyof typeof RPC_CODES, message: string): Parsed {
  return { kind: 'malformed', error: rpcError(code, message) };
}

function toMessage(value: Json): Message {
  if (!isJsonObject(value)) return invalid(null, 'A message must be a JSON object.');
  const id = value['id'];
  const validId = isRequestId(id) ? id : null;
  if (value['jsonrpc'] !== '2.0') return invalid(validId, '"jsonrpc" must be "2.0".');
  const method = value['method'];
  if (method === undefined) {
    if ('result' in value || 'error' in value) return { kind: 'response', body: value };
    return invalid(validId, '"method" is missing.');
  }
  if (typeof method !== 'string') return invalid(validId, '"method" must be a string.');
  const params = value['params'] ?? NO_PARAMS;
  if (!('id' in value)) return { kind: 'notification', method, params: isJsonObject(params) ? params : NO_PARAMS };
  if (validId === null) return invalid(null, '"id" must be a string or a number.');
  if (!isJsonObject(params)) {
    return { kind: 'invalid', id: validId, error: rpcError('invalidParams', '"params" must be an object.') };
  }
  return { kind: 'request', id: validId, method, params };
}

function isRequestId(id: Json | undefined): id is RequestId {
  return typeof id === 'string' || (typeof id === 'number' && Number.isFinite(id));
}

function invalid(id: RequestId | null, message: string): Message {
  return { kind: 'invalid', id, error: rpcError('invalidRequest', message) };
}

export function rpcError(code: keyof typeof RPC_CODES, message: string, data?: Json): RpcError {
  return { code: RPC_CODES[code], message, ...(data === undefined ? {} : { data }) };
}

/** The text of an answer; `resultJson` is JSON already. */
export function resultText(id: RequestId, resultJson: string): string {
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${resultJson}}`;
}

export function errorText(id: RequestId | null, error: RpcError): string {
  return JSON.stringify({ jsonrpc: '2.0', id, error });
}

export function notificationText(method: string, params: object): string {
  return JSON.stringify({ jsonrpc: '2.0', method, params });
}
