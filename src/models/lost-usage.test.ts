import { describe, expect, it } from 'vitest';
import type { ModelServerAnswer } from '../../test/support/model-servers/answers.js';
import { server, setUp } from '../../test/support/model-servers/answers-under-test.js';
import { ask, LOCAL_MODEL, MODELS, modelsAgainst } from '../../test/support/model-servers/models-against.js';
import type { ModelUsage } from '../core/models/models.js';
import type { SdkStreamPart } from './provider/sdk.js';
import { ReportedUsage } from './answers/reported-usage.js';

setUp();

const USAGE = { input: 1_000, cached: 400, output: 50 };
const TOLD = { calls: 1, inputTokens: 1_000, cachedInputTokens: 400, outputTokens: 50 };
const OVERLOADED = { kind: 'error', status: 529, type: 'overloaded_error', code: 'overloaded' } as const;

/** What is told to be lost of a call, and what came of it. */
async function lostOf(model: string | readonly string[]) {
  const lost: ModelUsage[] = [];
  const prices = new Map([[LOCAL_MODEL, { input: 1, cachedInput: 0.5, output: 10 }]]);
  const models = modelsAgainst(server, { prices });
  const onLost = (usage: ModelUsage): number => lost.push(usage);
  const outcome = await ask(models, model, {}, { onLost }).then(
    ({ usage }) => usage,
    (failure: { readonly kind?: string }) => failure.kind ?? failure,
  );
  return { lost, outcome };
}

describe.each([...Object.values(MODELS), LOCAL_MODEL])('a call of %s', (model) => {
  it.each<readonly [string, ModelServerAnswer, string]>([
    ['is refused', { refusal: 'No.', usage: USAGE }, 'model_refused'],
    ['is filtered', { text: 'half an', finish: 'content_filter', usage: USAGE }, 'model_refused'],
    [
      'breaks off with an error after all was told',
      { text: 'hello', usage: USAGE, breakWith: OVERLOADED, breaksLate: true },
      'model_overloaded',
    ],
  ])('that %s is told with what it used', async (_, answer, kind) => {
    server.script(() => answer);
    const { lost, outcome } = await lostOf(model);
    expect(outcome).toBe(kind);
    expect(lost).toMatchObject([{ model, ...TOLD }]);
  });

  it.each<readonly [string, ModelServerAnswer]>([
    ['an error', { kind: 'error', status: 500 }],
    ['a 429', { kind: 'error', status: 429 }],
    ['nonsense', { kind: 'malformed', what: 'json' }],
    ['nothing', { kind: 'malformed', what: 'empty' }],
    ['a cut', { text: 'hello', cut: 'before', usage: USAGE }],
  ])('whose provider told no usage before %s is told of with none', async (_, answer) => {
    server.script(() => answer);
    expect((await lostOf(model)).lost).toEqual([]);
  });

  it('that is answered has lost nothing', async () => {
    server.script(() => ({ text: 'hello', usage: USAGE }));
    expect(await lostOf(model)).toMatchObject({ lost: [], outcome: TOLD });
  });

  it('tells each of several models that failed, and the answer what is its own', async () => {
    const second = model === LOCAL_MODEL ? 'chat/other' : LOCAL_MODEL;
    server.script((request) =>
      model.endsWith(request.model)
        ? { refusal: 'No.', usage: USAGE }
        : { text: 'yes', usage: { input: 7, output: 1 } },
    );
    const { lost, outcome } = await lostOf([model, second]);
    expect(lost).toMatchObject([{ model, ...TOLD }]);
    expect(outcome).toMatchObject({ calls: 1, inputTokens: 7, outputTokens: 1 });
  });
});

