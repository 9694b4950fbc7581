import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as Transport1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Client as Client2, StreamableHTTPClientTransport as Transport2 } from '@modelcontextprotocol/client';
import { createTaskSessionFromClient } from '@modelcontextprotocol/ext-tasks/client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startNativeStack, type NativeStack } from '../../../test/native-stack.js';

let stack: NativeStack;
let caller: Awaited<ReturnType<NativeStack['newCaller']>>;
beforeAll(async () => {
  stack = await startNativeStack();
});
beforeEach(async () => {
  stack.agents.clear();
  caller = await stack.newCaller();
});
afterAll(() => stack.close());

const INFO = { name: 'test', version: '1.0.0' };
const TASKS = { extensions: { 'io.modelcontextprotocol/tasks': {} } };
type Fields = Record<string, unknown>;
interface Answer {
  readonly result?: Fields;
  readonly error?: { readonly code: number; readonly message: string };
}

let ids = 0;

/** One request of the stateless era, as a client writes it that has the Tasks extension. */
async function ask(method: string, params: Fields, options: { headers?: Fields; capabilities?: Fields } = {}) {
  const { headers = caller.headers, capabilities = TASKS } = options;
  const name = params['name'] ?? params['uri'] ?? params['taskId'];
  const response = await fetch(stack.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(typeof name === 'string' ? { 'mcp-name': name } : {}),
      ...(headers as Record<string, string>),
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: ++ids,
      method,
      params: {
        ...params,
        _meta: {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientInfo': INFO,
          'io.modelcontextprotocol/clientCapabilities': capabilities,
        },
      },
    }),
  });
  return (await response.json()) as Answer;
}

const getTask = async (taskId: unknown) => (await ask('tasks/get', { taskId })).result ?? {};

/** Lets both agents of a checkup end well once they are at work. */
async function endCheckup(): Promise<void> {
  await expect.poll(() => stack.agents.size).toBe(2);
  for (const agent of stack.agents.values()) agent.end();
}

