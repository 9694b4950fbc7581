import { afterEach, describe, expect, it } from 'vitest';
import { startModelServer } from '../../test/support/model-servers/model-server.js';
import { startToolServer } from '../../test/support/tool-servers/tool-server.mjs';
import { createErrand, type Errand, type ErrandOptions } from './create-errand.js';
import { defineWorkflow } from '../workflow/define-workflow.js';

const opened: Errand[] = [];

afterEach(async () => {
  for (const errand of opened.splice(0)) await errand.close({ graceMs: 0 });
});

async function open(options: ErrandOptions): Promise<Errand> {
  const errand = await createErrand(options);
  opened.push(errand);
  return errand;
}

const double = defineWorkflow({
  id: 'double',
  name: 'Double',
  description: 'Doubles a number.',
  input: { type: 'object', properties: { n: { type: 'number' } } },
  nodes: [{ id: 'a', kind: 'transform', with: { n: '{{ input.n * 2 }}' } }],
});

const adding = defineWorkflow({
  id: 'adding',
  name: 'Adding',
  description: 'Has a server add.',
  nodes: [{ id: 'a', kind: 'mcp', server: 'tools', tool: 'add', with: { a: '{{ input.a }}', b: 1 } }],
  result: '{{ nodes.a.output.structured.sum }}',
});

const asking = defineWorkflow({
  id: 'asking',
  name: 'Asking',
  description: 'Asks a model.',
  nodes: [{ id: 'a', kind: 'llm', prompt: 'Who are you?' }],
});

/** Runs until it is told to stop. */
const endless = defineWorkflow({
  id: 'endless',
  name: 'Endless',
  description: 'Waits for its signal.',
  nodes: [
    {
      id: 'a',
      kind: 'code',
      run: async ({ signal }) => {
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      },
    },
  ],
});

describe('runWorkflow', () => {
  it('runs what it was given, though the caller changes the object at once', async () => {
    const errand = await open({ workflows: [double] });
    const input = { n: 2 };
    const starting = errand.runWorkflow('double', input);
    input.n = 100;
    const run = await errand.waitForRun((await starting).id);
    expect(run).toMatchObject({ status: 'completed', output: { n: 4 } });
  });

  it.each([{ n: Number.NaN }, { n: 1n }, { n: () => 1 }, { n: cycle() }])(
    'refuses the input %o, which JSON cannot carry',
    async (input) => {
      const errand = await open({ workflows: [double] });
      await expect(errand.runWorkflow('double', input as never)).rejects.toMatchObject({ code: 'invalid_input' });
      expect((await errand.listRuns()).total).toBe(0);
    },
  );

  it('refuses options that are no texts', async () => {
    const errand = await open({ workflows: [double] });
    for (const options of [{ idempotencyKey: 5 }, { instruction: 5 }, { organization: {} }]) {
      const started = errand.runWorkflow('double', { n: 1 }, options as never);
      await expect(started).rejects.toMatchObject({ code: 'invalid_input' });
    }
  });
});

describe('a handler', () => {
  it('is told when the message of its progress is no text', async () => {
    const careless = defineWorkflow({
      id: 'careless',
      name: 'Careless',
      description: 'Reports a number as its message.',
      nodes: [{ id: 'a', kind: 'code', run: ({ progress }) => progress(10, 12 as never) }],
    });
    const errand = await open({ workflows: [careless] });
    const run = await errand.waitForRun((await errand.runWorkflow('careless')).id);
    expect(run.error?.message).toBe('progress() takes a text as its message, not number');
  });
});

describe('close', () => {
  it('ends waits for runs that are left to be resumed', async () => {
    const errand = await open({ workflows: [endless] });
    const { id } = await errand.runWorkflow('endless');
    const waits = [errand.waitForRun(id), errand.waitForRun(id, { timeoutMs: 3_600_000 })];
    const ended = Promise.allSettled(waits);
    await errand.close({ graceMs: 0 });
    for (const wait of await ended) {
      expect(wait).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } });
    }
  });

  it('ends the cancelling of a run that was still queued', async () => {
    const errand = await open({ workflows: [endless], maxActiveRuns: 1 });
    await errand.runWorkflow('endless');
    const queued = await errand.runWorkflow('endless');
    const closing = errand.close({ graceMs: 50 });
    await expect(errand.cancelRun(queued.id)).rejects.toMatchObject({ code: 'unavailable' });
    await closing;
  });
});

describe('createErrand', () => {
  it('lets nodes call the tools of the MCP servers that it is given', async () => {
    const server = await startToolServer();
    const errand = await open({ mcpServers: { tools: { url: server.url } }, workflows: [adding] });
    const { id } = await errand.runWorkflow('adding', { a: 1 });
    expect(await errand.waitForRun(id)).toMatchObject({ output: 2 });
    await errand.close();
    await server.close();
    await expect(open({ mcpServers: { tool: { url: server.url } }, workflows: [adding] })).rejects.toMatchObject({
      code: 'invalid_definition',
      message: expect.stringContaining('there is no MCP server with this name; did you mean "tool"?') as string,
    });
    await expect(open({ mcpServers: { tools: {} } })).rejects.toMatchObject({ code: 'invalid_input' });
  });

  it.each([
    { data: '' },
    { data: 5 },
    { workflows: {} },
    { workflows: [{ id: 'x' }] },
    { workflows: [null] },
    { maxActiveRuns: 0 },
    { maxActiveRuns: Number.NaN },
    { monthlyCredits: -1 },
  ])('refuses %j', async (options) => {
    await expect(createErrand(options as never)).rejects.toMatchObject({ code: 'invalid_input' });
  });
});

function cycle(): unknown {
  const value: { self?: unknown } = {};
  value.self = value;
  return value;
}

describe('models', () => {
  it('are asked with the keys that there are, and what they used is told', async () => {
    const server = await startModelServer({ key: 'sk-own-0123456789' });
    server.script(() => ({ text: 'Ada', usage: { input: 1_000, output: 100 } }));
    const errand = await open({
      workflows: [asking],
      models: {
        default: ['house/small'],
        providers: { house: { api: 'openai-compatible', base_url: server.url, key_env: 'HOUSE_KEY' } },
        prices: { 'house/small': { input: 1, output: 10 } },
        env: {},
        content: 'drop',
        secretKey: '7'.repeat(64),
      },
    });
    await expect(errand.runWorkflow('asking')).rejects.toMatchObject({
      code: 'not_configured',
      message: expect.stringContaining('set HOUSE_KEY'),
    });
    await errand.setModelKey('house', 'sk-own-0123456789');
    const run = await errand.waitForRun((await errand.runWorkflow('asking')).id);
    expect(run).toMatchObject({ status: 'completed', output: 'Ada' });
    expect((await errand.getUsage()).total).toMatchObject({ calls: 1, inputTokens: 1_000, costMicros: 2_000 });
    expect((await errand.getUsage({ month: '2001-01' })).models).toEqual([]);
    await errand.setModelKey('house', null);
    await expect(errand.runWorkflow('asking')).rejects.toMatchObject({ code: 'not_configured' });
    await server.close();
  });

  it.each([
    [{ providers: { House: {} } }, /^models\.providers/],
    [{ content: 'burn' }, /^models\.content must be one of keep, redact, drop/],
    [{ files: 'inside' }, /^models\.files must be one of public, any/],
    [{ secretKey: 'short' }, /^models\.secretKey must be 32 bytes/],
  ])('are refused when they are declared as %j', async (models, message) => {
    await expect(createErrand({ models: models as never })).rejects.toMatchObject({
      code: 'invalid_input',
      message: expect.stringMatching(message),
    });
  });
});
