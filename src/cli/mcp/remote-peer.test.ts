import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { KEY_A, startFixture, toolCall, type Fixture } from '../../../test/support/http/http-fixture.js';
import { silentLogger } from '../../core/ports/logger.js';
import { serve } from '../../http/serve.js';
import { parseMessages } from '../../mcp/message/json-rpc.js';
import type { McpReply } from '../../mcp/mcp-server.js';
import { nodeClock } from '../../app/process/node-clock.js';
import { RemotePeer } from './remote-peer.js';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function start(): Promise<Fixture> {
  const fixture = await startFixture();
  closers.push(() => fixture.close());
  return fixture;
}

/** A server that is none of Errand's. */
async function startOther(given: { status: number; type: string; body: string }): Promise<string> {
  const { status, type, body } = given;
  const server: Server = createServer((_, response) => {
    response.writeHead(status, { 'content-type': type }).end(body);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  closers.push(async () => {
    server.closeAllConnections();
    await once(server.close(), 'close');
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
}

function peerOf(url: string, apiKey: string | null = KEY_A): RemotePeer {
  return new RemotePeer({ url, apiKey, clock: nodeClock, logger: silentLogger });
}

const NEVER = new AbortController().signal;

async function ask(peer: RemotePeer, message: object, signal = NEVER): Promise<McpReply> {
  const text = JSON.stringify(message);
  return await peer.handle({ text, parsed: parseMessages(text), revision: '2025-11-25', signal: () => signal });
}

async function answer(peer: RemotePeer, message: object): Promise<unknown> {
  const reply = await ask(peer, message);
  return reply.kind === 'answer' ? JSON.parse(reply.text) : reply;
}

const PING = { jsonrpc: '2.0', id: 'p', method: 'ping' };
const stateless = (method: string, params: object = {}) => ({
  jsonrpc: '2.0',
  id: 1,
  method,
  params: {
    ...params,
    _meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
    },
  },
});

describe('a peer in front of a server', () => {
  it('sends messages of both eras on, with the headers that belong to them', async () => {
    const peer = peerOf(`${(await start()).url}/mcp`);
    expect(await answer(peer, PING)).toEqual({ jsonrpc: '2.0', id: 'p', result: {} });
    expect(await answer(peer, stateless('server/discover'))).toMatchObject({ result: { resultType: 'complete' } });
    expect(await answer(peer, stateless('tools/call', { name: 'list_workflows' }))).toMatchObject({
      result: { structuredContent: { total: 1 } },
    });
    expect(await answer(peer, stateless('resources/read', { uri: 'errand://workflows/日本 ' }))).toMatchObject({
      error: { code: -32602 },
    });
    expect(await answer(peer, stateless('no/such\nmethod'))).toMatchObject({ id: 1, error: { code: -32020 } });
    expect(await ask(peer, { jsonrpc: '2.0', method: 'notifications/initialized' })).toEqual({ kind: 'none' });
  });

  it('says whose answer a refusal is that came without an id, and what to do about a key', async () => {
    const { url } = await start();
    const huge = { ...PING, params: { x: 'x'.repeat(2_000_000) } };
    expect(await answer(peerOf(`${url}/mcp`), huge)).toMatchObject({ id: 'p', error: { code: -32000 } });
    const refused = { id: 'p', error: { message: expect.stringContaining('ERRAND_API_KEY') as unknown } };
    expect(await answer(peerOf(`${url}/mcp`, null), PING)).toMatchObject(refused);
    expect(await answer(peerOf(`${url}/mcp`, 'sk_live_wrong'), PING)).toMatchObject(refused);
  });

  it('says at once when no server is there', async () => {
    const url = await startOther({ status: 200, type: 'text/plain', body: '' });
    for (const close of closers.splice(0)) await close();
    const began = nodeClock.now();
    expect(await answer(peerOf(url), PING)).toMatchObject({
      id: 'p',
      error: { code: -32603, message: expect.stringContaining('No Errand server answers') as unknown },
    });
    expect(nodeClock.now() - began).toBeLessThan(5_000);
  });

  it.each([
    { status: 200, type: 'text/html', body: '<h1>hello</h1>' },
    { status: 404, type: 'application/json', body: '{"detail":"no"}' },
    { status: 502, type: 'text/plain', body: '' },
    { status: 200, type: 'application/json', body: '[]' },
  ])('says when it is no Errand that answers: $status $type', async (given) => {
    const peer = peerOf(await startOther(given));
    expect(await answer(peer, PING)).toMatchObject({
      id: 'p',
      error: { code: -32603, message: expect.stringContaining('does not speak as an Errand server does') as unknown },
    });
  });

  it('puts an answer of several lines on one', async () => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 'p', result: {} }, null, 2);
    const reply = await ask(peerOf(await startOther({ status: 200, type: 'application/json', body })), PING);
    expect(reply).toMatchObject({ kind: 'answer', text: '{"jsonrpc":"2.0","id":"p","result":{}}' });
  });

  it('ends a stream that is cut with an error, as the answer is lost', async () => {
    const body = 'data: {"jsonrpc":"2.0","method":"notifications/progress"}\n\n';
    const peer = peerOf(await startOther({ status: 200, type: 'text/event-stream', body }));
    const reply = await ask(peer, toolCall('run_workflow', {}, 9));
    if (reply.kind !== 'stream') throw new Error('no stream');
    const messages: unknown[] = [];
    for await (const message of reply.messages) messages.push(JSON.parse(message));
    expect(messages).toMatchObject([{ method: 'notifications/progress' }, { id: 9, error: { code: -32603 } }]);
  });

  it('waits for a server that restarts, and goes on listening to it', async () => {
    const fixture = await start();
    const peer = peerOf(`${fixture.url}/mcp`);
    const listening = new AbortController();
    const filter = {
      notifications: { toolsListChanged: true, resourceSubscriptions: ['errand://workflows/greeting'] },
    };
    const replies = [
      await ask(peer, stateless('subscriptions/listen', filter), listening.signal),
      (await peer.listen({ revision: '2025-11-25', signal: () => listening.signal })) ?? { kind: 'none' },
    ];
    const told = replies.map((reply): string[] => {
      const methods: string[] = [];
      if (reply.kind !== 'stream') throw new Error('no stream');
      void (async () => {
        for await (const message of reply.messages) methods.push((JSON.parse(message) as { method: string }).method);
        methods.push('the end');
      })();
      return methods;
    });
    await expect.poll(() => told[0]).toHaveLength(1);

    await fixture.server.close({ graceMs: 0 });
    const pending = answer(peer, PING);
    const again = await serve({ app: fixture.app, host: '127.0.0.1', port: fixture.server.port });
    closers.push(() => again.close({ graceMs: 0 }));

    expect(await pending).toEqual({ jsonrpc: '2.0', id: 'p', result: {} });
    const lists = ['tools', 'prompts', 'resources'].map((list) => `notifications/${list}/list_changed`);
    await expect
      .poll(() => told, { timeout: 10_000 })
      .toEqual([['notifications/subscriptions/acknowledged', 'notifications/tools/list_changed'], lists]);
    listening.abort();
    await expect.poll(() => told.map((methods) => methods.at(-1))).toEqual(['the end', 'the end']);
  });
});
