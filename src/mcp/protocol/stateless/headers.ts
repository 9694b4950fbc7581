import type { Json, JsonObject } from '../../../core/json.js';
import { rpcError, type RpcError } from '../../message/json-rpc.js';
import type { HeaderReader } from '../base/method.js';

const NAMED_BY: { readonly [method: string]: string } = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
  'tasks/get': 'taskId',
  'tasks/update': 'taskId',
  'tasks/cancel': 'taskId',
};

export function headerMismatch(what: string): RpcError {
  return rpcError('headerMismatch', `Header mismatch: ${what}.`);
}

/** What is wrong with `Mcp-Method`: missing counts only after everything that is there has been compared. */
export function methodMismatch(method: string, headers: HeaderReader): RpcError | null {
  const given = headers('mcp-method');
  return given === undefined || given === method ? null : headerMismatch("Mcp-Method does not match the body's method");
}

export function missingHeader(headers: HeaderReader): RpcError | null {
  if (headers('mcp-protocol-version') === undefined) return headerMismatch('MCP-Protocol-Version is missing');
  return headers('mcp-method') === undefined ? headerMismatch('Mcp-Method is missing') : null;
}

/** Which of a method's params goes into `Mcp-Name` as well; null: none. */
export function findNameParam(method: string): string | null {
  return Object.hasOwn(NAMED_BY, method) ? (NAMED_BY[method] ?? null) : null;
}

export function nameMismatch(method: string, params: JsonObject, headers: HeaderReader): RpcError | null {
  const param = findNameParam(method);
  if (param === null) return null;
  const value: Json | undefined = params[param];
  // What is wrong with the params themselves is for the method to say.
  if (typeof value !== 'string') return null;
  const given = headers('mcp-name');
  if (given === undefined) return headerMismatch('Mcp-Name is missing');
  if (given === value && !given.startsWith(BASE64_START)) return null;
  const decoded = decodeHeader(given);
  if (decoded === null) return headerMismatch('Mcp-Name is not valid base64');
  return decoded === value ? null : headerMismatch(`Mcp-Name does not match the body's "${param}"`);
}

const BASE64_START = '=?base64?';
const BASE64_END = '?=';
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** A value as it was before it was made fit for a header; null when it says that it is base64 and is not. */
export function decodeHeader(value: string): string | null {
  if (!value.startsWith(BASE64_START) || !value.endsWith(BASE64_END)) return value;
  const encoded = value.slice(BASE64_START.length, -BASE64_END.length);
  return BASE64.test(encoded) ? Buffer.from(encoded, 'base64').toString('utf8') : null;
}
