import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { faultsOf, publishedContract } from '../support/contracts/contract-schemas.js';
import { RealContract, valueOf, type Fields } from '../support/contracts/real-contract.js';
import { startNativeStack, type NativeStack } from '../support/http/native-stack.js';
import { Person } from '../support/oauth/person.js';
import { PlainClient } from '../support/oauth/plain-client.js';

/** The published contract A sentence by sentence, against the whole program. */

let stack: NativeStack;
let origin = '';
let caller: Awaited<ReturnType<NativeStack['newCaller']>>;
let a: RealContract;
beforeAll(async () => {
  stack = await startNativeStack(undefined, { fetchDocument: () => Promise.reject(new Error('no network')) });
  ({ origin } = stack.url);
});
afterAll(() => stack.close());
beforeEach(async () => {
  stack.agents.clear();
  caller = await stack.newCaller();
  a = contractOf(caller.key);
});

function contractOf(key: string, ending = '/'): RealContract {
  return new RealContract({ contract: 'workflows', url: `${origin}/mcp/workflows${ending}`, key });
}

async function start(workflowId: string, args: Fields = {}): Promise<string> {
  return String((await a.give('run_workflow', { workflow_id: workflowId, ...args }))['run_id']);
}

const ended = ({ status }: Fields): boolean => !['pending', 'running'].includes(String(status));

async function finish(workflowId: string, args: Fields = {}): Promise<Fields> {
  return await a.until('get_run_status', { run_id: await start(workflowId, args) }, ended);
}

/** A tool error, in the one form that it has. */
async function fail(name: string, args: object, of = a): Promise<{ type: string; message: string }> {
  const { status, body } = await of.tool(name, args);
  expect([status, body.result?.['isError']]).toEqual([200, true]);
  const value = valueOf(body.result);
  expect(body.result?.['structuredContent']).toEqual(value);
  expect(faultsOf(value, publishedContract('workflows').error)).toEqual([]);
  return { type: String(value['error_type']), message: String(value['message']) };
}

async function countRuns(): Promise<number> {
  return (await stack.services.listRuns(caller.caller, { limit: 1, offset: 0 })).total;
}

async function untilAtWork(...ids: string[]): Promise<void> {
  await expect.poll(() => ids.every((id) => stack.agents.has(id))).toBe(true);
}

describe('contract A: the mount', () => {
  it.each(['', '/'])('is there with and without the final slash: "%s"', async (ending) => {
    expect((await contractOf(caller.key, ending).give('list_workflows'))['total']).toBeGreaterThan(0);
  });

  it.each(['initialize', 'tools/list', 'ping'])('asks for a key on every request: %s', async (method) => {
    expect((await a.rpc(method, {}, null)).status).toBe(401);
  });

  it('answers a missing, malformed, expired or revoked key with 401, the metadata and auth_error', async () => {
    const revoked = await stack.newKey(caller.organization);
    await revoked.revoke();
    const expired = await stack.newKey(caller.organization, Date.now() + 20);
    await expect.poll(async () => (await a.rpc('ping', {}, expired.key)).status).toBe(401);
    for (const key of [null, 'nonsense', expired.key, revoked.key]) {
      const { status, headers, body } = await a.tool('list_workflows', {}, key);
      expect([status, body.error?.data['error_type']]).toEqual([401, 'auth_error']);
      const metadata = /resource_metadata="([^"]+)"/.exec(headers.get('www-authenticate') ?? '')?.[1] ?? '';
      expect((await fetch(metadata)).status).toBe(200);
    }
  });

  it('takes OAuth access tokens wherever a key is', async () => {
    const client = await PlainClient.registered(origin);
    const { access_token } = await client.signIn(new Person(caller.key), { resource: a.url });
    const signedIn = contractOf(access_token);
    await signedIn.give('list_workflows');
    await signedIn.give('get_workflow', { workflow_id: 'greet' });
    const { run_id } = await signedIn.give('run_workflow', { workflow_id: 'greet', input_data: { name: 'Ada' } });
    expect(await signedIn.give('get_run_status', { run_id })).toMatchObject({ run_id });
  });

  it('publishes tools whose arguments are those of the contract', async () => {
    const { body } = await a.rpc('tools/list');
    const tools = body.result?.['tools'] as readonly { name: string; inputSchema: { properties: object } }[];
    const published = publishedContract('workflows').tools;
    expect(tools.map(({ name }) => name).toSorted()).toEqual(Object.keys(published).toSorted());
    for (const { name, inputSchema } of tools) {
      const { properties = {} } = (published[name]?.input ?? {}) as { properties?: object };
      expect([name, Object.keys(inputSchema.properties).toSorted()]).toEqual([name, Object.keys(properties).toSorted()]);
    }
  });
});