describe('tasks of 2026-07-28', () => {
  it('are views of runs: status in words, then the result of the workflow’s tool', async () => {
    const { result = {} } = await ask('tools/call', { name: 'checkup', arguments: {} });
    expect(result).toMatchObject({ resultType: 'task', status: 'working', ttlMs: null });
    const { taskId } = result;
    await expect.poll(() => stack.agents.size).toBe(2);
    stack.agents.get('links')?.context.progress(65);
    await expect
      .poll(async () => (await getTask(taskId))['statusMessage'])
      .toBe('0 of 2 agents done; Link Checker 65 %; SEO Inspector 0 %');
    stack.agents.get('links')?.fail('no links');
    stack.agents.get('seo')?.end({ score: 40 });
    await expect.poll(async () => (await getTask(taskId))['status']).toBe('completed');
    expect(await getTask(taskId)).toMatchObject({
      statusMessage: 'completed in part: 1 of 2 agents succeeded',
      result: { structuredContent: { score: 40 } },
    });
  });

  it('of a failed run are completed, and their result says that it failed', async () => {
    const { result = {} } = await ask('tools/call', { name: 'fails', arguments: {} });
    await expect.poll(async () => (await getTask(result['taskId']))['status']).toBe('completed');
    expect(await getTask(result['taskId'])).toMatchObject({
      statusMessage: 'failed: the oven is cold',
      result: { isError: true, structuredContent: { error: { code: 'run_failed' } } },
    });
  });

  it('are cancelled with their run', async () => {
    const { result = {} } = await ask('tools/call', { name: 'checkup', arguments: {} });
    const { taskId } = result;
    expect((await ask('tasks/cancel', { taskId })).result).toMatchObject({ resultType: 'complete' });
    expect(await getTask(taskId)).toMatchObject({ status: 'cancelled' });
    const runId = String(taskId).replace('run_', '');
    expect(await stack.services.getRun(caller.caller, { runId })).toMatchObject({ status: 'cancelled' });
  });

  it('need input while a node asks a person, and go on with the answer', async () => {
    const capabilities = { ...TASKS, elicitation: {} };
    const call = async (method: string, params: Fields) => await ask(method, params, { capabilities });
    const { result = {} } = await call('tools/call', { name: 'release', arguments: {} });
    const { taskId } = result;
    const seen = async () => (await call('tasks/get', { taskId })).result ?? {};
    await expect.poll(async () => (await seen())['status']).toBe('input_required');
    expect((await seen())['inputRequests']).toEqual({
      'approve.1': {
        method: 'elicitation/create',
        params: {
          mode: 'form',
          message: 'Ship it?',
          requestedSchema: {
            type: 'object',
            properties: { approved: { type: 'boolean' }, remark: { type: 'string', maxLength: 20 } },
            required: ['approved'],
          },
        },
      },
    });
    // A client that cannot ask sees work that waits.
    expect(await getTask(taskId)).toMatchObject({ status: 'working' });
    const answer = (response: Fields) => call('tasks/update', { taskId, inputResponses: { 'approve.1': response } });
    expect(await answer({ action: 'accept', content: { approved: 'maybe' } })).toMatchObject({
      error: { code: -32602 },
    });
    expect(await answer({ action: 'decline' })).toMatchObject({ result: { resultType: 'complete' } });
    expect(await seen()).toMatchObject({ status: 'input_required' });
    const content = { approved: true, remark: 'go' };
    expect(await answer({ action: 'accept', content })).toMatchObject({ result: { resultType: 'complete' } });
    expect(await answer({ action: 'accept', content })).toMatchObject({ result: { resultType: 'complete' } });
    await expect.poll(async () => (await seen())['status']).toBe('completed');
    expect(await seen()).toMatchObject({ result: { structuredContent: content } });
  });

  it('belong to the organization that made them', async () => {
    const { result = {} } = await ask('tools/call', { name: 'checkup', arguments: {} });
    const { headers } = await stack.newCaller();
    for (const method of ['tasks/get', 'tasks/cancel', 'tasks/update']) {
      const params = { taskId: result['taskId'], ...(method === 'tasks/update' ? { inputResponses: {} } : {}) };
      expect(await ask(method, params, { headers })).toMatchObject({ error: { code: -32602 } });
    }
    expect(await getTask(result['taskId'])).toMatchObject({ status: 'working' });
  });

  it('are not given to a client that has not said that it knows them', async () => {
    const { result } = await ask('tools/call', { name: 'greet', arguments: { name: 'Ada' } }, { capabilities: {} });
    expect(result).toMatchObject({ resultType: 'complete', structuredContent: { text: 'Hello Ada' } });
  });

  it('are what run_workflow answers with to nobody: it answers at once as it is', async () => {
    const { result } = await ask('tools/call', { name: 'run_workflow', arguments: { workflow_id: 'checkup' } });
    expect(result).toMatchObject({ resultType: 'complete', structuredContent: { status: 'pending' } });
  });
});

describe('the Tasks client', () => {
  const session2 = async (headers: { authorization: string }) => {
    const capabilities = { ...TASKS, elicitation: {} };
    const client = new Client2(INFO, { capabilities, versionNegotiation: { mode: 'auto' } });
    await client.connect(new Transport2(stack.url, { requestInit: { headers } }));
    const session = createTaskSessionFromClient(client, {
      endpointId: stack.url.href,
      // The client itself cannot carry answers that are tasks.
      rawDispatch: async (framed, options) => {
        const request = framed as unknown as { readonly method: string; readonly params?: { readonly name?: string } };
        const name = request.params?.name;
        const response = await fetch(stack.url, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            accept: 'application/json, text/event-stream',
            'mcp-protocol-version': '2026-07-28',
            'mcp-method': request.method,
            ...(name === undefined ? {} : { 'mcp-name': name }),
            ...options?.context?.headers,
            ...headers,
          },
          body: JSON.stringify({ jsonrpc: '2.0', id: `raw-${++ids}`, ...request }),
          ...(options?.signal === undefined ? {} : { signal: options.signal }),
        });
        const { result, error } = (await response.json()) as { result: never; error?: never };
        return error === undefined ? { kind: 'result', result } : { kind: 'error', error };
      },
      v2RequestFraming: { protocolVersion: '2026-07-28', clientInfo: INFO, clientCapabilities: capabilities },
      onInputRequest: async () => ({ action: 'accept', content: { approved: true, remark: 'asked' } }) as never,
    });
    return { session, close: () => client.close() };
  };

  const session1 = async (headers: { authorization: string }) => {
    const client = new Client2(INFO);
    await client.connect(new Transport2(stack.url, { requestInit: { headers } }));
    return {
      session: createTaskSessionFromClient(client, { endpointId: stack.url.href }),
      close: () => client.close(),
    };
  };

  it.each([
    ['2026-07-28', session2],
    ['2025-11-25', session1],
  ])('drives workflows to their end in %s', async (_, open) => {
    const { session, close } = await open(caller.headers);
    const task = { task: { preference: 'prefer' } } as const;
    const execution = await session.callTool('checkup', {}, task);
    expect(execution.kind).toBe('task');
    await endCheckup();
    const { outcome } = await execution.settle();
    expect(outcome).toMatchObject({ status: 'completed', result: { structuredContent: { score: 80 } } });
    const failing = await (await session.callTool('fails', {}, task)).settle();
    expect(failing.outcome).toMatchObject({ status: 'completed', result: { isError: true } });
    await session.close();
    await close();
  });

  it('puts a run’s questions before its person', async () => {
    const { session, close } = await session2(caller.headers);
    const { outcome } = await (await session.callTool('release', {})).settle();
    expect(outcome).toMatchObject({ result: { structuredContent: { approved: true, remark: 'asked' } } });
    await session.close();
    await close();
  });
});

