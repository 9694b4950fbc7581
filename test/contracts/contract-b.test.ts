import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { logPages } from '../../src/core/ports/store/log-pages.js';
import { publishedContract } from '../support/contracts/contract-schemas.js';
import { RealContract, type Fields } from '../support/contracts/real-contract.js';
import { startNativeStack, type NativeStack } from '../support/http/native-stack.js';
import { Person } from '../support/oauth/person.js';
import { PlainClient } from '../support/oauth/plain-client.js';

/** The published contract B sentence by sentence, against the whole program; its limits are held beside the mount. */

let stack: NativeStack;
let origin = '';
let caller: Awaited<ReturnType<NativeStack['newCaller']>>;
let b: RealContract;
beforeAll(async () => {
  stack = await startNativeStack(undefined, { fetchDocument: () => Promise.reject(new Error('no network')) });
  ({ origin } = stack.url);
});
afterAll(() => stack.close());
beforeEach(async () => {
  stack.agents.clear();
  caller = await stack.newCaller();
  b = contractOf(caller.key);
});

function contractOf(key: string): RealContract {
  return new RealContract({ contract: 'mcp-app', url: `${origin}/api/mcp-app`, key });
}

const ADA = { workflowId: 'greet', configuration: { name: 'Ada' } };

async function start(args: object): Promise<string> {
  return String((await b.give('run_workflow', args))['runId']);
}

const ended = ({ status }: Fields): boolean => !['pending', 'running'].includes(String(status));
const finish = async (args: object): Promise<Fields> =>
  await b.until('get_run_status', { runId: await start(args) }, ended);

/** A failed tool: its code, and its message. */
async function fail(name: string, args: object, of = b): Promise<{ code: unknown; message: string }> {
  const { status, body } = await of.tool(name, args);
  expect([status, body.id, body.error?.code]).toEqual([200, 7, -32000]);
  return { code: body.error?.data['code'], message: body.error?.message ?? '' };
}

async function startCheckup(): Promise<string> {
  const runId = await start({ workflowId: 'checkup', configuration: {} });
  await expect.poll(() => stack.agents.has('links') && stack.agents.has('seo')).toBe(true);
  return runId;
}

/** The balance, which is the ledger's sum at every moment. */
async function balance(): Promise<Fields> {
  const credits = await b.give('get_credits');
  expect(credits['available']).toBe(
    Number(credits['monthly_limit']) - Number(credits['used_this_month']) - Number(credits['reserved']),
  );
  const movements = await stack.services.listCreditMovements(caller.caller, { limit: 1_000, offset: 0 });
  const sum = (name: 'reservedDelta' | 'usedDelta') => movements.reduce((total, each) => total + each[name], 0);
  expect([credits['reserved'], credits['used_this_month']]).toEqual([sum('reservedDelta'), sum('usedDelta')]);
  return credits;
}