describe('contract A: list_workflows and get_workflow', () => {
  it('gives 50 from the first on where nothing is asked for, and takes a limit above 100 as 100', async () => {
    expect(await a.give('list_workflows')).toMatchObject({ limit: 50, offset: 0, has_more: false });
    expect(await a.give('list_workflows', { limit: 1_000 })).toMatchObject({ limit: 100 });
    const { total } = await a.give('list_workflows', { limit: 1 });
    expect(await a.give('list_workflows', { limit: 1 })).toMatchObject({ has_more: true });
    expect(await a.give('list_workflows', { limit: 1, offset: Number(total) - 1 })).toMatchObject({ has_more: false });
  });

  it('takes the slug with and without its prefix, and has null for a schema that is not declared', async () => {
    const bare = await a.give('get_workflow', { workflow_id: 'greet' });
    expect(await a.give('get_workflow', { workflow_id: 'agent_greet' })).toEqual(bare);
    expect(bare).toMatchObject({ id: 'agent_greet', name: 'Greet' });
    expect(bare['output_schema']).toMatchObject({ type: 'object' });
    expect((await a.give('get_workflow', { workflow_id: 'hidden' }))['output_schema']).toBeNull();
  });

  it('says not_found of a workflow that there is not', async () => {
    expect((await fail('get_workflow', { workflow_id: 'agent_none' })).type).toBe('not_found');
    expect((await fail('run_workflow', { workflow_id: 'none' })).type).toBe('not_found');
  });
});

describe('contract A: run_workflow', () => {
  it('answers with the run’s id, and its status', async () => {
    const answer = await a.give('run_workflow', { workflow_id: 'checkup' });
    expect(answer['run_id']).toMatch(/^agent_run_[0-9a-f]{32}$/);
    expect(['pending', 'running']).toContain(answer['status']);
  });

  it.each([
    ['an object', { name: 'Ada' }],
    ['a text that is JSON', '{"name":"Ada"}'],
  ])('takes %s as input_data', async (_, input_data) => {
    expect(await finish('greet', { input_data })).toMatchObject({ output: { text: 'Hello Ada' } });
  });

  it.each([[{}], [{ input_data: null }], [{ input_data: {} }]])('takes nothing as {}: %j', async (args) => {
    expect((await fail('run_workflow', { workflow_id: 'greet', ...args })).message).toContain('name');
  });

  it('gives a text that is no JSON to a schema that accepts one as it is, else as {"input": text}', async () => {
    expect(await finish('words', { input_data: 'just words' })).toMatchObject({ output: 'just words' });
    const { type, message } = await fail('run_workflow', { workflow_id: 'greet', input_data: 'just words' });
    expect(type).toBe('invalid_input');
    expect(message).toContain('name');
  });

  it('refuses input that does not fit as invalid_input, naming each path, and no run exists then', async () => {
    const wrong = { workflow_id: 'checkup', input_data: { depth: 'deep', mood: 'sour' } };
    const { type, message } = await fail('run_workflow', wrong);
    expect(type).toBe('invalid_input');
    expect(message).toContain('/depth');
    expect(message).toContain('/mood');
    expect(await countRuns()).toBe(0);
  });

  it('says so when the credits do not suffice; no run exists and no credits are held', async () => {
    await stack.services.setCreditLimit(
      { organizationId: '', keyId: null, scopes: ['operate'] },
      { organization: caller.organization, monthlyCredits: 0 },
    );
    const { type } = await fail('run_workflow', { workflow_id: 'greet', input_data: { name: 'Ada' } });
    expect(type).toBe('insufficient_credits');
    expect(await countRuns()).toBe(0);
    expect(await stack.services.getCredits(caller.caller, {})).toMatchObject({ reserved: 0 });
  });
});

