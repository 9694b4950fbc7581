import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { ApiModels, ApiMonthUsage, ApiWorkflow } from '../../src/api/api-types.js';

setUp();
import {
  ENV_KEY,
  MODELS,
  folder,
  models,
  server,
  signWith,
  start,
  call,
  tool,
  run,
  setKey,
  eventsOf,
  setUp,
} from './models-under-test.js';

describe('a workflow whose model is not configured', () => {
  const REASON = expect.stringContaining('set HOUSE_KEY');

  it('is listed as such, everywhere', async () => {
    await start();
    const { workflows } = (await call('GET', '/workflows')).body as { workflows: ApiWorkflow[] };
    expect(workflows.map(({ id, ready }) => [id, ready])).toEqual([
      ['ask', false],
      ['clerk', false],
      ['parent', false],
      ['plain', true],
      ['sealed', true],
    ]);
    expect((await call('GET', '/workflows/ask')).body).toMatchObject({ ready: false, not_ready_because: REASON });
    const native = await tool('/mcp', 'get_workflow', { workflow_id: 'ask' });
    expect(native.text).toContain('It cannot be started yet: The provider "house" has no key: set HOUSE_KEY');
    expect((await tool('/mcp', 'list_workflows', {})).text).toContain('(Cannot be started yet: ');
    for (const mount of ['/mcp/workflows/', '/api/mcp-app']) {
      expect((await tool(mount, 'list_workflows', {})).text).toContain(
        'Asks a model. It cannot be started yet: The provider',
      );
    }
  });

  it('is refused at once by whatever way it is started, and costs nothing', async () => {
    await start();
    expect(await call('POST', '/runs', { workflow_id: 'ask' })).toMatchObject({
      status: 409,
      body: {
        error: { code: 'not_configured', message: expect.stringMatching(/^Ask cannot be started yet\. .*HOUSE_KEY/) },
      },
    });
    expect(await call('POST', '/runs', { workflow_id: 'parent' })).toMatchObject({ status: 409 });
    const answers = [
      await tool('/mcp', 'run_workflow', { workflow_id: 'ask' }),
      await tool('/mcp', 'ask', {}),
      await tool('/mcp/workflows/', 'run_workflow', { workflow_id: 'agent_ask', input_data: {} }),
      await tool('/api/mcp-app', 'run_workflow', { workflowId: 'ask', configuration: {} }),
    ];
    for (const { isError, text } of answers) {
      expect(text).toContain('HOUSE_KEY');
      expect(isError).toBe(true);
    }
    expect(answers[2]?.text).toContain('execution_error');
    expect((await call('GET', '/runs')).body).toMatchObject({ total: 0 });
    expect((await call('GET', '/credits/movements')).body).toEqual({ movements: [] });
  });

  it('cannot be run anew either, once its key is gone', async () => {
    await start();
    await setKey();
    const { run_id: id, status } = await run('ask', { question: 'Who?' });
    expect(status).toBe('completed');
    expect((await call('DELETE', '/model-credentials/house')).status).toBe(204);
    expect(await call('POST', `/runs/${id}/rerun`, {})).toMatchObject({
      status: 409,
      body: { error: { code: 'not_configured' } },
    });
  });

  it('can be started as soon as models.yaml says what is lacking', async () => {
    writeFileSync(join(folder, 'workflows', 'models.yaml'), 'providers: {}\n');
    await start({ environment: { HOUSE_KEY: ENV_KEY } });
    expect((await call('GET', '/workflows/ask')).body).toMatchObject({
      not_ready_because: expect.stringContaining('There is no model "quick"'),
    });
    writeFileSync(join(folder, 'workflows', 'models.yaml'), MODELS(models.url));
    await vi.waitFor(async () => expect(((await call('GET', '/workflows/ask')).body as ApiWorkflow).ready).toBe(true), {
      timeout: 20_000,
      interval: 50,
    });
    expect((await run('ask', { question: 'Who?' })).status).toBe('completed');
  });
});

