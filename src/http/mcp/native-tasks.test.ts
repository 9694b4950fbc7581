import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as Transport1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Client as Client2, StreamableHTTPClientTransport as Transport2 } from '@modelcontextprotocol/client';
import { describe, expect, it } from 'vitest';
import { startNativeStack } from '../../../test/support/http/native-stack.js';

setUp();
import {
  stack,
  caller,
  INFO,
  TASKS,
  type Fields,
  ask,
  getTask,
  endCheckup,
  useStack,
  setUp,
} from '../../../test/support/http/native-tasks-under-test.js';

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
      useStack(first);
      const { result = {} } = await ask('tools/call', { name: 'checkup', arguments: {} }, { headers });
      await expect.poll(() => first.agents.size).toBe(2);
      useStack(await first.restart());
      const { taskId } = result;
      expect((await ask('tasks/get', { taskId }, { headers })).result).toMatchObject({ taskId, status: 'working' });
      await endCheckup();
      const status = async () => (await ask('tasks/get', { taskId }, { headers })).result?.['status'];
      await expect.poll(status).toBe('completed');
    } finally {
      await stack.close();
      useStack(before);
    }
  });
});
