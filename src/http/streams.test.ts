import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ask,
  bodyOf,
  collect,
  messagesOf,
  startMcpFixture,
  TASKS,
  type McpFixture,
  type RpcBody,
} from '../../test/support/http/mcp-fixture.js';

const SUBSCRIPTION = 'io.modelcontextprotocol/subscriptionId';

let fixture: McpFixture;
beforeEach(async () => {
  fixture = await startMcpFixture();
});
afterEach(() => fixture.close());

async function nextOf(messages: AsyncGenerator<RpcBody, void>): Promise<RpcBody> {
  const next = await messages.next();
  if (next.done === true) throw new Error('the stream has ended');
  return next.value;
}

describe('a call that reports', () => {
  const withProgress = (meta: Record<string, unknown>, headers: Record<string, string> = {}) =>
    ask(fixture.url, 'tools/call', { name: 'test_tool_with_progress' }, { id: 'call', meta, headers });

  it('is a stream of reports and its answer', async () => {
    const messages = await collect(await withProgress({ progressToken: 7 }));
    expect(messages.map(({ method, params }) => [method, params?.['progressToken'], params?.['progress']])).toEqual([
      ['notifications/progress', 7, 0],
      ['notifications/progress', 7, 50],
      ['notifications/progress', 7, 100],
      [undefined, undefined, undefined],
    ]);
    expect(messages.at(-1)).toMatchObject({ id: 'call', result: { resultType: 'complete' } });
  });

  it('is a plain answer to who did not ask for reports, or takes no streams', async () => {
    for (const response of [
      await withProgress({}),
      await withProgress({ progressToken: 7 }, { accept: 'application/json' }),
    ]) {
      expect(response.headers.get('content-type')).toBe('application/json');
      expect(await bodyOf(response)).toMatchObject({ id: 'call', result: { resultType: 'complete' } });
    }
  });

  it('logs from the level on that the client asked for', async () => {
    const log = (logLevel: string) =>
      ask(
        fixture.url,
        'tools/call',
        { name: 'test_logging_tool' },
        { meta: { 'io.modelcontextprotocol/logLevel': logLevel } },
      );
    expect((await collect(await log('info'))).map(({ method }) => method)).toEqual([
      'notifications/message',
      'notifications/message',
      'notifications/message',
      undefined,
    ]);
    expect(await bodyOf(log('error'))).toMatchObject({ result: { resultType: 'complete' } });
  });
});

describe('subscriptions/listen', () => {
  const listen = (notifications: object, options: Parameters<typeof ask>[3] = {}) =>
    ask(fixture.url, 'subscriptions/listen', { notifications }, { id: 'listen-1', ...options });
  const trigger = (name: string) => ask(fixture.url, 'tools/call', { name });

  it('acknowledges what it will tell, then tells it under the id of the request', async () => {
    const messages = messagesOf(await listen({ toolsListChanged: true, resourceSubscriptions: ['test://a'] }));
    expect(await nextOf(messages)).toMatchObject({
      method: 'notifications/subscriptions/acknowledged',
      params: {
        _meta: { [SUBSCRIPTION]: 'listen-1' },
        notifications: { toolsListChanged: true, resourceSubscriptions: ['test://a'] },
      },
    });
    await trigger('test_trigger_prompt_change');
    await trigger('test_trigger_tool_change');
    expect(await nextOf(messages)).toEqual({
      jsonrpc: '2.0',
      method: 'notifications/tools/list_changed',
      params: { _meta: { [SUBSCRIPTION]: 'listen-1' } },
    });
    await messages.return();
  });

  it('tells of tasks as they change, to who declares that it knows tasks', async () => {
    const refused = await listen({ taskIds: ['x'] });
    expect([refused.status, (await bodyOf(refused)).error?.code]).toEqual([400, -32021]);
    const call = await bodyOf(ask(fixture.url, 'tools/call', { name: 'confirm_delete' }, { capabilities: TASKS }));
    const taskId = call.result?.['taskId'] as string;
    const get = async () => (await bodyOf(ask(fixture.url, 'tasks/get', { taskId }, { capabilities: TASKS }))).result;
    await expect.poll(async () => (await get())?.['status']).toBe('input_required');
    const messages = messagesOf(await listen({ taskIds: [taskId] }, { capabilities: TASKS }));
    await nextOf(messages);
    const inputResponses = { confirm: { action: 'accept', content: { confirm: true } } };
    await ask(fixture.url, 'tasks/update', { taskId, inputResponses }, { capabilities: TASKS });
    let last = await nextOf(messages);
    while (last.params?.['status'] !== 'completed') last = await nextOf(messages);
    expect(last).toMatchObject({
      method: 'notifications/tasks',
      params: { taskId, result: { content: [{ text: 'deleted' }] }, _meta: { [SUBSCRIPTION]: 'listen-1' } },
    });
    await messages.return();
  });

  it('ends with a result when the server stops', async () => {
    const messages = messagesOf(await listen({ promptsListChanged: true }));
    await nextOf(messages);
    const closed = fixture.close();
    expect(await nextOf(messages)).toMatchObject({
      id: 'listen-1',
      result: { resultType: 'complete', _meta: { [SUBSCRIPTION]: 'listen-1' } },
    });
    expect((await messages.next()).done).toBe(true);
    await closed;
  });

  it('is open a hundred times at most for one caller, and free again when a client leaves', async () => {
    const gone = new AbortController();
    const open = await Promise.all(Array.from({ length: 100 }, () => listen({}, { signal: gone.signal })));
    expect(open.every((response) => response.headers.get('content-type') === 'text/event-stream')).toBe(true);
    expect((await bodyOf(listen({}))).error?.code).toBe(-32603);
    gone.abort();
    await expect
      .poll(async () => {
        const response = await listen({});
        await response.body?.cancel();
        return response.headers.get('content-type');
      })
      .toBe('text/event-stream');
  });
});

