import { Client as Client2, StreamableHTTPClientTransport as Transport2 } from '@modelcontextprotocol/client';
import { describe, expect, it } from 'vitest';

setUp();
import {
  stack,
  caller,
  INFO,
  TASKS,
  type Fields,
  ask,
  endCheckup,
  setUp,
} from '../../../test/support/http/native-tasks-under-test.js';

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
