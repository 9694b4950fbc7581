import type { IncomingHttpHeaders } from 'node:http';
import type { Json } from '../../../src/core/json.js';
import type { ErrorAnswer } from './answers.js';

export function bearerOf(headers: IncomingHttpHeaders): string | null {
  return /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? null;
}

/** What OpenAI says with a status. Source: platform.openai.com/docs/guides/error-codes. */
const TYPES: { readonly [status: number]: { readonly type: string; readonly code: string | null } } = {
  400: { type: 'invalid_request_error', code: null },
  401: { type: 'invalid_request_error', code: 'invalid_api_key' },
  403: { type: 'invalid_request_error', code: 'unsupported_country_region_territory' },
  404: { type: 'invalid_request_error', code: 'model_not_found' },
  429: { type: 'requests', code: 'rate_limit_exceeded' },
  500: { type: 'server_error', code: null },
  503: { type: 'service_unavailable_error', code: 'server_overloaded' },
};

export function openAiError(error: ErrorAnswer & { readonly message: string }): Json {
  const usual = TYPES[error.status] ?? { type: 'server_error', code: null };
  return {
    error: { message: error.message, type: error.type ?? usual.type, param: null, code: error.code ?? usual.code },
  };
}

/** Arguments as they came; the text itself when it is no JSON. */
export function parseInput(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
