import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Config } from '../src/app/config/config.js';
import { examine } from '../src/app/assembly/data-folder.js';
import type { ApiEvent, ApiModels, ApiMonthUsage, ApiRun, ApiWorkflow } from '../src/api/api-types.js';
import type { RunningServer } from '../src/app/running-server.js';
import { startServer } from '../src/app/server.js';
import { runCommand } from './run-command.js';
import { type ModelServer, startModelServer } from './model-servers/model-server.js';

const OWN_KEY = 'sk-own-0123456789-abcdefghij';
const ENV_KEY = 'sk-env-0123456789-abcdefghij';
const SECRET = 'grandmother-keeps-the-cellar-key-under-the-blue-flowerpot';

const MODELS = (url: string) => `
providers:
  house: { api: openai-compatible, base_url: ${url}, key_env: HOUSE_KEY }
aliases:
  quick: house/small
prices:
  house/small: { input: 1, output: 10 }
`;

const WORKFLOWS: { readonly [file: string]: string } = {
  'ask.yaml': `
id: ask
name: Ask
description: Asks a model.
credits: 5
input: { type: object, properties: { question: { type: string } } }
nodes:
  - id: answer
    kind: llm
    model: quick
    prompt: "{{ input.question }}"
  - id: count
    kind: transform
    needs: [answer]
    with: { length: "{{ $length(nodes.answer.output) }}" }
result: "{{ nodes.count.output }}"
`,
  'parent.yaml': `
id: parent
name: Parent
description: Has another workflow ask.
nodes:
  - { id: child, kind: workflow, workflow: ask, with: { question: hello } }
`,
  'plain.yaml': `
id: plain
name: Plain
description: Asks nobody.
nodes:
  - { id: a, kind: transform, with: { done: true } }
`,
  'sealed.yaml': `
id: sealed
name: Sealed
description: Asks a model twice, then fails while a test says so.
nodes:
  - { id: talk, kind: code, uses: ./talk.mjs }
`,
  'clerk.yaml': `
id: clerk
name: Clerk
description: Has an agent ask, look and phone.
nodes:
  - id: clerk
    kind: agent
    model: house/small
    goal: Find it.
    tools:
      - { name: look, description: Looks., input: { type: object }, code: ./look.mjs }
      - { name: phone, description: Phones., input: { type: object }, code: "./look.mjs#phone" }
      - workflow: plain
`,
  'look.mjs': `
const secret = ${JSON.stringify(SECRET.split('-'))};
export default async function look({ input, step, progress }) {
  progress(0, 'looks');
  const inside = await step('inside', () => secret.join('-'));
  return { found: inside, asked: input };
}
export function phone() {
  throw new Error('nobody answers: ' + secret.join('-'));
}
`,
  // The words stand in no file as they are said.
  'talk.mjs': `
export default async function talk({ generate }) {
  const words = ${JSON.stringify(SECRET.split('-'))};
  const { text } = await generate({ model: 'house/small', prompt: 'Tell: ' + words.join('-') });
  await generate({ model: 'house/small', prompt: 'Thank you.' });
  if (globalThis.errandTestFails === true) throw new Error('not this time');
  return { length: text.length };
}
`,
};

let folder = '';
let models: ModelServer;
let server: RunningServer;
let key = '';

async function start(settings: Partial<Config> = {}): Promise<void> {
  server = await startServer({
    port: 0,
    logLevel: 'silent',
    dataDir: join(folder, 'data'),
    workflowsDir: join(folder, 'workflows'),
    ...settings,
  });
  key = server.firstKey ?? key;
}