describe('tasks of 2025-11-25', () => {
  const connect = async () => {
    const client = new Client1(INFO);
    await client.connect(new Transport1(stack.url, { requestInit: { headers: caller.headers } }));
    await client.listTools();
    return client;
  };

  it('are followed by the client 1.x, for a workflow’s tool and for run_workflow', async () => {
    const client = await connect();
    const { tasks } = client.experimental;
    const calls = [
      { name: 'checkup', arguments: {} },
      { name: 'run_workflow', arguments: { workflow_id: 'checkup' } },
    ];
    const results: unknown[] = [];
    for (const params of calls) {
      stack.agents.clear();
      const task = { task: {} };
      for await (const message of tasks.callToolStream(params, undefined, task)) {
        if (message.type === 'taskCreated') void endCheckup();
        if (message.type === 'error') throw message.error;
        if (message.type === 'result') results.push(message.result.structuredContent);
      }
    }
    expect(results).toMatchObject([{ score: 80 }, { status: 'completed', output: { score: 80 } }]);
    await client.close();
  });

  it('are listed newest first, a page at a time, with the runs that other calls started', async () => {
    const client = await connect();
    for (let index = 0; index < 55; index++) {
      await stack.services.runWorkflow(caller.caller, { workflowId: 'greet', input: { name: String(index) } });
    }
    const { tasks } = client.experimental;
    const first = await tasks.listTasks();
    await stack.services.runWorkflow(caller.caller, { workflowId: 'greet', input: { name: 'later' } });
    const second = await tasks.listTasks(first.nextCursor);
    const listed = [...first.tasks, ...second.tasks].map(({ taskId }) => taskId);
    expect(new Set(listed).size).toBe(55);
    expect(listed).toEqual(listed.toSorted().toReversed());
    expect(second.nextCursor).toBeUndefined();
    await client.close();
  });

  it('can be cancelled once', async () => {
    const client = await connect();
    const { tasks } = client.experimental;
    const { run } = await stack.services.runWorkflow(caller.caller, { workflowId: 'checkup', input: {} });
    const taskId = `run_${run.id}`;
    expect(await tasks.cancelTask(taskId)).toMatchObject({ status: 'cancelled' });
    await expect(tasks.cancelTask(taskId)).rejects.toThrow(/cancelled/);
    await client.close();
  });
});

