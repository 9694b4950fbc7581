import { errorMessage } from '../../core/errors.js';
import { isJsonObject, type Json } from '../../core/json.js';
import { NodeFailure } from '../../core/handlers/node-kind.js';
import { parseSpan, readRetryAfter } from './rate-limit-headers.js';
import { scrub } from './scrub.js';

/** Every kind of failure of a model call, and whether another attempt may come to something else. */
export const RETRYABLE = {
  model_rate_limited: true,
  model_overloaded: true,
  network: true,
  model_bad_answer: true,
  model_refused: false,
  model_unauthorized: false,
  model_not_configured: false,
  model_unknown: false,
  model_bad_request: false,
  context_too_long: false,
} as const;

export type FailureKind = keyof typeof RETRYABLE;

/** What was seen of the exchange beneath the SDK. */
export interface ProviderExchange {
  /** A request went out. */
  sent: boolean;
  /** Null as long as nothing came back. */
  status: number | null;
  headers: { readonly [name: string]: string };
}

export interface FailureContext {
  /** `provider/model`. */
  readonly name: string;
  readonly exchange: ProviderExchange;
  readonly secrets: readonly string[];
  readonly now: number;
}

export function modelFailure(kind: FailureKind, message: string, retryAfterMs: number | null = null): NodeFailure {
  return new NodeFailure(message, {
    kind,
    retryable: RETRYABLE[kind],
    ...(retryAfterMs === null ? {} : { retryAfterMs }),
  });
}

/**
 * What a call failed with. The cause is not kept: it carries the whole request. Who reads it: the HTTP status where
 * there was a bad one, then what the provider says in its own words, in an error body or in the middle of a stream.
 */
export function toFailure(thrown: unknown, context: FailureContext): NodeFailure {
  if (thrown instanceof NodeFailure) return thrown;
  const { name, exchange } = context;
  const words = (text: string): string => scrub(text, context.secrets);
  if (!exchange.sent) {
    return modelFailure('model_bad_request', `${name} cannot be asked this: ${words(errorMessage(thrown))}`);
  }
  if (exchange.status === null) {
    return modelFailure('network', `${name} cannot be reached: ${words(readReason(thrown))}`);
  }
  const said = whatWasSaid(thrown);
  if (exchange.status < 400 && said === null) {
    if (/without a finish reason/.test(errorMessage(thrown))) return endedEarly(name, exchange);
    if (isParseError(thrown)) {
      return modelFailure(
        'model_bad_answer',
        `${name} gave an answer that is none of its protocol: ${words(errorMessage(thrown))}`,
      );
    }
    return modelFailure('network', `the connection to ${name} broke off: ${words(readReason(thrown))}`);
  }
  const status = exchange.status < 400 ? statusIn(thrown) : exchange.status;
  const told = said ?? { words: readBody(thrown), codes: '', retryAfterMs: null };
  const kind = classify(status, told);
  const message = words(told.words === '' ? 'no more was said' : told.words);
  const how = exchange.status < 400 ? 'broke off with an error' : `answered ${exchange.status}`;
  const waits = kind === 'model_rate_limited' || kind === 'model_overloaded';
  const retryAfterMs = waits ? (readRetryAfter(exchange.headers, context.now) ?? told.retryAfterMs) : null;
  const text = `${name} ${how}: ${message}${HINTS[kind] ?? ''}`;
  return modelFailure(kind, text, retryAfterMs);
}

/** For a stream that was closed as if it were complete, and is not. */
export function endedEarly(name: string, { headers }: ProviderExchange): NodeFailure {
  const type = headers['content-type'] ?? 'nothing';
  if (type.startsWith('text/event-stream'))
    return modelFailure('network', `the answer of ${name} broke off before its end`);
  return modelFailure('model_bad_answer', `${name} answered with ${type} where a stream of events was to come`);
}

const HINTS: { readonly [kind in FailureKind]?: string } = {
  model_unknown: ' (the provider has no such model, or its base_url is wrong)',
  context_too_long: ' (it was sent more than it can read at once)',
};

interface ProviderError {
  readonly words: string;
  /** Its codes and types in lower case. */
  readonly codes: string;
  readonly retryAfterMs: number | null;
}

const TOO_LONG =
  /context.{0,10}(?:length|window|size)|prompt is too long|input token count.{0,40}exceeds|too many tokens|maximum number of tokens|request_too_large/i;
const FILTERED = /content_filter|content_policy|responsibleaipolicy|invalid_prompt/;
const UNPAID = /insufficient_quota|billing|credit balance is too low|payment_required/;
/** Google says “check your plan and billing details” of every quota, those of a minute too. */
const UNPAID_GOOGLE = /credit balance is too low|credits are depleted/;
const UNKNOWN_KEY = /authentication|permission|invalid_api_key|unauthenticated|api key not valid|api_key_invalid/;

