import { describe, expect, it } from 'vitest';
import { ask, LOCAL_MODEL, MODELS, modelsAgainst, userSays } from '../../test/support/model-servers/models-against.js';
import type { Json } from '../core/json.js';
import type { ModelAnswer, ModelMessage } from '../core/models/models.js';
import { PLAIN_PROVIDER } from '../core/models/models-config.js';
import {
  server,
  SEARCH,
  SCORE,
  stored,
  lastRequest,
  setUp,
} from '../../test/support/model-servers/answers-under-test.js';

setUp();

describe('what a model thought', () => {
  it('goes back to Anthropic with its signature', async () => {
    server.script([{ reasoning: 'Let me see.', toolCalls: [{ name: 'search', input: { query: 'x' } }] }, 'Done.']);
    const models = modelsAgainst(server);
    const settings = { providerOptions: { anthropic: { thinking: { type: 'enabled', budgetTokens: 2_000 } } } };
    const messages = [userSays('Think')];
    const request = { messages, tools: [SEARCH], settings };
    const answer = stored(await ask(models, MODELS.anthropic, request));
    expect(answer.text).toBe('');
    await ask(models, MODELS.anthropic, {
      ...request,
      messages: [...messages, { role: 'assistant', content: answer.assistant }, toolResult(answer)],
    });
    const { messages: sent } = lastRequest().body as { messages: { role: string; content: Json }[] };
    expect(sent[1]).toMatchObject({
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'Let me see.', signature: expect.stringMatching(/^signed:msg_/) as string },
        { type: 'tool_use', name: 'search', input: { query: 'x' } },
      ],
    });
  });

  it('goes back to OpenAI encrypted, with nothing kept there', async () => {
    server.script([{ reasoning: 'Let me see.', toolCalls: [{ name: 'search', input: { query: 'x' } }] }, 'Done.']);
    const models = modelsAgainst(server);
    const messages = [userSays('Think')];
    const request = { messages, tools: [SEARCH] };
    const answer = stored(await ask(models, MODELS['openai-responses'], request));
    await ask(models, MODELS['openai-responses'], {
      ...request,
      messages: [...messages, { role: 'assistant', content: answer.assistant }, toolResult(answer)],
    });
    const { store, include, input } = lastRequest().body as { store: boolean; include: string[]; input: Json[] };
    expect(store).toBe(false);
    expect(include).toContain('reasoning.encrypted_content');
    expect(input).toContainEqual(
      expect.objectContaining({
        type: 'reasoning',
        encrypted_content: expect.stringMatching(/^encrypted:resp_/) as string,
        summary: [{ type: 'summary_text', text: 'Let me see.' }],
      }),
    );
    expect(JSON.stringify(input)).not.toContain('item_reference');
  });

  it('goes back to Google with its signature, which the first of the calls has', async () => {
    const query = (word: string) => ({ name: 'search', input: { query: word } });
    server.script([{ reasoning: 'Let me see.', toolCalls: [query('x'), query('y')] }, 'Done.']);
    const models = modelsAgainst(server);
    const messages = [userSays('Think')];
    const answer = stored(await ask(models, MODELS.google, { messages, tools: [SEARCH] }));
    expect(answer.text).toBe('');
    await ask(models, MODELS.google, {
      messages: [...messages, { role: 'assistant', content: answer.assistant }, toolResult(answer)],
      tools: [SEARCH],
    });
    const { contents } = lastRequest().body as { contents: { role: string; parts: Json[] }[] };
    const signature = /^signed:response-/;
    expect(contents[1]).toMatchObject({
      role: 'model',
      parts: [
        { text: 'Let me see.', thought: true },
        { functionCall: { args: { query: 'x' } }, thoughtSignature: expect.stringMatching(signature) as string },
        { functionCall: { args: { query: 'y' } } },
      ],
    });
    expect(contents[1]?.parts[2]).not.toHaveProperty('thoughtSignature');
  });

  it('is counted as written where Google counts it apart', async () => {
    server.script(() => ({ reasoning: 'Hm.', text: 'Yes.', usage: { input: 10, output: 40 } }));
    const { usage, text } = await ask(modelsAgainst(server), MODELS.google);
    expect([text, usage.inputTokens, usage.outputTokens]).toEqual(['Yes.', 10, 40]);
  });

  it('does not keep another provider from going on', async () => {
    const models = modelsAgainst(server);
    for (const [from, to] of [
      [MODELS.anthropic, MODELS['openai-responses']],
      [MODELS['openai-responses'], MODELS.anthropic],
      [MODELS.anthropic, LOCAL_MODEL],
      [MODELS.anthropic, MODELS.google],
      [MODELS.google, MODELS['openai-responses']],
      [MODELS.google, MODELS.anthropic],
    ] as const) {
      server.script([{ reasoning: 'Hm.', toolCalls: [{ name: 'search', input: { query: 'x' } }] }, 'Done.']);
      const answer = stored(await ask(models, from, { tools: [SEARCH] }));
      const next = await ask(models, to, {
        messages: [userSays('Hello'), { role: 'assistant', content: answer.assistant }, toolResult(answer)],
        tools: [SEARCH],
      });
      expect(next.text).toBe('Done.');
      expect(lastRequest().messages.flatMap(({ toolCalls }) => toolCalls)).toEqual(answer.toolCalls);
    }
  });
});