describe('what was told before the end', () => {
  it.each<readonly [string, ModelServerAnswer]>([
    ['stops short', { text: 'hello', cut: 'short', usage: USAGE }],
    ['breaks off with an error', { text: 'hello', breakWith: OVERLOADED, usage: USAGE }],
  ])('counts when the stream %s, as far as it was told', async (_, answer) => {
    server.script(() => answer);
    // Anthropic tells the input first; OpenAI tells all at the end.
    const [usage] = (await lostOf(MODELS.anthropic)).lost;
    expect(usage).toMatchObject({ calls: 1, inputTokens: 1_000, cachedInputTokens: 400 });
    expect(usage?.outputTokens).toBeLessThan(50);
    for (const model of [MODELS['openai-chat'], MODELS['openai-responses'], LOCAL_MODEL]) {
      expect((await lostOf(model)).lost).toEqual([]);
    }
  });

  it('is told at once when the call is aborted, and no more afterwards', async () => {
    server.script(() => ({ text: 'a long story', stall: true, usage: USAGE }));
    const controller = new AbortController();
    const lost: ModelUsage[] = [];
    let speak: () => void = () => undefined;
    const speaks = new Promise<void>((resolve) => {
      speak = resolve;
    });
    const options = {
      signal: controller.signal,
      onText: () => speak(),
      onLost: (usage: ModelUsage) => lost.push(usage),
    };
    const ended = ask(modelsAgainst(server), MODELS.anthropic, {}, options).catch((error: unknown) => error);
    await speaks;
    expect(lost).toEqual([]);
    controller.abort(new Error('cancelled'));
    expect(lost).toMatchObject([{ calls: 1, inputTokens: 1_000 }]);
    expect(await ended).toEqual(new Error('cancelled'));
    expect(lost).toHaveLength(1);
  });

  it('costs what it would have cost', async () => {
    server.script(() => ({ refusal: 'No.', usage: USAGE }));
    expect((await lostOf(LOCAL_MODEL)).lost).toMatchObject([{ costMicros: 600 + 200 + 500, unpricedCalls: 0 }]);
    expect((await lostOf('local/other')).lost).toMatchObject([{ costMicros: 0, unpricedCalls: 1 }]);
  });
});

describe('the usage in events of a stream', () => {
  const read = (...events: readonly unknown[]) => {
    const told = new ReportedUsage();
    for (const rawValue of events) told.read({ type: 'raw', rawValue });
    return told.tokens;
  };

  it.each([
    [
      'as Google tells it',
      [
        { usageMetadata: { promptTokenCount: 90, candidatesTokenCount: 1 } },
        {
          usageMetadata: {
            promptTokenCount: 90,
            cachedContentTokenCount: 30,
            candidatesTokenCount: 7,
            thoughtsTokenCount: 5,
          },
        },
      ],
      { input: 90, cached: 30, cacheWrite: 0, output: 12 },
    ],
    [
      'as Anthropic tells it, with what went into its cache',
      [
        {
          message: {
            usage: { input_tokens: 10, cache_read_input_tokens: 20, cache_creation_input_tokens: 30, output_tokens: 1 },
          },
        },
        { type: 'message_delta', usage: { output_tokens: 8, cache_read_input_tokens: null } },
      ],
      { input: 60, cached: 20, cacheWrite: 30, output: 8 },
    ],
    [
      'as servers tell it that tell it with every event',
      [
        { usage: { prompt_tokens: 9, completion_tokens: 1 } },
        { usage: { prompt_tokens: 9, completion_tokens: 2, prompt_tokens_details: { cached_tokens: 4 } } },
      ],
      { input: 9, cached: 4, cacheWrite: 0, output: 2 },
    ],
  ])('is read %s', (_, events, tokens) => {
    expect(read(...events)).toEqual(tokens);
  });

  it.each([
    [null],
    ['usage'],
    [{}],
    [{ usage: null }],
    [{ usage: { prompt_tokens: 'many' } }],
    [{ usage: { input_tokens: 0 } }],
  ])('is none in %j', (event) => {
    expect(read(event)).toBeNull();
  });

  it('gives way to what the SDK makes of it', () => {
    const told = new ReportedUsage();
    told.read({ type: 'raw', rawValue: { usage: { prompt_tokens: 9, completion_tokens: 1 } } });
    told.read({
      type: 'finish',
      finishReason: { unified: 'stop', raw: 'stop' },
      usage: { inputTokens: { total: 3 }, outputTokens: { total: 4 } },
    } as SdkStreamPart);
    expect(told.tokens).toEqual({ input: 3, cached: 0, cacheWrite: 0, output: 4 });
  });
});