function classify(status: number | null, { words, codes }: ProviderError): FailureKind {
  const all = `${codes} ${words.toLowerCase()}`;
  const unpaid = codes.includes('resource_exhausted') ? UNPAID_GOOGLE : UNPAID;
  if (status === 402 || unpaid.test(all)) return 'model_unauthorized';
  if (status === 429 || /rate_limit|resource_exhausted|too_many_requests/.test(codes)) {
    return 'model_rate_limited';
  }
  if (status === 401 || status === 403 || UNKNOWN_KEY.test(status === 400 ? all : codes)) return 'model_unauthorized';
  if (status === null || status < 500) {
    if (FILTERED.test(codes)) return 'model_refused';
    if (status === 413 || TOO_LONG.test(all)) return 'context_too_long';
  }
  if (status === 408 || status === 409 || status === 425 || (status !== null && status >= 500)) {
    return 'model_overloaded';
  }
  if (status === 404) return 'model_unknown';
  if (status === null) return /invalid|not_found|bad_request/.test(codes) ? 'model_bad_request' : 'model_overloaded';
  return 'model_bad_request';
}

/**
 * A body that is an error in the words of one of the protocols: `{ error: { message, type, code } }`, that inner part
 * alone, or, of Google, a list of one.
 */
function whatWasSaid(thrown: unknown): ProviderError | null {
  for (const candidate of [readField(thrown, 'data'), parse(readField(thrown, 'responseBody')), thrown]) {
    const outer = asObject(Array.isArray(candidate) ? (candidate as unknown[])[0] : candidate);
    const response = asObject(outer?.['response']);
    const inner = asObject(outer?.['error']) ?? asObject(response?.['error']) ?? outer;
    if (inner === null || isParseError(inner) || candidate instanceof Error) continue;
    const message = typeof inner['message'] === 'string' ? inner['message'] : asText(outer?.['error']);
    const codes = [inner['type'], inner['code'], inner['status']].filter((code) => typeof code === 'string').join(' ');
    const details = inner['details'] === undefined ? '' : ` ${JSON.stringify(inner['details']).toLowerCase()}`;
    if (message === '' && codes === '') continue;
    return {
      words: message,
      codes: `${codes.toLowerCase()}${details}`,
      retryAfterMs: retryDelayIn(inner['details']),
    };
  }
  return null;
}

/** What Google puts into the body and not into headers. Source: google/rpc/error_details.proto. */
function retryDelayIn(details: Json | undefined): number | null {
  const infos = Array.isArray(details) ? (details as Json[]).map(asObject) : [];
  const info = infos.find((detail) => asText(detail?.['@type']).endsWith('/google.rpc.RetryInfo'));
  return parseSpan(asText(info?.['retryDelay']));
}

/** A status that stands in an error of the stream. */
function statusIn(thrown: unknown): number | null {
  const { code, error } = asObject(readField(thrown, 'data')) ?? asObject(thrown) ?? {};
  const found = [code, asObject(error)?.['code']].map(Number).find((number) => number >= 400 && number <= 599);
  return found ?? null;
}

const PARSE_ERRORS = new Set([
  'AI_JSONParseError',
  'AI_TypeValidationError',
  'AI_InvalidResponseDataError',
  'AI_EmptyResponseBodyError',
  'AI_NoContentGeneratedError',
]);

/** The SDK could not read what came. Its errors may have been written as JSON and read again. */
function isParseError(thrown: unknown): boolean {
  for (let error = thrown, depth = 0; depth < 5 && typeof error === 'object' && error !== null; depth += 1) {
    if (PARSE_ERRORS.has(asText(readField(error, 'name')))) return true;
    const written = asObject(parse(readField(error, 'responseBody')));
    if (PARSE_ERRORS.has(asText(written?.['name']))) return true;
    error = readField(error, 'cause');
  }
  return false;
}

function readBody(thrown: unknown): string {
  const body = readField(thrown, 'responseBody');
  if (typeof body !== 'string') return errorMessage(thrown);
  return /^\s*</.test(body) ? 'a web page, no answer of an API' : body;
}

/** The innermost reason: `fetch failed` says nothing. */
function readReason(thrown: unknown): string {
  let reason = errorMessage(thrown);
  for (let error = thrown, depth = 0; depth < 5 && typeof error === 'object' && error !== null; depth += 1) {
    const code = readField(error, 'code');
    reason =
      typeof code === 'string' && !errorMessage(error).includes(code)
        ? `${errorMessage(error)} (${code})`
        : errorMessage(error);
    error = readField(error, 'cause');
  }
  return reason;
}

function readField(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value
    ? (value as { readonly [name: string]: unknown })[name]
    : undefined;
}

function asObject(value: unknown): { readonly [name: string]: Json } | null {
  return isJsonObject(value) ? value : null;
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function parse(text: unknown): unknown {
  if (typeof text !== 'string') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
