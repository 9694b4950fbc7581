import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { dynamicTool, generateText, jsonSchema, type LanguageModel } from 'ai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type ModelServer, startModelServer } from './model-server.js';

let server: ModelServer;
let models: { readonly [api: string]: LanguageModel };

beforeAll(async () => {
  server = await startModelServer({ key: 'k' });
  const openai = createOpenAI({ baseURL: server.url, apiKey: 'k' });
  models = {
    'openai-chat': openai.chat('gpt-4o'),
    'openai-responses': openai.responses('gpt-4o'),
    anthropic: createAnthropic({ baseURL: server.url, apiKey: 'k' })('claude-sonnet-4-5'),
    google: createGoogleGenerativeAI({ baseURL: server.url, apiKey: 'k' })('gemini-3-flash'),
  };
});

beforeEach(() => server.script(() => 'ok'));

afterAll(() => server.close());

function modelOf(api: string): LanguageModel {
  const model = models[api];
  if (model === undefined) throw new Error(`no model for ${api}`);
  return model;
}

describe.each(['openai-chat', 'openai-responses', 'anthropic', 'google'])('the model server, asked over %s', (api) => {
  it('answers whole as well as in streams', async () => {
    server.script(() => ({ text: 'Hello there', usage: { input: 50, cached: 20, output: 7 } }));
    const { text, usage, finishReason } = await generateText({ model: modelOf(api), prompt: 'Hi', maxRetries: 0 });
    expect([text, finishReason]).toEqual(['Hello there', 'stop']);
    expect(usage).toMatchObject({ inputTokens: 50, cachedInputTokens: 20, outputTokens: 7 });
    expect(server.requests.at(-1)).toMatchObject({ api, stream: false, messages: [{ role: 'user', text: 'Hi' }] });
    expect(await server.requests.at(-1)?.ended).toBe('answered');
  });

  it('calls tools, whole', async () => {
    server.script(() => ({ toolCalls: [{ id: 'call_x', name: 'look', input: { at: 'this' } }] }));
    const look = dynamicTool({
      description: 'Looks.',
      inputSchema: jsonSchema({ type: 'object' }),
      execute: () => null,
    });
    const { toolCalls, finishReason } = await generateText({
      model: modelOf(api),
      prompt: 'Hi',
      tools: { look },
      maxRetries: 0,
    });
    expect(finishReason).toBe('tool-calls');
    expect(toolCalls).toMatchObject([{ toolCallId: 'call_x', toolName: 'look', input: { at: 'this' } }]);
  });

  it.each([
    [{ kind: 'malformed', what: 'json' }, /Invalid JSON/],
    [{ kind: 'malformed', what: 'empty' }, /./],
    [{ text: 'hello', cut: 'middle' }, /./],
    [{ kind: 'error', status: 529, message: 'busy' }, /busy/],
  ] as const)('goes wrong as it is told: %j', async (answer, message) => {
    server.script([answer]);
    await expect(generateText({ model: modelOf(api), prompt: 'Hi', maxRetries: 0 })).rejects.toThrow(message);
  });

  it('asks for its key, and says what it has no answer to', async () => {
    server.script([]);
    await expect(generateText({ model: modelOf(api), prompt: 'Hi', maxRetries: 0 })).rejects.toThrow(
      'the script has no answer to this request',
    );
    const path = {
      'openai-chat': 'chat/completions',
      'openai-responses': 'responses',
      anthropic: 'messages',
      google: 'models/x:generateContent',
    }[api];
    const refused = await fetch(`${server.url}/${path}`, { method: 'POST', body: '{"model":"x"}' });
    expect(refused.status).toBe(401);
  });
});

describe('the model server on its own', () => {
  it('is started from the command line', async () => {
    const main = fileURLToPath(new URL('./main.mjs', import.meta.url));
    const child = spawn(process.execPath, [main, '--text', 'from afar'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(child, 'exit');
    try {
      const [url] = (await once(createInterface(child.stdout), 'line')) as [string];
      const openai = createOpenAI({ baseURL: url, apiKey: 'any' });
      const { text } = await generateText({ model: openai.chat('any'), prompt: 'Hi', maxRetries: 0 });
      expect(text).toBe('from afar');
    } finally {
      child.kill();
      await exited;
    }
  });
});
