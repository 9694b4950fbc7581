import { isJsonObject } from '../../src/core/json.js';
import { RPC_CODES } from '../../src/mcp/message/json-rpc.js';
import type { FuzzRequest } from './requests.js';

export interface FuzzAnswer {
  readonly status: number;
  readonly headers: { readonly [name: string]: string | string[] | undefined };
  /** The body; of a stream, its messages up to the answer or the first that shows it is open. */
  readonly body: { readonly kind: 'text'; readonly text: string } | { readonly kind: 'stream'; readonly text: string };
}

const STATUSES = [200, 202, 204, 400, 401, 403, 404, 405, 413, 415];

/** What is wrong with an answer; null when nothing is. */
export function faultOf(request: FuzzRequest, answer: FuzzAnswer): string | null {
  const { status, headers, body } = answer;
  // Node's own answer to an expectation that it does not know.
  if (status === 417 && request.headers['expect'] !== undefined) return null;
  if (!STATUSES.includes(status)) return `status ${status}`;
  if (/inside the server/.test(body.text)) return 'an internal error';
  if (request.intact && status !== 200) return `status ${status} for a whole request`;
  if (body.kind === 'stream') return faultOfStream(request, body.text);
  if (request.method === 'HEAD' || request.method === 'OPTIONS') return null;
  if (body.text === '') {
    if (status !== 202 && status !== 204) return `nothing, with status ${status}`;
    return asksSomething(request.json) && request.method === 'POST' ? 'nothing, where something was asked' : null;
  }
  if (!String(headers['content-type']).startsWith('application/json')) return `type ${String(headers['content-type'])}`;
  const value = parse(body.text);
  if (value === undefined) return 'a body that is not JSON';
  // Refused before it was looked at as a message, or no message at all: the catalog, an unknown address.
  if (isHttpError(value) && [403, 404, 405].includes(status)) return null;
  if (request.method !== 'POST') return status === 200 || status === 401 ? null : `status ${status}`;
  const answers: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (answers.length === 0) return 'an empty batch';
  if (Array.isArray(value) && !Array.isArray(request.json)) return 'a batch for no batch';
  for (const each of answers) {
    const fault = faultOfMessage(each, request);
    if (fault !== null) return fault;
  }
  return null;
}

function faultOfStream(request: FuzzRequest, text: string): string | null {
  const events = text.split('\n\n').slice(0, -1);
  if (events.length === 0) return 'a stream without a message';
  for (const event of events) {
    if (event.startsWith(':')) continue;
    const data = /^event: message\ndata: ([^\r\n]*)$/.exec(event)?.[1];
    const message = data === undefined ? undefined : parse(data);
    if (!isJsonObject(message)) return `an event that is no message: ${event.slice(0, 200)}`;
    if (typeof message['method'] === 'string') {
      if (!message['method'].startsWith('notifications/') || 'id' in message) return 'a request on a stream';
      continue;
    }
    const fault = faultOfMessage(message, request);
    if (fault !== null) return fault;
  }
  return null;
}

function faultOfMessage(message: unknown, request: FuzzRequest): string | null {
  if (!isJsonObject(message) || message['jsonrpc'] !== '2.0') return 'no JSON-RPC message';
  const { id, result, error } = message as { id?: unknown; result?: unknown; error?: unknown };
  if ('result' in message === 'error' in message) return 'neither or both of result and error';
  if (id !== null && typeof id !== 'string' && typeof id !== 'number') return 'an id of no kind';
  const asked = isJsonObject(request.json) ? request.json['id'] : undefined;
  if (id !== null && asked !== undefined && id !== asked) return `the id ${JSON.stringify(id)}`;
  if ('result' in message) {
    if (!isJsonObject(result)) return 'a result that is no object';
    return id === null ? 'a result under no id' : null;
  }
  if (!isJsonObject(error)) return 'an error that is no object';
  // Contract B's way to say that a tool failed.
  if (request.intact && error['code'] !== RPC_CODES.serverError) return 'an error for a whole request';
  if (!Number.isInteger(error['code'])) return 'an error without a code';
  return typeof error['message'] === 'string' && error['message'] !== '' ? null : 'an error without a message';
}

/** Whether there is a request in it that is to be answered. */
function asksSomething(json: unknown): boolean {
  const messages: readonly unknown[] = Array.isArray(json) ? json : [json];
  return messages.some(
    (message) => isJsonObject(message) && typeof message['method'] === 'string' && Object.hasOwn(message, 'id'),
  );
}

function isHttpError(value: unknown): boolean {
  return isJsonObject(value) && isJsonObject(value['error']) && typeof value['error']['code'] === 'string';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
