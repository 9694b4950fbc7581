import { describe, expect, it } from 'vitest';
import type { ModelServerAnswer } from '../../test/support/model-servers/answers.js';
import { server, setUp } from '../../test/support/model-servers/answers-under-test.js';
import { ask, LOCAL_MODEL, MODELS, modelsAgainst } from '../../test/support/model-servers/models-against.js';
import { NodeFailure } from '../core/handlers/node-kind.js';
import { type FailureKind, RETRYABLE } from './provider/to-failure.js';

setUp();

async function failureOf(work: Promise<unknown>): Promise<NodeFailure> {
  const thrown: unknown = await work.then(
    () => null,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(NodeFailure);
  return thrown as NodeFailure;
}

/** How every failure of a server ends, whatever API it speaks. */
const FAILURES: readonly (readonly [string, ModelServerAnswer, FailureKind, RegExp])[] = [
  ['a 429', { kind: 'error', status: 429 }, 'model_rate_limited', /answered 429: Rate limit reached/],
  ['a 500', { kind: 'error', status: 500 }, 'model_overloaded', /answered 500: The server had an error/],
  ['a 503', { kind: 'error', status: 503 }, 'model_overloaded', /answered 503: The server is overloaded/],
  ['a 529', { kind: 'error', status: 529 }, 'model_overloaded', /answered 529: Overloaded/],
  [
    'a 502 with a web page',
    { kind: 'error', status: 502, body: '<html>Bad Gateway' },
    'model_overloaded',
    /a web page/,
  ],
  ['a 401', { kind: 'error', status: 401 }, 'model_unauthorized', /answered 401/],
  ['a 403', { kind: 'error', status: 403 }, 'model_unauthorized', /answered 403/],
  [
    'a 404',
    { kind: 'error', status: 404 },
    'model_unknown',
    /answered 404: The model does not exist.*the provider has no such model, or its base_url is wrong/,
  ],
  [
    'a 400',
    { kind: 'error', status: 400, message: 'no such field' },
    'model_bad_request',
    /answered 400: no such field/,
  ],
  [
    'a 400 for too long a context',
    {
      kind: 'error',
      status: 400,
      code: 'context_length_exceeded',
      message: 'prompt is too long: 9 tokens > 8 maximum',
    },
    'context_too_long',
    /too long/,
  ],
  [
    'an account without credit',
    { kind: 'error', status: 429, code: 'insufficient_quota', message: 'Your credit balance is too low' },
    'model_unauthorized',
    /credit balance/,
  ],
  ['a connection cut before the first byte', { text: 'hello', cut: 'before' }, 'network', /cannot be reached/],
  ['a connection cut in the middle', { text: 'hello', cut: 'middle' }, 'network', /broke off/],
  ['an answer that stops short', { text: 'hello', cut: 'short' }, 'network', /broke off/],
  [
    'an error in the middle of the stream',
    { text: 'hello', breakWith: { kind: 'error', status: 529, type: 'overloaded_error', code: 'overloaded' } },
    'model_overloaded',
    /Overloaded/,
  ],
  ['broken JSON', { kind: 'malformed', what: 'json' }, 'model_bad_answer', /none of its protocol/],
  ['JSON of another shape', { kind: 'malformed', what: 'shape' }, 'model_bad_answer', /none of its protocol/],
  ['a web page', { kind: 'malformed', what: 'html' }, 'model_bad_answer', /text\/html/],
  ['an empty stream', { kind: 'malformed', what: 'empty' }, 'network', /broke off/],
  ['a refusal', { refusal: 'I cannot help with that.' }, 'model_refused', /refused: I cannot help with that\./],
  ['a filter that lets nothing through', { finish: 'content_filter' }, 'model_refused', /refused/],
  ['a filtered answer', { text: 'half an', finish: 'content_filter' }, 'model_refused', /refused/],
];

describe.each([...Object.values(MODELS), LOCAL_MODEL])('a call of %s', (model) => {
  it.each(FAILURES)('ends as documented after %s', async (_, answer, kind, message) => {
    server.script(() => answer);
    const failure = await failureOf(ask(modelsAgainst(server), model));
    expect([failure.kind, failure.retryable]).toEqual([kind, RETRYABLE[kind]]);
    expect(failure.message).toMatch(message);
    expect(failure.message).toContain(model);
  });

  it('fails with network when nobody listens', async () => {
    // A port that no program is given by chance.
    const models = modelsAgainst({ ...server, url: 'http://127.0.0.1:2/v1' });
    const failure = await failureOf(ask(models, model));
    expect([failure.kind, failure.retryable]).toEqual(['network', true]);
    expect(failure.message).toContain('ECONNREFUSED');
  });

  it('tells of a wrong key without showing it', async () => {
    const key = 'sk-wrong-abcdefghijklmnop';
    const models = modelsAgainst(server, { credentialOf: () => Promise.resolve(key) });
    const failure = await failureOf(ask(models, model));
    expect(failure.kind).toBe('model_unauthorized');
    expect(failure.message).toContain('Incorrect API key provided: ***');
    expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toContain(key);
  });

  it('is hung up on as soon as it is aborted, before the answer and within it', async () => {
    for (const answer of [{ kind: 'hang' as const }, { text: 'a long story', stall: true }]) {
      const asked = server.requests.length;
      server.script(() => answer);
      const controller = new AbortController();
      let heard: () => void = () => undefined;
      const speaks = new Promise<void>((resolve) => {
        heard = resolve;
      });
      const call = ask(modelsAgainst(server), model, {}, { signal: controller.signal, onText: () => heard() });
      const ended = call.catch((error: unknown) => error);
      await server.arrived(asked + 1);
      if ('stall' in answer) await speaks;
      controller.abort(new Error('cancelled'));
      expect(await ended).toEqual(new Error('cancelled'));
      expect(await server.requests[asked]?.ended).toBe('aborted');
    }
  });

  it('does not go out when it was aborted before', async () => {
    const asked = server.requests.length;
    await expect(ask(modelsAgainst(server), model, {}, { signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow(
      'no',
    );
    expect(server.requests).toHaveLength(asked);
  });

  it('gives JSON of another schema as it came', async () => {
    server.script(() => ({ json: { score: 'high' } }));
    const output = { type: 'object', properties: { score: { type: 'number' } }, required: ['score'] };
    expect((await ask(modelsAgainst(server), model, { output })).text).toBe('{"score":"high"}');
  });

  it('outlasts a slow drip', async () => {
    server.script(() => ({ text: 'slowly but surely', pieces: 8, dripMs: 2 }));
    expect((await ask(modelsAgainst(server), model)).text).toBe('slowly but surely');
  });
});

describe('a call of Google', () => {
  const model = MODELS.google;

  it('that is blocked before any model answers says what for', async () => {
    server.script(() => ({ finish: 'content_filter' }));
    const failure = await failureOf(ask(modelsAgainst(server), model));
    expect(failure.message).toBe(`${model} refused: the prompt is blocked (PROHIBITED_CONTENT)`);
  });

  it('whose model wrote a call of a tool that cannot be read is no answer', async () => {
    server.script(() => ({ toolCalls: [{ name: 'search', input: '{"query": "sho' }] }));
    const models = modelsAgainst(server);
    const failure = await failureOf(ask(models, model));
    expect([failure.kind, failure.retryable]).toEqual(['model_bad_answer', true]);
    expect(failure.message).toContain('MALFORMED_FUNCTION_CALL: Malformed function call: search');
  });

  it('with a wrong key, which it answers 400, is told of as one', async () => {
    const message = 'API key not valid. Please pass a valid API key.';
    const details = [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' }];
    server.script(() => ({ kind: 'error', status: 400, message, details }));
    expect((await failureOf(ask(modelsAgainst(server), model))).kind).toBe('model_unauthorized');
  });
});
