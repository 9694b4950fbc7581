import type { ApiError } from '../../api/api-types.js';
import type { JsonObject } from '../../core/json.js';
import { encodeInTurns, isLongToEncode } from '../../core/large-json/encode-in-turns.js';
import { writeInTurns } from '../../core/large-json/write-in-turns.js';
import { isErrandError, type ErrandError } from '../../core/errors.js';
import { ERROR_STATUS } from './error-status.js';
import type { Exchange, HeaderFields } from './exchange.js';

/** On every answer: answers are a caller's own and are never to be sniffed, framed or kept. */
const SECURITY_HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} satisfies HeaderFields;

/** The headers of every stream of server-sent events. */
export const EVENT_STREAM_HEADERS = {
  ...SECURITY_HEADERS,
  'content-type': 'text/event-stream',
  'x-accel-buffering': 'no',
} satisfies HeaderFields;

/** The headers of every JSON answer, names and values in turn. An object would be slow to copy. */
const JSON_FIELDS: readonly string[] = Object.entries({
  'content-type': 'application/json',
  ...SECURITY_HEADERS,
}).flat();

/** `text` is JSON already. */
export function sendJson(exchange: Exchange, text: string | Buffer, status = 200, headers?: HeaderFields): void {
  if (headers === undefined) exchange.send(status, JSON_FIELDS, text);
  else exchange.send(status, [...JSON_FIELDS, ...Object.entries(headers).flat()], text);
}

/** The same for a text that may be long: it is encoded over as many turns of the event loop as it takes. */
export function sendJsonInTurns(
  exchange: Exchange,
  text: string,
  status = 200,
  headers?: HeaderFields,
): void | Promise<void> {
  if (!isLongToEncode(text)) return sendJson(exchange, text, status, headers);
  return encodeInTurns(text).then((bytes) => sendJson(exchange, bytes, status, headers));
}

export function sendEmpty(exchange: Exchange, status: 202 | 204, headers?: HeaderFields): void {
  exchange.send(status, Object.entries({ ...SECURITY_HEADERS, ...headers }).flat(), '');
}

export function sendError(exchange: Exchange, error: ErrandError, headers?: HeaderFields): void {
  sendJson(exchange, errorText(error), ERROR_STATUS[error.code], { ...retryHeaders(error), ...headers });
}

function errorText(error: ErrandError): string {
  const { faults } = error.details;
  const body: ApiError = {
    error: { ...renderError(error), ...(Array.isArray(faults) ? { faults: faults } : {}) },
  };
  return JSON.stringify(body);
}

export function renderError({ code, message, problems }: ErrandError): ApiError['error'] {
  return { code, message, ...(problems.length === 0 ? {} : { problems }) };
}

export function retryHeaders(error: unknown): HeaderFields {
  if (!isErrandError(error) || error.retryAfterSeconds === null) return {};
  return { 'retry-after': String(error.retryAfterSeconds) };
}

/** Gives an answer that is made already. Resolves when it is handed over. */
export type Reply = (exchange: Exchange) => void | Promise<void>;

export function jsonReply(value: object, status = 200, headers?: HeaderFields): Reply {
  const text = JSON.stringify(value);
  return (exchange) => sendJson(exchange, text, status, headers);
}

/**
 * The same for what may hold outputs of runs: their JSON is written over as many turns of the event loop as it takes.
 */
export function outputsReply(value: object, status = 200, headers?: HeaderFields): Reply {
  return async (exchange) => {
    await sendJsonInTurns(exchange, await writeInTurns(value as JsonObject), status, headers);
  };
}

export function emptyReply(status: 202 | 204): Reply {
  return (exchange) => sendEmpty(exchange, status);
}

/** Text that is shown as it is. */
export function textReply(text: string): Reply {
  const fields = Object.entries({ 'content-type': 'text/plain; charset=utf-8', ...SECURITY_HEADERS }).flat();
  return (exchange) => exchange.send(200, fields, text);
}
