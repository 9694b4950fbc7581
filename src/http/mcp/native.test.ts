import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as Transport1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Client as Client2, StreamableHTTPClientTransport as Transport2 } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startNativeStack, type NativeStack } from '../../../test/support/http/native-stack.js';
import { IDEMPOTENCY_META } from '../../mcp/native/tools/idempotency-key.js';
import { OWN_TOOLS } from '../../mcp/native/schemas/tool-name.js';

let stack: NativeStack;
beforeAll(async () => {
  stack = await startNativeStack();
});
afterAll(() => stack.close());

const INFO = { name: 'test', version: '1.0.0' };
type Headers = { authorization: string };
type Fields = Record<string, unknown>;

/** What all official clients have in common here. Each checks structured results against the advertised schemas. */
interface AnyClient {
  listTools(): Promise<{ tools: { name: string; title?: string; description?: string }[]; nextCursor?: string }>;
  callTool(
    params: { name: string; arguments?: Fields; _meta?: Fields },
    options?: Fields,
  ): Promise<{ structuredContent?: Fields; content?: { type: string; text?: string }[]; isError?: boolean }>;
  listResources(): Promise<{ resources: { uri: string }[] }>;
  listResourceTemplates(): Promise<{ resourceTemplates: { uriTemplate: string }[] }>;
  readResource(params: { uri: string }): Promise<{ contents: { uri: string; text?: string }[] }>;
  listPrompts(): Promise<{ prompts: { name: string; arguments?: { name: string; required?: boolean }[] }[] }>;
  getPrompt(params: {
    name: string;
    arguments?: Record<string, string>;
  }): Promise<{ messages: { content: unknown }[] }>;
  complete(params: Fields): Promise<{ completion: { values: string[] } }>;
  close(): Promise<void>;
}

const CLIENTS: Record<string, (headers: Headers) => Promise<AnyClient>> = {
  'client 1.x': async (headers) => {
    const client = new Client1(INFO);
    await client.connect(new Transport1(stack.url, { requestInit: { headers } }));
    // Version 1.x takes the schema of a result between a call and its options.
    const callTool = (params: never, options: never) => client.callTool(params, undefined, options);
    return Object.assign(Object.create(client) as Client1, { callTool }) as unknown as AnyClient;
  },
  'client 2.x, auto': (headers) => connect2(headers, 'auto'),
  'client 2.x, pinned to 2026-07-28': (headers) => connect2(headers, { pin: '2026-07-28' }),
  'client 2.x, legacy': (headers) => connect2(headers, 'legacy'),
};

async function connect2(headers: Headers, mode: 'auto' | 'legacy' | { pin: '2026-07-28' }): Promise<AnyClient> {
  const client = new Client2(INFO, { versionNegotiation: { mode } });
  await client.connect(new Transport2(stack.url, { requestInit: { headers } }));
  return client as unknown as AnyClient;
}