describe('contract B: the mount', () => {
  it('answers each request with one JSON answer, never a stream, and results as a JSON text', async () => {
    const { headers, body } = await b.tool('get_credits');
    expect(headers.get('content-type')).toMatch(/^application\/json/);
    expect(body.result?.['content']).toMatchObject([{ type: 'text' }]);
  });

  it.each([
    ['initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'c', version: '1' } }],
    ['ping', null],
    ['tools/list', null],
    ['resources/list', null],
    ['resources/read', { uri: 'errand://mcp-app/guide' }],
  ])('needs no key for %s', async (method, params) => {
    const { status, body } = await b.rpc(method, params, null);
    expect([status, body.error]).toEqual([200, undefined]);
  });

  it('answers notifications/initialized with 204 and no body, and ping with {}', async () => {
    const noted = await b.send('{"jsonrpc":"2.0","method":"notifications/initialized"}', null);
    expect([noted.status, noted.text]).toEqual([204, '']);
    expect((await b.rpc('ping', null, null)).body.result).toEqual({});
  });

  it.each([
    ['2024-11-05', '2024-11-05'],
    ['2025-06-18', '2025-06-18'],
    ['1999-01-01', '2025-11-25'],
  ])('answers initialize for %s with %s', async (asked, answered) => {
    const { body } = await b.rpc('initialize', { protocolVersion: asked }, null);
    expect(body.result?.['protocolVersion']).toBe(answered);
  });

  it('shows every tool’s schema under both names, where it is, and its OpenAPI, to GET without a key', async () => {
    const json = async (url: string) => (await (await fetch(url)).json()) as Fields;
    const { tools } = (await json(b.url)) as { tools: readonly Fields[] };
    expect(tools.map(({ name }) => String(name)).toSorted()).toEqual(Object.keys(publishedContract('mcp-app').tools).toSorted());
    for (const tool of tools) expect(tool['inputSchema']).toEqual(tool['input_schema']);
    expect(await json(`${origin}/mcp.json`)).toMatchObject({ url: b.url, authentication: { type: 'bearer' } });
    expect(await json(`${b.url}/openapi.json`)).toMatchObject({
      servers: [{ url: `${origin}/api` }],
      paths: { '/mcp-app': { post: { operationId: 'callTool' } } },
    });
  });

  it('takes OAuth access tokens wherever a key is, and starts the linking without an account', async () => {
    const client = await PlainClient.registered(origin);
    const { access_token } = await client.signIn(new Person(caller.key), { resource: b.url });
    await contractOf(access_token).give('get_credits');
    const { status, headers, body } = await b.tool('get_credits', {}, null);
    expect([status, body.error?.code]).toEqual([401, -32001]);
    expect(headers.get('www-authenticate')).toContain('resource_metadata=');
    const challenge = (body.error?.data['_meta'] as Fields | undefined)?.['mcp/www_authenticate'];
    expect(String(challenge)).toContain('resource_metadata=');
  });
});

describe('contract B: errors', () => {
  it.each([
    ['{', -32700],
    ['{"id":1,"method":"ping"}', -32600],
    ['{"jsonrpc":"2.0","id":1}', -32600],
    ['{"jsonrpc":"2.0","id":1,"method":"nope"}', -32601],
    ['{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}}', -32602],
  ])('of the protocol have their codes, with data that is an object: %s', async (text, code) => {
    const { body } = await b.send(text);
    expect([body.error?.code, typeof body.error?.data]).toEqual([code, 'object']);
  });

  it('are -32001 with 401 for a key that is malformed, unknown, expired or revoked', async () => {
    const revoked = await stack.newKey(caller.organization);
    await revoked.revoke();
    const expired = await stack.newKey(caller.organization, Date.now() + 20);
    await expect.poll(async () => (await b.tool('get_credits', {}, expired.key)).status).toBe(401);
    for (const key of ['nonsense', `sk_live_${'x'.repeat(32)}`, expired.key, revoked.key]) {
      const { status, body } = await b.tool('get_credits', {}, key);
      expect([status, body.error?.code]).toEqual([401, -32001]);
    }
  });

  it('are the same for a run that does not exist and one of another company', async () => {
    const runId = await start(ADA);
    const stranger = contractOf((await stack.newCaller()).key);
    const none = `run_00000000-0000-7000-8000-${'0'.repeat(12)}`;
    for (const tool of ['get_run_status', 'cancel_workflow_run']) {
      const [theirs, missing] = [await fail(tool, { runId }, stranger), await fail(tool, { runId: none }, stranger)];
      expect(theirs.message.replace(runId, none)).toBe(missing.message);
      expect(theirs.code).toBe(missing.code);
    }
  });
});

describe('contract B: tools', () => {
  it('list workflows with their agents, costs and durations', async () => {
    const { workflows } = (await b.give('list_workflows')) as { workflows: readonly Fields[] };
    expect(workflows.find(({ id }) => id === 'checkup')).toMatchObject({
      creditCost: 10,
      agentCount: 2,
      agents: [
        { role: 'links', label: 'Link Checker' },
        { role: 'seo', label: 'SEO Inspector' },
      ],
    });
  });

  it('ignore companyId in any call, and take the company from the key', async () => {
    const runId = await start({ ...ADA, companyId: 'another' });
    expect(await b.give('get_run_status', { runId, companyId: 5 })).toMatchObject({ runId });
    for (const tool of ['list_workflows', 'list_workflow_runs', 'get_credits']) await b.give(tool, { companyId: 'x' });
  });

  it('refuse a configuration that does not fit, naming each path, and no run exists then', async () => {
    const wrong = { workflowId: 'checkup', configuration: { depth: 'deep', mood: 'sour' } };
    const { message } = await fail('run_workflow', wrong);
    expect(message).toContain('/depth');
    expect(message).toContain('/mood');
    expect(await b.give('list_workflow_runs')).toMatchObject({ total: 0 });
  });

  it('take a context that the schema does not name out, for the agents', async () => {
    const runId = await start({ ...ADA, configuration: { name: 'Ada', context: 'Be brief.' } });
    const events = [];
    for await (const page of logPages(stack.store, { runId: runId.slice('run_'.length), afterSeq: 0 })) {
      events.push(...page);
    }
    expect(events[0]).toMatchObject({ kind: 'run.created', input: { name: 'Ada' }, instruction: 'Be brief.' });
  });

  it('show every field of a run at every moment, its agents in order, whose progress never falls', async () => {
    const runId = await startCheckup();
    const fields = Object.keys(await b.give('get_run_status', { runId })).toSorted();
    const links = stack.agents.get('links');
    const seen: number[] = [];
    for (const percent of [10, 60, 30]) {
      links?.context.progress(percent);
      const { agents } = (await b.give('get_run_status', { runId })) as { agents: readonly Fields[] };
      expect(agents.map(({ id, role }) => [id, role])).toEqual([
        ['agent_001', 'links'],
        ['agent_002', 'seo'],
      ]);
      seen.push(Number(agents[0]?.['progress']));
    }
    expect(seen).toEqual(seen.toSorted((x, y) => x - y));
    links?.context.findings('two dead links');
    links?.end();
    stack.agents.get('seo')?.fail('down');
    const run = await b.until('get_run_status', { runId }, ended);
    expect(Object.keys(run).toSorted()).toEqual(fields);
    expect(run).toMatchObject({ status: 'partial_complete', errorMessage: null });
    expect(run['agents']).toMatchObject([
      { status: 'completed', progress: 100, findings: 'two dead links', errorMessage: null },
      { status: 'failed', errorMessage: 'down' },
    ]);
  });

  it('show a summary of a run that completed, and an error of one that failed', async () => {
    expect(await finish(ADA)).toMatchObject({ status: 'completed', summary: 'Said hello to Ada.', errorMessage: null });
    const failed = await finish({ workflowId: 'fails' });
    expect(failed).toMatchObject({ status: 'failed', summary: null });
    expect(failed['errorMessage']).toContain('the oven is cold');
  });

  it('list runs newest first, filtered, 20 from the first on and at most 100', async () => {
    const first = await finish(ADA);
    const second = await finish({ workflowId: 'fails' });
    const list = async (args: object) => (await b.give('list_workflow_runs', args)) as { runs: readonly Fields[] };
    const idsOf = async (args: object) => (await list(args)).runs.map(({ runId }) => runId);
    expect(await idsOf({})).toEqual([second['runId'], first['runId']]);
    expect(await idsOf({ status: 'failed' })).toEqual([second['runId']]);
    expect(await idsOf({ workflowId: 'greet' })).toEqual([first['runId']]);
    expect(await idsOf({ offset: 1 })).toEqual([first['runId']]);
    expect(await list({})).toMatchObject({ total: 2, limit: 20, offset: 0 });
    expect((await list({})).runs[0]).not.toHaveProperty('agents');
    expect((await fail('list_workflow_runs', { limit: 101 })).code).toBe('invalid_input');
  });

  it('cancel a run that is pending or running, and no other', async () => {
    const runId = await startCheckup();
    expect(await b.give('cancel_workflow_run', { runId })).toMatchObject({ runId, status: 'cancelled' });
    const run = await b.until('get_run_status', { runId }, ended);
    expect(run).toMatchObject({ status: 'cancelled', creditsConsumed: 0 });
    await fail('cancel_workflow_run', { runId });
  });
});

describe('contract B: credits', () => {
  it('are reserved with a run, consumed when it completes, and 0 of them before', async () => {
    const before = await balance();
    const runId = await startCheckup();
    expect(await balance()).toMatchObject({ reserved: 10, available: Number(before['available']) - 10 });
    expect(await b.give('get_run_status', { runId })).toMatchObject({ creditsReserved: 10, creditsConsumed: 0 });
    for (const agent of stack.agents.values()) agent.end();
    expect(await b.until('get_run_status', { runId }, ended)).toMatchObject({ creditsConsumed: 10 });
    expect(await balance()).toMatchObject({ reserved: 0, used_this_month: 10 });
  });

  it('are consumed for the agents that completed, and all released by a run that failed or was cancelled', async () => {
    const runId = await startCheckup();
    stack.agents.get('links')?.end();
    stack.agents.get('seo')?.fail('down');
    expect(await b.until('get_run_status', { runId }, ended)).toMatchObject({ creditsConsumed: 5 });
    expect(await balance()).toMatchObject({ reserved: 0, used_this_month: 5 });
    stack.agents.clear();
    const cancelled = await startCheckup();
    await b.give('cancel_workflow_run', { runId: cancelled });
    await b.until('get_run_status', { runId: cancelled }, ended);
    expect(await balance()).toMatchObject({ reserved: 0, used_this_month: 5 });
  });

  it('that are fewer than the cost refuse a run, also of many at once, and none exists then', async () => {
    const operator = { organizationId: '', keyId: null, scopes: ['operate'] } as const;
    await stack.services.setCreditLimit(operator, { organization: caller.organization, monthlyCredits: 25 });
    const asked = Array.from({ length: 6 }, () => b.tool('run_workflow', { workflowId: 'checkup' }));
    const codes = (await Promise.all(asked)).map(({ body }) => body.error?.data['code'] ?? 'started');
    expect(codes.filter((code) => code === 'started')).toHaveLength(2);
    expect(codes.filter((code) => code === 'insufficient_credits')).toHaveLength(4);
    expect(await balance()).toMatchObject({ available: 5, reserved: 20 });
    expect(await b.give('list_workflow_runs')).toMatchObject({ total: 2 });
  });

  it('begin anew at the first moment of the organization’s next billing cycle', async () => {
    const { reset_date } = await balance();
    expect(reset_date).toMatch(/^\d{4}-\d\d-01T00:00:00\.000Z$/);
    const operator = { organizationId: '', keyId: null, scopes: ['operate'] } as const;
    await stack.services.updateOrganization(operator, { organization: caller.organization, billingDay: 17 });
    const { reset_date: own } = await balance();
    expect(own).toMatch(/^\d{4}-\d\d-17T00:00:00\.000Z$/);
    expect(Date.parse(String(own))).toBeGreaterThan(Date.now());
  });
});