describe('what models use', () => {
  it('is told of the node, the run, the call and the organization', async () => {
    await start({ environment: { HOUSE_KEY: ENV_KEY } });
    models.script(() => ({ text: 'Ada', usage: { input: 1_000, output: 100 } }));
    const runs = [await run('ask', { question: 'Who?' }), await run('ask', { question: 'Who?' })];
    const used = { calls: 1, input_tokens: 1_000, output_tokens: 100, cost_usd: 0.002, unpriced_calls: 0 };
    for (const each of runs) {
      expect(each.usage).toMatchObject(used);
      expect(each.nodes.map(({ usage }) => usage)).toMatchObject([used, null]);
      const step = (await eventsOf(each)).find(({ kind }) => kind === 'step.completed');
      expect(step?.data['usage']).toMatchObject({ model: 'house/small', ...used });
      const native = await tool('/mcp', 'get_run_status', { run_id: each.run_id, detail: 'full' });
      expect(native.structuredContent).toMatchObject({ usage: used, nodes: [{ usage: used }, {}] });
    }
    const month = (await call('GET', '/usage')).body as ApiMonthUsage;
    expect(month.total).toMatchObject({ calls: 2, input_tokens: 2_000, output_tokens: 200, cost_usd: 0.004 });
    expect(month.models).toMatchObject([{ model: 'house/small', calls: 2 }]);
    expect((await call('GET', '/usage?month=2001-01')).body as ApiMonthUsage).toMatchObject({
      models: [],
      total: { calls: 0 },
    });
    expect((await call('GET', '/usage?month=2001-13')).status).toBe(400);
    await server.close();
    await start();
    expect((await call('GET', '/usage')).body).toEqual(month);
  });

  it('counts of calls that failed, where the provider told it', async () => {
    await start({ environment: { HOUSE_KEY: ENV_KEY } });
    models.script([
      { refusal: 'No.', usage: { input: 1_000, output: 100 } },
      { kind: 'error', status: 500 },
      { text: 'Ada', usage: { input: 10, output: 1 } },
    ]);
    const runs = [];
    for (let index = 0; index < 3; index += 1) runs.push(await run('ask', { question: 'Who?' }));
    expect(runs.map(({ status }) => status)).toEqual(['failed', 'failed', 'completed']);
    const used = { calls: 1, input_tokens: 1_000, output_tokens: 100, cost_usd: 0.002 };
    expect(runs.map(({ usage }) => usage)).toMatchObject([used, null, { calls: 1, input_tokens: 10 }]);
    const [refused] = runs;
    if (refused === undefined) throw new Error('no run');
    const told = (await eventsOf(refused)).filter(({ kind }) => kind === 'node.usage');
    expect(told).toMatchObject([{ node_id: 'answer', data: { usage: { model: 'house/small', ...used } } }]);
    const month = (await call('GET', '/usage')).body as ApiMonthUsage;
    expect(month.total).toMatchObject({ calls: 2, input_tokens: 1_010, output_tokens: 101 });
  });

  it('is asked of a model by a test, which is counted', async () => {
    await start({ environment: { HOUSE_KEY: ENV_KEY }, defaultModel: 'house/small' });
    expect((await call('POST', '/models/test', {})).body).toMatchObject({ ok: true, model: 'house/small' });
    models.script([{ kind: 'error', status: 401, message: 'no such key' }]);
    expect((await call('POST', '/models/test', { model: 'quick' })).body).toMatchObject({
      ok: false,
      kind: 'model_unauthorized',
    });
    expect((await call('POST', '/models/test', { model: 'nobody/x' })).body).toMatchObject({
      ok: false,
      kind: 'model_not_configured',
    });
    models.script([{ refusal: 'No.', usage: { input: 1_000, output: 100 } }]);
    expect((await call('POST', '/models/test', { model: 'quick' })).body).toMatchObject({ ok: false });
    const { total } = (await call('GET', '/usage')).body as ApiMonthUsage;
    expect(total.calls).toBe(2);
    expect(total.input_tokens).toBeGreaterThan(1_000);
  });
});

describe('an organization that does not run the server', () => {
  const tenant = async (): Promise<void> => {
    await start({ environment: { HOUSE_KEY: `${ENV_KEY}\n` }, defaultModel: 'house/small' });
    await call('POST', '/organizations', { slug: 'tenant', monthly_credits: 0 });
    const made = await call('POST', '/keys', { name: 't', scopes: ['run', 'manage'], organization: 'tenant' });
    signWith((made.body as { key: string }).key);
  };
  const test = (model?: string): ReturnType<typeof call> =>
    call('POST', '/models/test', model === undefined ? {} : { model });

  it('tests what is offered to it, a few times a minute, and what it has a key of its own for', async () => {
    await tenant();
    expect(await test()).toMatchObject({ status: 200, body: { ok: true } });
    expect(await test('house/small')).toMatchObject({ status: 200, body: { ok: true } });
    expect(await test('house/any-other')).toMatchObject({ status: 403, body: { error: { code: 'forbidden' } } });
    expect(await test('openai/o3-pro')).toMatchObject({ status: 403 });
    expect(models.requests).toHaveLength(2);
    expect((await call('GET', '/usage')).body).toMatchObject({ total: { calls: 2 } });
    await setKey();
    expect(await test('house/any-other')).toMatchObject({ status: 200, body: { ok: true } });
    await test();
    await test();
    expect(await test()).toMatchObject({ status: 429, body: { error: { code: 'rate_limited' } } });
    expect(models.requests).toHaveLength(5);
  });

  it('closes no model for others with its tests', async () => {
    await tenant();
    let asked = 0;
    models.script(() => {
      asked += 1;
      return asked === 1 ? { kind: 'error', status: 429, headers: { 'retry-after': '3600' } } : { text: 'ok' };
    });
    expect(await test()).toMatchObject({ body: { ok: false, kind: 'model_rate_limited' } });
    expect(await test()).toMatchObject({ body: { ok: true } });
  });

  it('is told neither addresses of providers nor names of variables', async () => {
    await tenant();
    const { body, text } = await call('GET', '/models');
    expect(text).not.toContain('HOUSE_KEY');
    expect(text).not.toContain('OPENAI_API_KEY');
    expect(text).not.toContain(models.url);
    const { providers } = body as ApiModels;
    const by = (name: string): object | undefined => providers.find((provider) => provider.name === name);
    expect(by('house')).toMatchObject({ usable: true, key: 'environment' });
    expect(by('openai')).toMatchObject({
      usable: false,
      lacking: 'The provider "openai" has no key: give the organization a credential for "openai"',
    });
  });
});
