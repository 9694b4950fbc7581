import { isErrandError, type ErrandError } from '../../core/errors.js';
import type { ApiError } from '../../api/api-types.js';
import { ERROR_STATUS } from './error-status.js';

export type HeaderFields = Readonly<Record<string, string>>;

/** On every answer: answers are a caller's own and are never to be sniffed, framed or kept. */
export const SECURITY_HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} satisfies HeaderFields;

/** One object for all of them: the Node adapter writes plain header objects without copying. */
const JSON_HEADERS = { 'content-type': 'application/json', ...SECURITY_HEADERS } satisfies HeaderFields;

const OK = { status: 200, headers: JSON_HEADERS };

/** `text` is JSON already. */
export function jsonTextResponse(text: string, status = 200, headers?: HeaderFields): Response {
  if (status === 200 && headers === undefined) return new Response(text, OK);
  return new Response(text, {
    status,
    headers: headers === undefined ? JSON_HEADERS : { ...JSON_HEADERS, ...headers },
  });
}

export function jsonResponse(value: object, status = 200, headers?: HeaderFields): Response {
  return jsonTextResponse(JSON.stringify(value), status, headers);
}

export function emptyResponse(status: 202 | 204, headers?: HeaderFields): Response {
  return new Response(null, { status, headers: { ...SECURITY_HEADERS, ...headers } });
}

/** Of every stream of server-sent events. */
export const EVENT_STREAM_HEADERS = {
  ...SECURITY_HEADERS,
  'content-type': 'text/event-stream',
  'x-accel-buffering': 'no',
} satisfies HeaderFields;

/** `body` is null in the answer to HEAD. */
export function eventStreamResponse(body: ReadableStream<Uint8Array> | null): Response {
  return new Response(body, { headers: EVENT_STREAM_HEADERS });
}

export function apiErrorResponse(error: ErrandError, headers?: HeaderFields): Response {
  return jsonTextResponse(apiErrorText(error), ERROR_STATUS[error.code], { ...retryHeaders(error), ...headers });
}

export function apiErrorText(error: ErrandError): string {
  const { faults } = error.details;
  const body: ApiError = {
    error: {
      code: error.code,
      message: error.message,
      ...(error.problems.length === 0 ? {} : { problems: error.problems }),
      ...(Array.isArray(faults) ? { faults: faults } : {}),
    },
  };
  return JSON.stringify(body);
}

export function retryHeaders(error: unknown): HeaderFields {
  if (!isErrandError(error) || error.retryAfterSeconds === null) return {};
  return { 'retry-after': String(error.retryAfterSeconds) };
}
