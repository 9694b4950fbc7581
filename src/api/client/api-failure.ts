import { ErrandError } from '../../core/errors.js';
import type { ErrorCode } from '../../core/errors.js';
import type { ApiError } from '../api-types.js';

/** Makes the error to show of an answer with a status of 400 or more. */
export async function readApiError(params: {
  readonly response: Response;
  readonly url: string;
  readonly apiKey: string | null;
}): Promise<ErrandError> {
  const { response, url, apiKey } = params;
  const error = parseApiError(await response.text().catch(() => ''));
  if (response.status === 401) {
    return new ErrandError('unauthenticated', refusedKeyMessage({ said: error?.message ?? null, url, apiKey }));
  }
  if (error === null) return strangeAnswer({ response, url });
  const retryAfter = Number(response.headers.get('retry-after') ?? '');
  return new ErrandError(error.code, error.message, {
    ...(error.problems === undefined ? {} : { problems: error.problems }),
    ...(error.faults === undefined ? {} : { details: { faults: error.faults.map((fault) => ({ ...fault })) } }),
    ...(retryAfter > 0 ? { retryAfterSeconds: retryAfter } : {}),
  });
}

function refusedKeyMessage(params: {
  readonly said: string | null;
  readonly url: string;
  readonly apiKey: string | null;
}): string {
  const what = 'the key that the server printed at its first start, or one made with `errand keys create`';
  if (params.apiKey === null) {
    return `No API key is set, and the server at ${params.url} wants one. Set ERRAND_API_KEY (or pass --api-key) to ${what}.`;
  }
  // Enough to tell keys apart, as the server's own list of keys does; never the whole key.
  const hint = params.apiKey.length > 16 ? `${params.apiKey.slice(0, 12)}…` : 'that was given';
  const said = params.said === null ? '' : ` It says: ${params.said}`;
  return `The server at ${params.url} does not accept the API key ${hint}.${said} Set ERRAND_API_KEY (or pass --api-key) to ${what}.`;
}

function strangeAnswer(params: { readonly response: Response; readonly url: string }): ErrandError {
  const { status } = params.response;
  const gateway = status === 502 || status === 503 || status === 504;
  const code: ErrorCode = gateway
    ? 'unavailable'
    : status === 429
      ? 'rate_limited'
      : status === 404
        ? 'not_found'
        : 'internal';
  const advice = gateway ? 'The server behind it may be starting; try again.' : 'Check ERRAND_URL.';
  return new ErrandError(
    code,
    `What answers at ${params.url} (HTTP ${status}) does not speak as an Errand server does. ${advice}`,
  );
}

function parseApiError(text: string): ApiError['error'] | null {
  try {
    const body = JSON.parse(text) as Partial<ApiError> | null;
    const error = body?.error;
    return typeof error?.code === 'string' && typeof error.message === 'string' ? error : null;
  } catch {
    return null;
  }
}