describe('GET in the handshake era', () => {
  it('tells that lists have changed', async () => {
    const response = await fetch(fixture.url, {
      headers: { accept: 'text/event-stream', 'mcp-protocol-version': '2025-11-25' },
    });
    const messages = messagesOf(response);
    const first = messages.next();
    await ask(fixture.url, 'tools/call', { name: 'test_trigger_tool_change' });
    expect((await first).value).toMatchObject({ method: 'notifications/tools/list_changed' });
    await messages.return();
  });

  it('is not possible in the stateless era, or for anything but a stream', async () => {
    for (const headers of [{ accept: 'text/event-stream', 'mcp-protocol-version': '2026-07-28' }, { accept: '*/*' }]) {
      const response = await fetch(fixture.url, { headers: headers as Record<string, string> });
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST, OPTIONS']);
    }
  });
});

describe('tasks of 2025-11-25', () => {
  const send = (method: string, params: object) =>
    fetch(fixture.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2025-11-25',
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    });
  const start = async (name: string, args: object = {}) => {
    const { result } = await bodyOf(send('tools/call', { name, arguments: args, task: { ttl: 1000 } }));
    return result?.['task'] as { taskId: string; status: string };
  };

  const resultOf = async ({ taskId }: { taskId: string }): Promise<RpcBody> => {
    const response = await send('tasks/result', { taskId });
    if (response.headers.get('content-type') === 'application/json') return await bodyOf(response);
    const last = (await collect(response)).at(-1);
    if (last === undefined) throw new Error('an empty stream');
    return last;
  };

  it('are made when asked for, have their result when it is there, and say which task it is of', async () => {
    const task = await start('slow_compute', { seconds: 0.05, label: 'x' });
    expect(task).toMatchObject({ status: 'working', ttl: 600_000, pollInterval: 100 });
    const { result } = await resultOf(task);
    expect(result).toMatchObject({
      content: [{ text: 'computed x' }],
      _meta: { 'io.modelcontextprotocol/related-task': { taskId: task.taskId } },
    });
    expect((await bodyOf(send('tasks/get', { taskId: task.taskId }))).result).toMatchObject({ status: 'completed' });
    const list = await bodyOf(send('tasks/list', {}));
    expect(list.result?.['tasks']).toMatchObject([{ taskId: task.taskId }]);
  });

  it('tell how they stand while their result is waited for', async () => {
    const { taskId } = await start('slow_compute', { seconds: 30 });
    const waiting = await Promise.all([send('tasks/result', { taskId }), send('tasks/cancel', { taskId })]);
    const messages = await collect(waiting[0]);
    expect(messages[0]).toMatchObject({
      method: 'notifications/tasks/status',
      params: { taskId, status: 'cancelled' },
    });
    expect(messages.at(-1)).toMatchObject({ id: 1, error: { code: -32602 } });
  });

  it('cannot be cancelled when they have ended', async () => {
    const { taskId } = await start('failing_job');
    expect((await resultOf({ taskId })).result).toMatchObject({ isError: true });
    expect((await bodyOf(send('tasks/cancel', { taskId }))).error?.code).toBe(-32602);
  });

  it('give the very error that the work ended with', async () => {
    const { taskId } = await start('protocol_error_job');
    expect((await resultOf({ taskId })).error).toMatchObject({ code: -32603 });
  });

  it('are not made by tools that have none, and must be by tools that have nothing else', async () => {
    expect((await bodyOf(send('tools/call', { name: 'greet', task: {} }))).error?.code).toBe(-32601);
    expect((await bodyOf(send('tools/call', { name: 'failing_job' }))).error?.code).toBe(-32601);
    expect((await bodyOf(send('tools/call', { name: 'slow_compute', task: 5 }))).error?.code).toBe(-32602);
  });
});