describe('contract A: get_run_status', () => {
  const ALWAYS = ['created_at', 'run_id', 'status'];
  const fieldsOf = (run: Fields): string[] => Object.keys(run).filter((name) => name !== 'source').toSorted();

  it('gives the id, the status and when it was made, and nothing else, while the run goes on', async () => {
    const run_id = await start('checkup');
    await untilAtWork('links', 'seo');
    expect(fieldsOf(await a.give('get_run_status', { run_id }))).toEqual(ALWAYS);
  });

  it('gives an output that fits the schema, and a duration with one decimal, of a completed run', async () => {
    const run = await finish('greet', { input_data: { name: 'Ada' } });
    expect(fieldsOf(run)).toEqual([...ALWAYS, 'completed_at', 'duration_seconds', 'output'].toSorted());
    const { output_schema } = await a.give('get_workflow', { workflow_id: 'greet' });
    expect(faultsOf(run['output'], output_schema as never)).toEqual([]);
    expect(String(run['duration_seconds'])).toMatch(/^\d+(\.\d)?$/);
  });

  it('gives the text of the failing node’s error, and no output, of a failed run', async () => {
    const run = await finish('fails');
    expect(fieldsOf(run)).toEqual([...ALWAYS, 'completed_at', 'error'].toSorted());
    expect(run).toMatchObject({ status: 'failed', error: 'the oven is cold' });
  });

  it('gives when it ended of a cancelled run', async () => {
    const run_id = await start('checkup');
    await untilAtWork('links', 'seo');
    const runId = (await stack.services.listRuns(caller.caller, { limit: 1, offset: 0 })).runs[0]?.id ?? '';
    await stack.services.cancelRun(caller.caller, { runId });
    const run = await a.give('get_run_status', { run_id });
    expect(fieldsOf(run)).toEqual([...ALWAYS, 'completed_at'].toSorted());
    expect(run['status']).toBe('cancelled');
  });

  it.each([
    ['completed, when its output fits', { score: 80 }, 'completed', 'partial_complete'],
    ['failed, when it does not', { score: 'none' } as never, 'failed', 'partial_complete'],
  ])('shows a run that is complete in part as %s', async (_, output, status, recorded) => {
    const run_id = await start('checkup');
    await untilAtWork('links', 'seo');
    stack.agents.get('seo')?.fail('down');
    stack.agents.get('links')?.end(output);
    const run = await a.until('get_run_status', { run_id }, ended);
    expect(run['status']).toBe(status);
    const record = (await stack.services.listRuns(caller.caller, { limit: 1, offset: 0 })).runs[0];
    expect(record?.status).toBe(recorded);
  });

  it('shows a run that waits for a person as running', async () => {
    const run_id = await start('release');
    const runId = (await stack.services.listRuns(caller.caller, { limit: 1, offset: 0 })).runs[0]?.id ?? '';
    const asked = async () => (await stack.services.getRun(caller.caller, { runId })).nodes[0]?.status;
    await expect.poll(asked).toBe('waiting');
    expect((await a.give('get_run_status', { run_id }))['status']).toBe('running');
  });

  it('is the same for an id that does not exist and one of another organization', async () => {
    const theirs = await start('greet', { input_data: { name: 'Ada' } });
    const stranger = contractOf((await stack.newCaller()).key);
    const none = `agent_run_${'0'.repeat(32)}`;
    const [of, missing] = [
      await fail('get_run_status', { run_id: theirs }, stranger),
      await fail('get_run_status', { run_id: none }, stranger),
    ];
    expect(of.type).toBe('not_found');
    expect(of.message.replace(theirs, none)).toBe(missing.message);
  });

  it('may name what computed it and its version, and has its times in whole seconds of UTC', async () => {
    const run = await finish('greet', { input_data: { name: 'Ada' } });
    for (const name of ['created_at', 'completed_at']) expect(run[name]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(run['source']).toBe('errand.workflows@v1');
    expect((await a.give('list_workflows'))['source']).toBe('errand.workflows@v1');
  });
});