describe.each(Object.entries(CLIENTS))('the native contract, for %s', (_, open) => {
  let client: AnyClient;
  let caller: Awaited<ReturnType<NativeStack['newCaller']>>;
  beforeAll(async () => {
    caller = await stack.newCaller();
    client = await open(caller.headers);
    await client.listTools(); // so that results are held against the schemas
  });
  afterAll(() => client.close());

  const call = async (name: string, args: Fields = {}, options?: Fields) => {
    const {
      structuredContent = {},
      content = [],
      isError = false,
    } = await client.callTool({ name, arguments: args }, options);
    return { ...structuredContent, text: content[0]?.text ?? '', isError } as Fields & { text: string };
  };

  it('lists its own tools first, then every published workflow', async () => {
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual([
      ...OWN_TOOLS,
      'checkup',
      'fails',
      'greet',
      'release',
      'tree',
      'words',
      'workflow_get_credits',
    ]);
    expect(tools.find(({ name }) => name === 'greet')).toMatchObject({
      title: 'Greet',
      description: expect.stringMatching(/^Says hello\.\n\nCosts 1 credit\. Usually takes under 1 s\./) as string,
    });
  });

  it('is one call for a short workflow, through its own tool or run_workflow', async () => {
    const own = await client.callTool({ name: 'greet', arguments: { name: 'Ada' } });
    expect(own.structuredContent).toEqual({ text: 'Hello Ada' });
    expect(own.content?.map(({ text }) => text)).toEqual([
      expect.stringMatching(/^Greet completed in .* s \(run_.*\)\.\nSaid hello to Ada\.$/),
      '{"text":"Hello Ada"}',
    ]);
    const run = await call('run_workflow', { workflow_id: 'greet', input: { name: 'Bo' }, wait_seconds: 25 });
    expect(run).toMatchObject({
      status: 'completed',
      terminal: true,
      output: { text: 'Hello Bo' },
      created: true,
      poll_after_ms: 0,
      text: expect.stringContaining('Output: {"text":"Hello Bo"}') as string,
    });
    expect(run).not.toHaveProperty('next_action');
  });

  it('wraps what is no object, and keeps references within schemas', async () => {
    expect(await call('words', { input: 'bread' })).toMatchObject({ output: 'bread' });
    expect(await call('tree')).toMatchObject({ value: 1, next: { value: 2 } });
    expect(await call('workflow_get_credits')).toMatchObject({ value: 1 });
  });

  it('follows a long run: handle, waits, details, its end', async () => {
    stack.agents.clear();
    const started = await call('run_workflow', { workflow_id: 'checkup' });
    expect(started).toMatchObject({
      status: 'pending',
      terminal: false,
      next_action: expect.stringContaining(String(started['run_id'])) as string,
    });
    const { run_id } = started;
    await expect.poll(() => stack.agents.size).toBe(2);
    const seen = await call('get_run_status', { run_id });
    const changed = call('get_run_status', { run_id, since_version: seen['version'], wait_seconds: 20 });
    stack.agents.get('links')?.context.progress(65, 'page 13');
    const after = await changed;
    expect(after['version']).toBeGreaterThan(seen['version'] as number);
    await expect
      .poll(async () => (await call('get_run_status', { run_id }))['status_message'])
      .toBe('0 of 2 agents done; Link Checker 65 %; SEO Inspector 0 %');
    const ended = call('get_run_status', { run_id, wait_seconds: 25, detail: 'full' });
    stack.agents.get('links')?.end({ score: 60 });
    stack.agents.get('seo')?.end({ score: 80 });
    expect(await ended).toMatchObject({
      status: 'completed',
      credits_consumed: 10,
      output: { score: 70 },
      agents: [{ id: 'links', label: 'Link Checker', progress: 100 }, { id: 'seo' }],
      nodes: [{ output: { score: 60 } }, { output: { score: 80 } }],
    });
  });

  it('tells of progress to a client that asks for it, also where nothing moves', async () => {
    stack.agents.clear();
    const reports: { progress: number; total?: number; message?: string }[] = [];
    const onprogress = (report: (typeof reports)[number]) => void reports.push(report);
    const answer = call('checkup', {}, { onprogress });
    await expect.poll(() => stack.agents.size).toBe(2);
    stack.agents.get('links')?.end();
    await expect.poll(() => reports.at(-1)?.message).toMatch(/^1 of 2 agents done/);
    stack.agents.get('seo')?.end();
    expect(await answer).toMatchObject({ score: 80 });
    const numbers = reports.map(({ progress }) => progress);
    expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
  });

  it('gives errors as structure that fits the schemas', async () => {
    expect(await call('run_workflow', { workflow_id: 'greet', input: { name: 5 } })).toMatchObject({
      isError: true,
      error: { code: 'invalid_input', problems: [{ path: '/name' }] },
      text: expect.stringContaining('/name') as string,
    });
    expect(await call('greet', {})).toMatchObject({ isError: true, error: { code: 'invalid_input' } });
    const unknown = { run_id: 'run_00000000-0000-7000-8000-000000000000' };
    expect(await call('get_run_status', unknown)).toMatchObject({ isError: true, error: { code: 'not_found' } });
    expect(await call('get_run_status', { ...unknown, wait_seconds: 26 })).toMatchObject({
      error: { code: 'invalid_input' },
    });
    expect(await call('fails')).toMatchObject({
      isError: true,
      status: 'failed',
      error: { code: 'run_failed', message: 'the oven is cold' },
    });
    const { runs } = await call('list_runs', { status: 'failed' });
    expect(runs).toMatchObject([{ workflow_id: 'fails', error: 'the oven is cold', error_node: 'bad' }]);
  });

  it('starts work once for one idempotency key', async () => {
    const args = { workflow_id: 'greet', input: { name: 'Cy' }, idempotency_key: 'k1' };
    const answers = await Promise.all(Array.from({ length: 5 }, () => call('run_workflow', args)));
    expect(new Set(answers.map(({ run_id }) => run_id)).size).toBe(1);
    expect(answers.filter(({ created }) => created)).toHaveLength(1);
    expect(await call('run_workflow', { ...args, input: { name: 'Di' } })).toMatchObject({
      isError: true,
      error: { code: 'conflict' },
    });
    const before = (await call('list_runs'))['total'];
    const repeated = { name: 'greet', arguments: { name: 'Ed' }, _meta: { [IDEMPOTENCY_META]: 'k2' } };
    for (let again = 0; again < 2; again++) await client.callTool(repeated);
    expect((await call('list_runs'))['total']).toBe((before as number) + 1);
  });

  it('shows workflows, cancels runs and counts credits', async () => {
    const { workflows, total } = await call('list_workflows', { limit: 2 });
    expect([total, workflows]).toMatchObject([stack.workflowIds.length, [{ id: 'checkup', credit_cost: 10 }, {}]]);
    expect(await call('get_workflow', { workflow_id: 'hidden' })).toMatchObject({ tool: null, name: 'Hidden' });
    const { run_id } = await call('run_workflow', { workflow_id: 'checkup' });
    expect(await call('get_credits')).toMatchObject({ reserved: 10 });
    expect(await call('cancel_run', { run_id, reason: 'enough' })).toMatchObject({
      status: 'cancelled',
      terminal: true,
    });
    expect(await call('cancel_run', { run_id })).toMatchObject({ isError: false, run_id, status: 'cancelled' });
    expect(await call('get_credits')).toMatchObject({ reserved: 0 });
    expect(await call('retry_run', { run_id })).toMatchObject({ run_id, terminal: false, credits_reserved: 10 });
    expect(await call('get_credits')).toMatchObject({ reserved: 10 });
    expect(await call('retry_run', { run_id })).toMatchObject({ isError: true, error: { code: 'conflict' } });
    await call('cancel_run', { run_id });
    const again = await call('rerun', { run_id, idempotency_key: 'again' });
    expect(again).toMatchObject({ created: true, terminal: false });
    expect(again['run_id']).not.toBe(run_id);
    expect(await call('rerun', { run_id, idempotency_key: 'again' })).toMatchObject({
      run_id: again['run_id'],
      created: false,
    });
    expect(await call('rerun', { run_id, from_node: 'nope' })).toMatchObject({ error: { code: 'invalid_input' } });
    await call('cancel_run', { run_id: again['run_id'] });
  });

  it('tells what a run asks, and takes the answer', async () => {
    const { run_id } = await call('run_workflow', { workflow_id: 'release' });
    const asks = { questions: [{ node_id: 'approve', message: 'Ship it?', schema: { required: ['approved'] } }] };
    await expect.poll(() => call('get_run_status', { run_id }), { timeout: 20_000 }).toMatchObject(asks);
    const status = await call('get_run_status', { run_id });
    expect(status['next_action']).toContain('answer_run (node_id "approve")');
    const give = (answer: unknown) => call('answer_run', { run_id, node_id: 'approve', answer });
    expect(await give('yes')).toMatchObject({ isError: true, error: { code: 'invalid_input' } });
    expect(await give({ approved: true })).toMatchObject({ run_id });
    expect(await call('get_run_status', { run_id, wait_seconds: 20 })).toMatchObject({
      status: 'completed',
      output: { approved: true },
    });
    expect(await give({ approved: true })).toMatchObject({ isError: true, error: { code: 'conflict' } });
  });

  it('takes the names of the other contracts for a run’s input', async () => {
    const other = (args: Fields) => call('run_workflow', { workflow_id: 'greet', wait_seconds: 10, ...args });
    expect(await other({ input_data: '{"name":"Flo"}' })).toMatchObject({ output: { text: 'Hello Flo' } });
    expect(await other({ configuration: { name: 'Gus' } })).toMatchObject({ output: { text: 'Hello Gus' } });
  });

  it('has resources for workflows and runs', async () => {
    const { resources } = await client.listResources();
    expect(resources.map(({ uri }) => uri)).toContain('errand://workflows/greet');
    const { resourceTemplates } = await client.listResourceTemplates();
    expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual([
      'errand://runs/{id}',
      'errand://workflows/{id}',
      'errand://workflows/{id}/versions/{version}',
      'errand://drafts/{id}',
    ]);
    const { run_id } = await call('run_workflow', { workflow_id: 'greet', input: { name: 'Hal' }, wait_seconds: 10 });
    const uri = `errand://runs/${String(run_id)}`;
    const { contents } = await client.readResource({ uri });
    expect(JSON.parse(contents[0]?.text ?? '')).toMatchObject({ status: 'completed', output: { text: 'Hello Hal' } });
    await expect(client.readResource({ uri: 'errand://workflows/nope' })).rejects.toThrow(/Resource not found/);
    const ref = { type: 'ref/resource', uri: 'errand://runs/{id}' };
    const { completion } = await client.complete({ ref, argument: { name: 'id', value: String(run_id).slice(0, 12) } });
    expect(completion.values).toContain(run_id);
  });

  it('has a prompt for each workflow that asks for its inputs', async () => {
    const { prompts } = await client.listPrompts();
    expect(prompts.map(({ name }) => name)).toEqual(stack.workflowIds.toSorted());
    expect(prompts.find(({ name }) => name === 'greet')?.arguments).toMatchObject([{ name: 'name', required: true }]);
    const { messages } = await client.getPrompt({ name: 'checkup', arguments: { depth: '3' } });
    expect(messages[0]?.content).toMatchObject({ text: expect.stringContaining('"depth": 3') as string });
    const ref = { type: 'ref/prompt', name: 'checkup' };
    const { completion } = await client.complete({ ref, argument: { name: 'mood', value: 's' } });
    expect(completion.values).toEqual(['strict']);
  });
});
