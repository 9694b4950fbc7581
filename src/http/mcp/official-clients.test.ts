import { Client as Client2, StreamableHTTPClientTransport as Transport2 } from '@modelcontextprotocol/client';
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as Transport1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema, ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bearer, KEY_A, startFixture, type Fixture } from '../../../test/support/http/http-fixture.js';
import { startMcpFixture, type McpFixture } from '../../../test/support/http/mcp-fixture.js';
import { MOUNTS } from './mounts.js';

const INFO = { name: 'test', version: '1' };

let errand: Fixture;
let conformance: McpFixture;
beforeAll(async () => {
  [errand, conformance] = await Promise.all([startFixture(), startMcpFixture()]);
});
afterAll(() => Promise.all([errand.close(), conformance.close()]));

const withKey = { requestInit: { headers: bearer(KEY_A) } };

async function connect1(url: string, options: ConstructorParameters<typeof Client1>[1] = {}): Promise<Client1> {
  const client = new Client1(INFO, options);
  await client.connect(new Transport1(new URL(url), withKey));
  return client;
}

type Mode = 'legacy' | 'auto' | { pin: string };

async function connect2(url: string, mode: Mode, capabilities: object = {}): Promise<Client2> {
  const client = new Client2(INFO, { versionNegotiation: { mode }, capabilities });
  await client.connect(new Transport2(new URL(url), withKey));
  return client;
}

describe.each(MOUNTS)('at $path', ({ path }) => {
  const MODES: readonly (readonly [Mode, string, string])[] = [
    ['legacy', 'legacy', '2025-11-25'],
    ['auto', 'modern', '2026-07-28'],
    [{ pin: '2026-07-28' }, 'modern', '2026-07-28'],
  ];

  it.each(MODES)('client 2.x in mode %j finds its era, lists tools and calls one', async (mode, era, revision) => {
    const client = await connect2(errand.url + path, mode);
    expect([client.getProtocolEra(), client.getNegotiatedProtocolVersion()]).toEqual([era, revision]);
    expect(client.getServerVersion()).toMatchObject({ name: 'errand' });
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain('run_workflow');
    const { content, isError } = await client.callTool({ name: 'list_workflows', arguments: {} });
    expect([isError ?? false, content]).toEqual([false, [expect.objectContaining({ type: 'text' })]]);
    await client.close();
  });

  it('client 1.x shakes hands, lists tools and calls one', async () => {
    const client = await connect1(errand.url + path);
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain('run_workflow');
    expect(await client.callTool({ name: 'list_workflows', arguments: {} })).not.toHaveProperty('isError', true);
    await client.close();
  });
});

describe('client 2.x in the stateless era', () => {
  it('answers what a tool must know, and shows progress', async () => {
    const client = await connect2(conformance.url, 'auto', { elicitation: {} });
    client.setRequestHandler('elicitation/create', async () => ({ action: 'accept', content: { name: 'Ada' } }));
    const { content } = await client.callTool({ name: 'test_input_required_result_elicitation', arguments: {} });
    expect(content).toEqual([{ type: 'text', text: 'Hello, Ada!' }]);
    const reports: number[] = [];
    const onprogress = ({ progress }: { progress: number }) => void reports.push(progress);
    await client.callTool({ name: 'test_tool_with_progress', arguments: {} }, { onprogress });
    expect(reports).toEqual([0, 50, 100]);
    await client.close();
  });

  it('listens, and repeats in headers what tools want there', async () => {
    const client = await connect2(conformance.url, 'auto');
    const told = new Promise<void>((resolve) =>
      client.setNotificationHandler('notifications/tools/list_changed', () => resolve()),
    );
    const subscription = await client.listen({ toolsListChanged: true });
    expect(subscription.honoredFilter).toEqual({ toolsListChanged: true });
    await client.callTool({ name: 'test_trigger_tool_change', arguments: {} });
    await told;
    await subscription.close();
    const { content } = await client.callTool({ name: 'test_x_mcp_header', arguments: { region: 'Zürich 日本' } });
    expect(content).toEqual([{ type: 'text', text: 'region=Zürich 日本' }]);
    await client.close();
  });
});

describe('client 1.x', () => {
  it('is told of changed lists without asking, and is asked by tools', async () => {
    const client = await connect1(conformance.url, { capabilities: { elicitation: {} } });
    client.setRequestHandler(ElicitRequestSchema, async () => ({ action: 'accept', content: { username: 'ada' } }));
    const told = new Promise<void>((resolve) =>
      client.setNotificationHandler(ToolListChangedNotificationSchema, () => resolve()),
    );
    const { content } = await client.callTool({ name: 'test_elicitation', arguments: { message: 'Who?' } });
    expect(content).toEqual([
      { type: 'text', text: 'Elicitation completed: action=accept, content={"username":"ada"}' },
    ]);
    // Its stream for these opens by itself, some time after the handshake.
    const trigger = setInterval(() => void client.callTool({ name: 'test_trigger_tool_change', arguments: {} }), 20);
    await told;
    clearInterval(trigger);
    await client.close();
  });

  it('follows a task to its end', async () => {
    const client = await connect1(conformance.url);
    await client.listTools();
    const seen: unknown[] = [];
    const stream = client.experimental.tasks.callToolStream({
      name: 'slow_compute',
      arguments: { seconds: 0.05, label: 'x' },
    });
    for await (const message of stream) {
      seen.push(message);
    }
    expect(seen[0]).toMatchObject({ type: 'taskCreated' });
    expect(seen.at(-1)).toMatchObject({ type: 'result', result: { content: [{ text: 'computed x' }] } });
    await client.close();
  });
});
