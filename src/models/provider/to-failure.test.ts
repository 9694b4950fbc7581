import { describe, expect, it } from 'vitest';
import { type ProviderExchange, toFailure } from './to-failure.js';

const NOW = Date.UTC(2026, 0, 15, 12);

/** An error of the SDK for a response, as far as it is looked at. */
function apiError(body: unknown, cause?: unknown): Error {
  const responseBody = typeof body === 'string' ? body : JSON.stringify(body);
  return Object.assign(new Error('the SDK says'), { name: 'AI_APICallError', responseBody, cause });
}

function classify(thrown: unknown, exchange: Partial<ProviderExchange> = {}, secrets: readonly string[] = []) {
  const seen: ProviderExchange = { sent: true, status: 200, headers: {}, ...exchange };
  const { kind, message, retryAfterMs } = toFailure(thrown, { name: 'p/m', exchange: seen, secrets, now: NOW });
  return { kind, message, retryAfterMs };
}

describe('an error that a provider words in its own way', () => {
  it.each([
    [400, { error: { code: 400, message: 'API key not valid.', status: 'INVALID_ARGUMENT' } }, 'model_unauthorized'],
    [
      400,
      {
        error: {
          code: 400,
          status: 'INVALID_ARGUMENT',
          message: 'The input token count (2000000) exceeds the maximum number of tokens allowed (1048576).',
        },
      },
      'context_too_long',
    ],
    [429, { error: { code: 429, message: 'Quota exceeded', status: 'RESOURCE_EXHAUSTED' } }, 'model_rate_limited'],
    [
      429,
      [{ error: { code: 429, message: 'check your plan and billing details', status: 'RESOURCE_EXHAUSTED' } }],
      'model_rate_limited',
    ],
    [429, { error: { message: 'Check your billing details', code: 'insufficient_quota' } }, 'model_unauthorized'],
    [503, { error: { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' } }, 'model_overloaded'],
    [413, { type: 'error', error: { type: 'request_too_large', message: 'Too big' } }, 'context_too_long'],
    [
      400,
      { type: 'error', error: { type: 'invalid_request_error', message: 'prompt is too long: 9 tokens > 8 maximum' } },
      'context_too_long',
    ],
    [
      400,
      { type: 'error', error: { type: 'invalid_request_error', message: 'Your credit balance is too low' } },
      'model_unauthorized',
    ],
    [
      400,
      { error: { message: "This model's maximum context length is 8192 tokens.", type: 'BadRequestError', code: 400 } },
      'context_too_long',
    ],
    [400, { error: { message: 'The response was filtered', code: 'content_filter' } }, 'model_refused'],
    [400, { error: { message: 'Invalid prompt: flagged', code: 'invalid_prompt' } }, 'model_refused'],
    [400, { error: { message: 'max_tokens is too large', code: 'invalid_value' } }, 'model_bad_request'],
    [402, { error: { message: 'Insufficient credits', code: 402 } }, 'model_unauthorized'],
    [404, { error: 'model "qwen3" not found, try pulling it first' }, 'model_unknown'],
    [408, { error: { message: 'took too long' } }, 'model_overloaded'],
    [422, { detail: 'unprocessable' }, 'model_bad_request'],
    [500, 'Internal Server Error', 'model_overloaded'],
    [524, '<html>a timeout occurred</html>', 'model_overloaded'],
  ])('with %i and %j is what it means', (status, body, kind) => {
    expect(classify(apiError(body), { status }).kind).toBe(kind);
  });

  it.each([
    [{ type: 'overloaded_error', message: 'Overloaded' }, 'model_overloaded'],
    [{ type: 'rate_limit_error', message: 'Slow down' }, 'model_rate_limited'],
    [{ type: 'api_error', message: 'Internal' }, 'model_overloaded'],
    [{ type: 'invalid_request_error', message: 'no' }, 'model_bad_request'],
    [{ type: 'error', sequence_number: 3, error: { code: 'server_error', message: 'x' } }, 'model_overloaded'],
    [{ code: 'context_length_exceeded', message: 'x' }, 'context_too_long'],
    [{ message: 'upstream', code: 502 }, 'model_overloaded'],
    [
      { type: 'response.failed', response: { error: { code: 'rate_limit_exceeded', message: 'x' } } },
      'model_rate_limited',
    ],
  ])('in the middle of a stream, %j, is what it means', (error, kind) => {
    expect(classify(error).kind).toBe(kind);
  });
});

describe('what went wrong without a word from the provider', () => {
  it('names the innermost reason of a connection that failed', () => {
    const cause = Object.assign(new Error('getaddrinfo ENOTFOUND api.example'), { code: 'ENOTFOUND' });
    const thrown = new TypeError('fetch failed', { cause });
    expect(classify(thrown, { status: null })).toEqual({
      kind: 'network',
      message: 'p/m cannot be reached: getaddrinfo ENOTFOUND api.example',
      retryAfterMs: null,
    });
    const broken = apiError(
      '',
      new TypeError('terminated', { cause: Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' }) }),
    );
    expect(classify(broken)).toMatchObject({
      kind: 'network',
      message: 'the connection to p/m broke off: other side closed (UND_ERR_SOCKET)',
    });
  });

  it('is nothing that another try could help when no request went out', () => {
    expect(classify(new Error('no such file part'), { sent: false, status: null })).toMatchObject({
      kind: 'model_bad_request',
      message: 'p/m cannot be asked this: no such file part',
    });
  });

  it.each(['AI_JSONParseError', 'AI_TypeValidationError', 'AI_InvalidResponseDataError'])(
    'is a bad answer when the SDK says %s, itself or as a cause or written into another error',
    (name) => {
      const unreadable = Object.assign(new Error('unreadable'), { name });
      for (const thrown of [unreadable, apiError('', unreadable), apiError({ name })]) {
        expect(classify(thrown).kind).toBe('model_bad_answer');
      }
    },
  );
});

describe('the message of a failure', () => {
  it('has no key in it, is one line, and not a book', () => {
    const body = {
      error: { message: `key topsecret\nand sk-proj-abcdefghijkl, Bearer abcdefgh.ijkl ${'x'.repeat(5_000)}` },
    };
    const { message } = classify(apiError(body), { status: 401 }, ['topsecret']);
    expect(message).toMatch(/^p\/m answered 401: key \*\*\* and \*\*\*, Bearer \*\*\* x+…$/);
    expect(message.length).toBeLessThan(700);
  });

  it('keeps a wait that goes with an overload', () => {
    const headers = { 'retry-after': '3' };
    expect(classify(apiError('busy'), { status: 503, headers }).retryAfterMs).toBe(3_000);
    expect(classify(apiError('no'), { status: 400, headers }).retryAfterMs).toBeNull();
  });
});
