import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { ask, MODELS, modelsAgainst, userSays } from '../../test/support/model-servers/models-against.js';
import type { ModelMessage } from '../core/models/models.js';

setUp();
import {
  server,
  ALL,
  SEARCH,
  SCORE,
  REQUIRED,
  stored,
  lastRequest,
  setUp,
} from '../../test/support/model-servers/answers-under-test.js';

describe.each(ALL)('%s', (model) => {
  it('answers with text, told as it comes in, and with what it used', async () => {
    server.script(() => ({ text: 'Grüße, 世界 👋!', pieces: 5, usage: { input: 1_200, cached: 1_000, output: 30 } }));
    const heard: [string, number][] = [];
    const answer = await ask(modelsAgainst(server), model, {}, { onText: (...delta) => heard.push(delta) });
    expect(answer).toMatchObject({ model, text: 'Grüße, 世界 👋!', toolCalls: [], finish: 'stop' });
    expect(answer.usage).toMatchObject({ calls: 1, inputTokens: 1_200, cachedInputTokens: 1_000, outputTokens: 30 });
    expect(heard.length).toBeGreaterThan(1);
    expect(heard.map(([delta]) => delta).join('')).toBe(answer.text);
    let length = 0;
    for (const [delta, offset] of heard) {
      expect(offset).toBe(length);
      length += delta.length;
    }
  });

  it('is sent the system text, the messages and the settings', async () => {
    await ask(modelsAgainst(server), model, {
      system: 'You are brief.',
      messages: [userSays('Hello'), { role: 'assistant', content: 'Hi' }, userSays('And?')],
      settings: { maxOutputTokens: 77 },
    });
    expect(lastRequest()).toMatchObject({ system: 'You are brief.', stream: true, model: model.split('/')[1] });
    expect(lastRequest().messages.map(({ role, text }) => [role, text])).toEqual([
      ['user', 'Hello'],
      ['assistant', 'Hi'],
      ['user', 'And?'],
    ]);
    expect(JSON.stringify(lastRequest().body)).toContain('77');
  });

  it('calls several tools at once, and goes on from their results after its answer was stored', async () => {
    const models = modelsAgainst(server);
    const messages: ModelMessage[] = [userSays('Compare the two')];
    server.script([
      {
        text: 'I will look.',
        toolCalls: [
          { name: 'search', input: { query: 'one' } },
          { name: 'search', input: { query: 'two' } },
        ],
      },
      { toolCalls: [{ name: 'search', input: { query: 'three' } }] },
      'One is better.',
    ]);
    const first = stored(await ask(models, model, { messages, tools: [SEARCH] }));
    expect(first.finish).toBe('tool_calls');
    expect(first.text).toBe('I will look.');
    expect(first.toolCalls.map(({ name, input }) => [name, input])).toEqual([
      ['search', { query: 'one' }],
      ['search', { query: 'two' }],
    ]);
    const [one, two] = first.toolCalls;
    messages.push(
      { role: 'assistant', content: first.assistant },
      {
        role: 'tool',
        results: [
          { callId: one?.id ?? '', name: 'search', output: { found: 1 }, isError: false },
          { callId: two?.id ?? '', name: 'search', output: 'the search is down', isError: true },
        ],
      },
    );
    const second = stored(await ask(models, model, { messages, tools: [SEARCH] }));
    const sent = lastRequest();
    expect(sent.tools).toMatchObject([{ name: 'search', description: 'Searches the web.' }]);
    expect(sent.messages.flatMap(({ toolCalls }) => toolCalls)).toEqual(first.toolCalls);
    const results = sent.messages.flatMap(({ toolResults }) => toolResults);
    expect(results).toEqual([
      { callId: one?.id, output: '{"found":1}' },
      { callId: two?.id, output: 'the search is down' },
    ]);
    const [third] = second.toolCalls;
    messages.push(
      { role: 'assistant', content: second.assistant },
      { role: 'tool', results: [{ callId: third?.id ?? '', name: 'search', output: [], isError: false }] },
    );
    const last = await ask(models, model, { messages, tools: [SEARCH] });
    expect(last).toMatchObject({ text: 'One is better.', finish: 'stop', toolCalls: [] });
    expect(lastRequest().messages.flatMap(({ toolCalls }) => toolCalls)).toHaveLength(3);
  });

  it('is asked to call some tool', async () => {
    server.script(() => ({ toolCalls: [{ name: 'search', input: {} }] }));
    const answer = await ask(modelsAgainst(server), model, { tools: [SEARCH], toolChoice: 'required' });
    expect(lastRequest().toolChoice).toBe(REQUIRED[model] ?? 'required');
    expect(answer.toolCalls).toMatchObject([{ name: 'search', input: {} }]);
  });

  it('is asked on after an answer in which nothing stood', async () => {
    server.script(['', 'Here.']);
    const models = modelsAgainst(server);
    const { assistant, text } = stored(await ask(models, model));
    expect(text).toBe('');
    const messages: ModelMessage[] = [userSays('Hello'), { role: 'assistant', content: assistant }, userSays('So?')];
    expect((await ask(models, model, { messages })).text).toBe('Here.');
  });

  it('says when it was cut off by its length', async () => {
    server.script(() => ({ text: 'Once upon a', finish: 'length' }));
    expect(await ask(modelsAgainst(server), model)).toMatchObject({ text: 'Once upon a', finish: 'length' });
  });

  it('is given the schema of its answer, and gives it as text', async () => {
    server.script(() => ({ json: { score: 7 } }));
    const answer = await ask(modelsAgainst(server), model, { output: SCORE });
    expect(answer).toMatchObject({ text: '{"score":7}', finish: 'stop', toolCalls: [] });
    expect(lastRequest().schema).toMatchObject({ properties: { score: { type: 'number' } } });
  });

  it('is told in words of a schema that is no object', async () => {
    server.script(() => ({ json: [1, 2] }));
    const answer = await ask(modelsAgainst(server), model, {
      system: 'Count.',
      output: { type: 'array', items: { type: 'number' } },
    });
    expect(answer.text).toBe('[1,2]');
    expect(lastRequest().schema).toBeNull();
    expect(lastRequest().system).toMatch(/^Count\.\n\nAnswer with JSON that fits this JSON Schema.*"array"/s);
  });

  it('reads images, as bytes and from an address', async () => {
    const files = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'image/png' }).end('PNG');
    });
    await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(files.address() as AddressInfo).port}/picture.png`;
    const data = Buffer.from('PNG').toString('base64');
    await ask(modelsAgainst(server, { filesFrom: 'any' }), model, {
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Which is better?' },
            { type: 'file', mediaType: 'image/png', data },
            { type: 'file', mediaType: 'image/png', url },
            { type: 'file', mediaType: 'image/png', url: `data:image/png;base64,${data}` },
          ],
        },
      ],
    });
    await new Promise((resolve) => files.close(resolve));
    const inline = `data:image/png;base64,${data}`;
    // Those that cannot fetch it themselves are sent the bytes.
    const fetched = [`data:image/png;base64,${data}`, url];
    const sent = lastRequest().messages.flatMap((message) => message.files);
    expect(sent).toHaveLength(3);
    expect([sent[0], sent[2]]).toEqual([inline, inline]);
    expect(fetched).toContain(sent[1]);
  });

  it('refuses a file that is not there', async () => {
    const files = createServer((_, response) => void response.writeHead(404).end());
    await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(files.address() as AddressInfo).port}/gone.bin`;
    const content = [{ type: 'file' as const, mediaType: 'application/x-unknown', url: `${url}?token=secret` }];
    const models = modelsAgainst(server, { filesFrom: 'any' });
    await expect(ask(models, model, { messages: [{ role: 'user', content }] })).rejects.toMatchObject({
      kind: 'model_bad_request',
      retryable: false,
      message: `the file ${url} cannot be sent: fetching it answered 404`,
    });
    await new Promise((resolve) => files.close(resolve));
  });

  it('is sent no file of an internal address unless that is allowed', async () => {
    let asked = 0;
    const files = createServer((_, response) => {
      asked += 1;
      response.end('inside');
    });
    await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve));
    const { port } = files.address() as AddressInfo;
    const messages = (host: string): ModelMessage[] => [
      {
        role: 'user',
        content: [{ type: 'file', mediaType: 'application/x-unknown', url: `http://${host}:${port}/secret` }],
      },
    ];
    for (const host of ['127.0.0.1', '0.0.0.0', '2130706433', '[::ffff:127.0.0.1]', 'localhost']) {
      await expect(ask(modelsAgainst(server), model, { messages: messages(host) })).rejects.toMatchObject({
        kind: 'model_bad_request',
        retryable: false,
        message: expect.stringMatching(/internal address, and files come from there only with ERRAND_MODEL_FILES=any$/),
      });
    }
    expect(asked).toBe(0);
    await new Promise((resolve) => files.close(resolve));
  });

  it('answers 200 callers at once, each with its own text', async () => {
    server.script(async ({ messages }) => ({ text: `You said ${messages.at(-1)?.text ?? ''}`, pieces: 4, dripMs: 1 }));
    const models = modelsAgainst(server);
    const answers = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        let streamed = '';
        const answer = await ask(
          models,
          model,
          { messages: [userSays(`number ${index}`)] },
          { onText: (delta) => (streamed += delta) },
        );
        return [answer.text, streamed];
      }),
    );
    const expected = answers.map((_, index) => `You said number ${index}`);
    expect(answers).toEqual(expected.map((text) => [text, text]));
  }, 120_000);
});

describe.each(ALL.filter((model) => model !== MODELS.google))('%s, whose arguments are text,', (model) => {
  it('shows the arguments of a call that are no JSON, and can be told so', async () => {
    server.script([{ toolCalls: [{ name: 'search', input: '{"query": "sho' }] }, 'Sorry.']);
    const models = modelsAgainst(server);
    const messages = [userSays('Look')];
    const answer = stored(await ask(models, model, { messages, tools: [SEARCH] }));
    expect(answer.toolCalls).toMatchObject([{ name: 'search', input: '{"query": "sho' }]);
    const callId = answer.toolCalls[0]?.id ?? '';
    const next = await ask(models, model, {
      messages: [
        ...messages,
        { role: 'assistant', content: answer.assistant },
        { role: 'tool', results: [{ callId, name: 'search', output: 'no JSON', isError: true }] },
      ],
      tools: [SEARCH],
    });
    expect(next.text).toBe('Sorry.');
    expect(lastRequest().messages.flatMap(({ toolCalls }) => toolCalls)).toEqual([
      { id: callId, name: 'search', input: {} },
    ]);
  });
});