function toolResult(answer: ModelAnswer): ModelMessage {
  const [call] = answer.toolCalls;
  return { role: 'tool', results: [{ callId: call?.id ?? '', name: 'search', output: 'found', isError: false }] };
}

describe('calls of tools that have no ids', () => {
  it('are told apart, and so are their results', async () => {
    const model = 'google/gemini-2.5-flash';
    const models = modelsAgainst(server);
    const query = (word: string) => ({ name: 'search', input: { query: word } });
    server.script([{ toolCalls: [query('x'), query('y')] }, 'Done.']);
    const answer = stored(await ask(models, model, { tools: [SEARCH] }));
    const ids = answer.toolCalls.map(({ id }) => id);
    expect(new Set(ids).size).toBe(2);
    const results = ids.map((callId) => ({ callId, name: 'search', output: callId, isError: false }));
    await ask(models, model, {
      messages: [userSays('Hello'), { role: 'assistant', content: answer.assistant }, { role: 'tool', results }],
      tools: [SEARCH],
    });
    const sent = lastRequest().messages;
    expect(sent.flatMap(({ toolCalls }) => toolCalls)).toEqual(answer.toolCalls);
    expect(sent.flatMap(({ toolResults }) => toolResults.map(({ callId }) => callId))).toEqual(ids);
  });
});

describe('a schema', () => {
  it('is asked for strictly where OpenAI takes it so, and loosely where not', async () => {
    const loose = { type: 'object', properties: { score: { type: 'number' }, note: { type: 'string' } } };
    for (const [output, strict] of [
      [SCORE, true],
      [loose, false],
    ] as const) {
      await ask(modelsAgainst(server), MODELS['openai-chat'], { output });
      expect(lastRequest().body).toMatchObject({ response_format: { type: 'json_schema', json_schema: { strict } } });
      await ask(modelsAgainst(server), MODELS['openai-responses'], { output });
      expect(lastRequest().body).toMatchObject({ text: { format: { type: 'json_schema', strict } } });
    }
  });

  it('is given to a server of unknown making in words too, and in words only where it is said to know no more', async () => {
    const local = { ...PLAIN_PROVIDER, api: 'openai-compatible' as const, baseUrl: server.url, keyEnv: 'LOCAL_KEY' };
    const models = modelsAgainst(server, {
      providers: { plain: { ...local, structuredOutput: 'none' }, json: { ...local, structuredOutput: 'json' } },
    });
    for (const [model, format] of [
      [LOCAL_MODEL, 'json_schema'],
      ['json/m', 'json_object'],
      ['plain/m', undefined],
    ] as const) {
      await ask(models, model, { output: SCORE });
      const body = lastRequest().body as { response_format?: { type: string } };
      expect([model, body.response_format?.type]).toEqual([model, format]);
      expect(lastRequest().system).toContain('"score"');
    }
  });

  it('is an input of a tool for a model of Anthropic that knows no formats', async () => {
    server.script(() => ({ json: { score: 7 } }));
    const answer = await ask(modelsAgainst(server), 'anthropic/claude-3-haiku-20240307', { output: SCORE });
    expect(answer).toMatchObject({ text: '{"score":7}', finish: 'stop', toolCalls: [] });
  });
});

describe('a setting of a provider', () => {
  it('is handed on by the name that the provider has in the configuration', async () => {
    const providers = {
      gateway: { ...PLAIN_PROVIDER, api: 'openai-chat' as const, baseUrl: server.url, keyEnv: 'OPENAI_API_KEY' },
    };
    await ask(modelsAgainst(server, { providers }), 'gateway/gpt-5', {
      settings: { providerOptions: { gateway: { reasoningEffort: 'low' } } },
    });
    expect(lastRequest().body).toMatchObject({ reasoning_effort: 'low' });
    await ask(modelsAgainst(server), LOCAL_MODEL, { settings: { providerOptions: { local: { top_k: 40 } } } });
    expect(lastRequest().body).toMatchObject({ top_k: 40 });
  });
});