describe('listening', () => {
  it('tells of a task’s changes as they come, its result with the last', async () => {
    const { result = {} } = await ask('tools/call', { name: 'checkup', arguments: {} });
    const { taskId } = result;
    const other = await stack.newCaller();
    const { run } = await stack.services.runWorkflow(other.caller, { workflowId: 'greet', input: { name: 'Ada' } });
    const done = new AbortController();
    const response = await fetch(stack.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': 'subscriptions/listen',
        ...caller.headers,
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 'listen',
        method: 'subscriptions/listen',
        params: {
          notifications: { taskIds: [taskId, `run_${run.id}`] },
          _meta: {
            'io.modelcontextprotocol/protocolVersion': '2026-07-28',
            'io.modelcontextprotocol/clientCapabilities': TASKS,
          },
        },
      }),
      signal: done.signal,
    });
    const messages: { method: string; params: Fields }[] = [];
    const reading = readEvents(response, (data) => messages.push(data as (typeof messages)[number]));
    await expect.poll(() => messages.length).toBeGreaterThan(0);
    expect(messages[0]).toMatchObject({ params: { notifications: { taskIds: [taskId] } } });
    await expect.poll(() => stack.agents.size).toBe(2);
    for (const agent of stack.agents.values()) agent.end();
    await expect.poll(() => messages.at(-1)?.params['status']).toBe('completed');
    expect(messages.at(-1)).toMatchObject({
      method: 'notifications/tasks',
      params: { taskId, result: { structuredContent: { score: 80 } } },
    });
    done.abort();
    await reading;
  });

  it('tells of tasks, of runs as resources, and of a changed set of workflows', async () => {
    const client = new Client2(INFO, { capabilities: TASKS, versionNegotiation: { mode: 'auto' } });
    await client.connect(new Transport2(stack.url, { requestInit: { headers: caller.headers } }));
    const told: unknown[] = [];
    client.setNotificationHandler('notifications/tools/list_changed', () => void told.push('tools'));
    client.setNotificationHandler('notifications/prompts/list_changed', () => void told.push('prompts'));
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => void told.push(params.uri));
    const { run } = await stack.services.runWorkflow(caller.caller, { workflowId: 'checkup', input: {} });
    const uri = `errand://runs/run_${run.id}`;
    const subscription = await client.listen({
      toolsListChanged: true,
      promptsListChanged: true,
      resourceSubscriptions: [
        uri,
        'errand://runs/run_00000000-0000-7000-8000-000000000000',
        'errand://workflows/words',
      ],
    });
    expect(subscription.honoredFilter).toMatchObject({ resourceSubscriptions: [uri, 'errand://workflows/words'] });
    await endCheckup();
    await expect.poll(() => told).toContain(uri);
    await stack.replaceWorkflows(stack.workflowIds.filter((id) => id !== 'words'));
    await expect.poll(() => told).toEqual(expect.arrayContaining(['tools', 'prompts', 'errand://workflows/words']));
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).not.toContain('words');
    await stack.replaceWorkflows(stack.workflowIds);
    await subscription.close();
    await client.close();
  });
});

describe('a client that goes away', () => {
  it('leaves its run running', async () => {
    const gone = new AbortController();
    const client = new Client2(INFO, { versionNegotiation: { mode: 'auto' } });
    await client.connect(new Transport2(stack.url, { requestInit: { headers: caller.headers } }));
    const call = client.callTool(
      { name: 'checkup', arguments: {} },
      { signal: gone.signal, onprogress: () => undefined },
    );
    await expect.poll(() => stack.agents.size).toBe(2);
    gone.abort();
    await expect(call).rejects.toThrow(/abort/i);
    await client.close();
    await endCheckup();
    const list = () => stack.services.listRuns(caller.caller, { limit: 10, offset: 0 });
    await expect.poll(async () => (await list()).runs[0]?.status).toBe('completed');
  });
});

describe('a restart', () => {
  it('leaves tasks where they were', async () => {
    const first = await startNativeStack();
    const { headers } = await first.newCaller();
    const before = stack;
    try {
      stack = first;
      const { result = {} } = await ask('tools/call', { name: 'checkup', arguments: {} }, { headers });
      await expect.poll(() => first.agents.size).toBe(2);
      stack = await first.restart();
      const { taskId } = result;
      expect((await ask('tasks/get', { taskId }, { headers })).result).toMatchObject({ taskId, status: 'working' });
      await endCheckup();
      const status = async () => (await ask('tasks/get', { taskId }, { headers })).result?.['status'];
      await expect.poll(status).toBe('completed');
    } finally {
      await stack.close();
      stack = before;
    }
  });
});

/** Reads server-sent events until the stream ends or is cut. */
async function readEvents(response: Response, take: (data: unknown) => void): Promise<void> {
  let text = '';
  const decoder = new TextDecoder();
  try {
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true });
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const data = /^data: (.*)$/m.exec(text.slice(0, end))?.[1];
        text = text.slice(end + 2);
        if (data !== undefined) take(JSON.parse(data));
      }
    }
  } catch (thrown) {
    if (!(thrown instanceof Error) || thrown.name !== 'AbortError') throw thrown;
  }
}