async function call(
  method: string,
  path: string,
  body?: object,
): Promise<{ status: number; body: unknown; text: string }> {
  const response = await fetch(`${server.url}/api/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? null : JSON.parse(text)) as unknown, text };
}

async function tool(
  mount: string,
  name: string,
  args: object,
): Promise<{ isError?: boolean; structuredContent?: object; text: string }> {
  const response = await fetch(`${server.url}${mount}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } }),
  });
  const text = await response.text();
  const json = text.startsWith('event:') || text.startsWith('data:') ? text.slice(text.indexOf('{')) : text;
  const { result, error } = JSON.parse(json) as {
    result: { isError?: boolean; structuredContent?: object; content: { text: string }[] };
    error?: { message: string };
  };
  if (error !== undefined) return { isError: true, text: error.message };
  return { ...result, text: result.content.map((block) => block.text).join('\n') };
}

const run = async (workflowId: string, input: object = {}): Promise<ApiRun> =>
  (await call('POST', '/runs', { workflow_id: workflowId, input, wait_seconds: 25 })).body as ApiRun;
const setKey = () => call('PUT', '/model-credentials/house', { key: OWN_KEY });
const eventsOf = async ({ run_id: id }: ApiRun): Promise<readonly ApiEvent[]> =>
  ((await call('GET', `/runs/${id}/events?limit=1000`)).body as { events: ApiEvent[] }).events;

/** Whether any file of the data folder holds the text. */
function dataHolds(text: string): boolean {
  const data = join(folder, 'data');
  return readdirSync(data, { recursive: true, encoding: 'utf8' }).some((name) => {
    const file = join(data, name);
    return statSync(file).isFile() && readFileSync(file).includes(text);
  });
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'errand-models-'));
  models = await startModelServer();
  mkdirSync(join(folder, 'workflows'));
  for (const [file, text] of Object.entries(WORKFLOWS)) writeFileSync(join(folder, 'workflows', file), text);
  writeFileSync(join(folder, 'workflows', 'models.yaml'), MODELS(models.url));
});

afterEach(async () => {
  await server.close();
  await models.close();
  rmSync(folder, { recursive: true, force: true });
});

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

