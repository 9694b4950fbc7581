import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ModelServer, startModelServer } from '../../test/support/model-servers/model-server.js';
import { ask, MODELS, modelsAgainst } from '../../test/support/model-servers/models-against.js';
import { PLAIN_PROVIDER } from '../core/models/models-config.js';
import { ManualClock, settle } from '../testing/manual-clock.js';

let server: ModelServer;
let clock: ManualClock;

beforeAll(async () => {
  server = await startModelServer();
});

beforeEach(() => {
  clock = new ManualClock();
  server.script(() => 'ok');
});

afterAll(() => server.close());

describe.each(Object.values(MODELS))('a 429 of %s', (model) => {
  const headers: readonly (readonly [string, { readonly [name: string]: string }, number | null])[] = [
    ['seconds', { 'retry-after': '7' }, 7_000],
    ['a date', { 'retry-after': new Date(Date.UTC(2026, 0, 15, 12, 0, 42)).toUTCString() }, 42_000],
    ['milliseconds', { 'retry-after-ms': '1500', 'retry-after': '2' }, 1_500],
    [
      'the counter that is used up',
      {
        'x-ratelimit-remaining-requests': '12',
        'x-ratelimit-reset-requests': '8m0s',
        'x-ratelimit-remaining-tokens': '0',
        'x-ratelimit-reset-tokens': '6.5s',
      },
      6_500,
    ],
    ['nothing', {}, null],
    ['nonsense', { 'retry-after': 'soon' }, null],
  ];

  it.each(headers)('says how long to wait in %s', async (_, given, retryAfterMs) => {
    server.script(() => ({ kind: 'error', status: 429, headers: given }));
    await expect(ask(modelsAgainst(server, { clock }), model)).rejects.toMatchObject({
      kind: 'model_rate_limited',
      retryAfterMs,
    });
  });

  it('holds for all: nobody asks again before the time', async () => {
    const models = modelsAgainst(server, { clock });
    server.script([{ kind: 'error', status: 429, headers: { 'retry-after': '30' } }, 'ok']);
    await expect(ask(models, model)).rejects.toMatchObject({ retryAfterMs: 30_000 });
    const asked = server.requests.length;
    await clock.advance(10_000);
    await expect(ask(models, model)).rejects.toMatchObject({
      kind: 'model_rate_limited',
      retryable: true,
      retryAfterMs: 20_000,
      message: `${model} is not asked: it answered 429 before and is to be left alone for another 20 s`,
    });
    expect(server.requests).toHaveLength(asked);
    await clock.advance(20_000);
    expect((await ask(models, model)).text).toBe('ok');
  });

  it('is waited out when it is short', async () => {
    const models = modelsAgainst(server, { clock });
    server.script([{ kind: 'error', status: 429, headers: { 'retry-after': '4' } }, 'one', 'two']);
    await expect(ask(models, model)).rejects.toMatchObject({ retryAfterMs: 4_000 });
    const asked = server.requests.length;
    const waiting = Promise.all([ask(models, model), ask(models, model)]);
    await clock.advance(3_999);
    expect(server.requests).toHaveLength(asked);
    await clock.advance(1);
    expect((await waiting).map(({ text }) => text).toSorted()).toEqual(['one', 'two']);
  });
});

describe('a quota of Google', () => {
  it.each([
    ['37s', 37_000],
    ['0.847655010s', 848],
    ['soon', null],
  ])('that begins anew in %s is no lack of money, and is waited for that long', async (retryDelay, retryAfterMs) => {
    server.script(() => ({
      kind: 'error',
      status: 429,
      message:
        'You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits.',
      details: [
        { '@type': 'type.googleapis.com/google.rpc.Help', links: [] },
        { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay },
      ],
    }));
    await expect(ask(modelsAgainst(server, { clock }), MODELS.google)).rejects.toMatchObject({
      kind: 'model_rate_limited',
      retryAfterMs,
    });
  });

  it('that ends in the middle of an answer says so too', async () => {
    const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '5s' }];
    server.script(() => ({ text: 'hello', breakWith: { kind: 'error', status: 429, details } }));
    await expect(ask(modelsAgainst(server, { clock }), MODELS.google)).rejects.toMatchObject({
      kind: 'model_rate_limited',
      retryAfterMs: 5_000,
    });
  });
});

describe('a wait', () => {
  it('ends when it is aborted, and does not hold others with another key or model', async () => {
    const models = modelsAgainst(server, {
      clock,
      credentialOf: (_, organizationId) => Promise.resolve(`key-of-${organizationId}`),
    });
    server.script([{ kind: 'error', status: 429, headers: { 'retry-after': '3' } }]);
    await expect(ask(models, MODELS.anthropic)).rejects.toMatchObject({ kind: 'model_rate_limited' });
    server.script(() => 'ok');
    const controller = new AbortController();
    const held = ask(models, MODELS.anthropic, {}, { signal: controller.signal }).catch((error: unknown) => error);
    expect((await ask(models, MODELS.anthropic, {}, { organizationId: 'org-2' })).text).toBe('ok');
    expect((await ask(models, 'anthropic/claude-opus-5')).text).toBe('ok');
    controller.abort(new Error('cancelled'));
    expect(await held).toEqual(new Error('cancelled'));
    expect(clock.waiting).toBe(0);
  });
});

describe("a provider's limits", () => {
  const limited = (limits: { requestsPerMinute?: number; concurrency?: number }) =>
    modelsAgainst(server, {
      clock,
      providers: { slow: { ...PLAIN_PROVIDER, api: 'openai-compatible', baseUrl: server.url, ...limits } },
    });

  it('hold calls to a number at once', async () => {
    const asked = server.requests.length;
    const held: (() => void)[] = [];
    server.script(async () => {
      await new Promise<void>((resolve) => held.push(resolve));
      return 'ok';
    });
    const models = limited({ concurrency: 3 });
    const answers = Promise.all(Array.from({ length: 8 }, (_, index) => ask(models, `slow/m${index % 2}`)));
    for (let answered = 0; answered < 8; answered += 1) {
      await server.arrived(asked + Math.min(8, answered + 3));
      await settle();
      expect(server.requests.length - asked).toBe(Math.min(8, answered + 3));
      held.shift()?.();
    }
    expect(await answers).toHaveLength(8);
  });

  it('are kept when a call fails or is aborted while it waits', async () => {
    const models = limited({ concurrency: 1 });
    let release: () => void = () => undefined;
    server.script(async () => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return { kind: 'error', status: 500 };
    });
    const asked = server.requests.length;
    const first = ask(models, 'slow/m').catch((error: unknown) => error);
    await server.arrived(asked + 1);
    const controller = new AbortController();
    const second = ask(models, 'slow/m', {}, { signal: controller.signal }).catch((error: unknown) => error);
    await settle();
    controller.abort(new Error('cancelled'));
    expect(await second).toEqual(new Error('cancelled'));
    release();
    expect(await first).toMatchObject({ kind: 'model_overloaded' });
    server.script(() => 'ok');
    expect((await ask(models, 'slow/m')).text).toBe('ok');
    expect(server.requests.length - asked).toBe(2);
  });

  it('hold calls to a number in any minute', async () => {
    const models = limited({ requestsPerMinute: 2 });
    const asked = server.requests.length;
    await Promise.all([ask(models, 'slow/m'), ask(models, 'slow/m')]);
    const third = ask(models, 'slow/m');
    await clock.advance(59_999);
    expect(server.requests.length - asked).toBe(2);
    await clock.advance(1);
    expect((await third).text).toBe('ok');
  });
});