describe("an organization's key", () => {
  it("is used in the place of the environment's, and never shown or kept readable", async () => {
    await start({ environment: { HOUSE_KEY: ENV_KEY } });
    await run('ask', { question: 'Who?' });
    const set = await setKey();
    expect(set).toMatchObject({ status: 200, body: { provider: 'house', hint: 'ghij' } });
    await run('ask', { question: 'Who?' });
    expect(models.requests.map(({ headers }) => headers['authorization'])).toEqual([
      `Bearer ${ENV_KEY}`,
      `Bearer ${OWN_KEY}`,
    ]);
    const listed = await call('GET', '/model-credentials');
    expect(listed.body).toMatchObject({ credentials: [{ provider: 'house', hint: 'ghij' }] });
    const told = ((await call('GET', '/models')).body as ApiModels).providers.find(({ name }) => name === 'house');
    expect(told).toMatchObject({ key: 'organization', usable: true, key_env: 'HOUSE_KEY' });
    for (const { text } of [set, listed, await call('GET', '/models')]) expect(text).not.toContain(OWN_KEY);
    expect(dataHolds(OWN_KEY)).toBe(false);
    await server.close();
    expect(dataHolds(OWN_KEY)).toBe(false);
    await start();
    expect((await run('ask', { question: 'Who?' })).status).toBe('completed');
  });

  it('is refused for a provider that is not there, and when it is none', async () => {
    await start();
    expect(await call('PUT', '/model-credentials/nobody', { key: OWN_KEY })).toMatchObject({
      status: 404,
      body: { error: { message: expect.stringContaining('there are openai, anthropic') } },
    });
    for (const bad of ['', 'short', 'has blanks in it', 'x'.repeat(10_001)]) {
      expect((await call('PUT', '/model-credentials/house', { key: bad })).status).toBe(400);
    }
    expect((await call('DELETE', '/model-credentials/house')).status).toBe(404);
  });

  it('needs a key with the scope manage', async () => {
    await start();
    const made = await call('POST', '/keys', { name: 'plain', scopes: ['run'] });
    key = (made.body as { key: string }).key;
    expect((await setKey()).status).toBe(403);
    expect((await call('GET', '/model-credentials')).status).toBe(403);
    expect((await call('POST', '/models/test', {})).status).toBe(403);
    expect((await call('GET', '/models')).status).toBe(200);
  });

  it('is a clear error when what it was encrypted with is lost, and can be set anew', async () => {
    await start();
    await setKey();
    await server.close();
    writeFileSync(join(folder, 'data', 'secret.key'), Buffer.alloc(32, 1).toString('base64'));
    await start();
    expect(await call('POST', '/runs', { workflow_id: 'ask' })).toMatchObject({
      status: 409,
      body: { error: { message: expect.stringContaining('is not the key that it was encrypted with') } },
    });
    expect(await call('GET', '/models')).toMatchObject({ status: 503, body: { error: { code: 'unavailable' } } });
    expect((await setKey()).status).toBe(200);
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
    key = (made.body as { key: string }).key;
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

describe('what is kept of a talk with a model', () => {
  const talk = { HOUSE_KEY: ENV_KEY };

  it('is everything, unless it is said otherwise', async () => {
    await start({ environment: talk });
    models.script(() => `I heard: ${SECRET}`);
    const done = await run('sealed');
    const log = JSON.stringify(await eventsOf(done));
    expect(log).toContain(`Tell: ${SECRET}`);
    expect(log).toContain(`I heard: ${SECRET}`);
    await server.close();
    expect(dataHolds(`I heard: ${SECRET}`)).toBe(true);
  });

  it('is nothing with drop: not in the data folder while the run goes on, nor afterwards', async () => {
    await start({ environment: talk, modelContent: 'drop' });
    const held: boolean[] = [];
    models.script(() => {
      // The second time the first answer is in the log.
      held.push(dataHolds(SECRET));
      return { text: `I heard: ${SECRET}. And more.`, pieces: 8 };
    });
    const done = await run('sealed');
    expect([done.status, done.output]).toEqual(['completed', { length: SECRET.length + 20 }]);
    expect(held).toEqual([false, false]);
    const events = await eventsOf(done);
    expect(JSON.stringify(events)).not.toContain(SECRET);
    expect(events.find(({ kind }) => kind === 'step.completed')?.data['outcome']).toEqual({
      status: 'completed',
      output: { dropped: true },
    });
    expect(dataHolds(SECRET)).toBe(false);
    await server.close();
    expect(dataHolds(SECRET)).toBe(false);
    const inspections = await examine({ data: join(folder, 'data'), sample: null });
    expect(inspections.flatMap(({ faults }) => faults)).toEqual([]);
  });

  it('covers with drop what the tools of an agent were given and gave, on the way and afterwards', async () => {
    await start({ environment: talk, modelContent: 'drop' });
    const held: boolean[] = [];
    models.script(({ messages }) => {
      held.push(dataHolds(SECRET));
      const results = messages.flatMap(({ toolResults }) => toolResults.map(({ output }) => output));
      if (results.length > 0) return results.map((output) => output.includes(SECRET)).join(' ');
      return {
        toolCalls: [
          { name: 'look', input: { question: SECRET } },
          { name: 'phone', input: {} },
          { name: 'plain', input: {} },
        ],
      };
    });
    const done = await run('clerk');
    // The model was told all.
    expect([done.status, done.output]).toEqual(['completed', 'true true false']);
    expect(held).toEqual([false, false]);
    const events = await eventsOf(done);
    const kept = events.flatMap(({ kind, data }) =>
      kind === 'step.completed' && !/:step:/.test(data['key'] as string) ? [data['outcome']] : [],
    );
    // Two calls of the model, two tools, the step in one of them, and a run.
    expect(kept).toEqual(Array.from({ length: 6 }, () => ({ status: 'completed', output: { dropped: true } })));
    const told = [
      JSON.stringify(events),
      (await call('GET', `/runs/${done.run_id}`)).text,
      (await tool('/mcp', 'get_run_status', { run_id: done.run_id, detail: 'full' })).text,
    ];
    for (const text of told) expect(text).not.toContain(SECRET);
    expect(dataHolds(SECRET)).toBe(false);
    await server.close();
    expect(dataHolds(SECRET)).toBe(false);
  });

  it('is masked with redact', async () => {
    await start({ environment: talk, modelContent: 'redact' });
    models.script(() => 'Write to ada@example.com or call +49 30 1234567. Bye.');
    const done = await run('ask', { question: 'Where is bob@example.com?' });
    const log = JSON.stringify(
      (await eventsOf(done)).filter(({ kind }) => kind === 'step.completed' || kind === 'node.text'),
    );
    expect(log).toContain('Write to [email] or call [phone]. Bye.');
    expect(log).toContain('Where is [email]?');
    expect(log).not.toContain('ada@example.com');
    expect(log).not.toContain('bob@example.com');
  });

  it('is asked for anew when a run is retried whose answers were dropped', async () => {
    await start({ environment: talk, modelContent: 'drop' });
    const world = globalThis as { errandTestFails?: boolean };
    world.errandTestFails = true;
    const failed = await run('sealed');
    expect([failed.status, models.requests.length]).toEqual(['failed', 2]);
    world.errandTestFails = false;
    await call('POST', `/runs/${failed.run_id}/retry`, {});
    const retried = (await call('GET', `/runs/${failed.run_id}?wait_seconds=25`)).body as ApiRun;
    expect([retried.status, retried.usage?.calls, models.requests.length]).toEqual(['completed', 4, 4]);
  });
});

describe('errand models', () => {
  const errand = (argv: readonly string[], stdin = '') =>
    runCommand(argv, { stdin, env: { ERRAND_URL: server.url, ERRAND_API_KEY: key } });

  it('shows what is to be set, takes a key, tests it, and tells what was used', async () => {
    await start();
    const before = await errand(['models']);
    expect(before.out).toMatch(/^house +no +- .*set HOUSE_KEY/m);
    expect(before.out).toMatch(/^quick +house\/small +no/m);
    expect((await errand(['workflows'])).err).toContain(
      'ask, clerk, parent cannot be started yet: The provider "house" has no key',
    );
    expect((await errand(['workflows', 'show', 'ask'])).out).toMatch(/^Ready +no: The provider/m);
    const refused = await errand(['models', 'test', 'quick']);
    expect([refused.code, refused.out]).toEqual([1, expect.stringContaining('No answer (model_not_configured)')]);

    expect((await errand(['models', 'set-key', 'house'])).code).toBe(2);
    const set = await errand(['models', 'set-key', 'house'], `${OWN_KEY}\n`);
    expect([set.code, set.out]).toEqual([0, 'Set the key …ghij for house.\n']);
    expect((await errand(['models'])).out).toMatch(/^house +yes +organization/m);
    expect((await errand(['usage'])).err).toContain('No model was asked in ');
    models.script(() => ({ text: 'Ada', usage: { input: 1_000, output: 100 } }));
    expect((await errand(['models', 'test', 'quick'])).out).toMatch(/^house\/small answered after \d+ ms: \d+ tokens/);
    expect((await errand(['models', '--prices'])).out).toMatch(/^house\/small +1 +- +10$/m);

    const { run_id: id } = await run('ask', { question: 'Who?' });
    expect((await errand(['usage'])).out).toMatch(/^house\/small +2 +2000 +0 +200 +\$0\.0040$/m);
    expect((await errand(['status', id])).out).toContain('Models: 1 call, 1000 tokens in and 100 out, $0.0020.');

    expect((await errand(['models', 'remove-key', 'house'])).out).toBe('Removed the key for house.\n');
    expect((await errand(['models', 'remove-key', 'house'])).code).toBe(1);
    expect((await errand(['models', '--json'])).out).toContain('"usable": false');
  });
});
