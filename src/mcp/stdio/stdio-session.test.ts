import { PassThrough } from 'node:stream';
import { sample } from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { anyRequests } from '../../../test/fuzz/mutate.js';
import { startNativeStack, type NativeStack } from '../../../test/support/http/native-stack.js';
import { silentLogger } from '../../core/ports/logger.js';
import { nodeClock } from '../../app/process/node-clock.js';
import { nativeContract } from '../native/native-contract.js';
import { createMcpServer } from '../mcp-server.js';
import { serveStdio } from './stdio-session.js';

type Message = Record<string, unknown> & { id?: unknown; method?: string; result?: Record<string, unknown> };

const PATIENCE = { timeout: 10_000, interval: 10 };

let stack: NativeStack;
let caller: Awaited<ReturnType<NativeStack['newCaller']>>['caller'];
const sessions: Session[] = [];

beforeAll(async () => {
  stack = await startNativeStack();
  ({ caller } = await stack.newCaller());
});
afterEach(async () => {
  stack.agents.clear();
  for (const session of sessions.splice(0)) await session.end();
});
afterAll(() => stack.close());

/** The native contract over a pair of streams. */
class Session {
  readonly input = new PassThrough();
  readonly stop = new AbortController();
  readonly lines: string[] = [];
  readonly received: Message[] = [];
  readonly #done: Promise<void>;

  constructor() {
    const unlimited = { take: () => ({ ok: true }) as const };
    const server = createMcpServer({
      contract: { ...nativeContract, keyFor: 'tool_calls' },
      services: stack.services,
      limits: { mutating: unlimited, reading: unlimited },
      logger: silentLogger,
      clock: nodeClock,
      newId: () => 'id',
      version: '0.0.0',
    });
    const authenticate = async () => caller;
    this.#done = serveStdio({
      input: this.input,
      write: async (line) => {
        this.lines.push(line);
        this.received.push(JSON.parse(line) as Message);
      },
      peer: {
        handle: ({ text, revision, signal }) =>
          server.handle({ text, revision, signal, headers: null, streams: true, authenticate }),
        listen: ({ revision, signal }) => server.listen({ revision, signal, authenticate }),
      },
      stop: this.stop.signal,
      clock: nodeClock,
      logger: silentLogger,
      maxLineBytes: 10_000,
    });
    sessions.push(this);
  }

  send(...messages: (object | string)[]): void {
    for (const message of messages)
      this.input.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\n`);
  }

  async answer(id: string | number): Promise<Message> {
    return await vi.waitUntil(() => this.received.find((message) => message.id === id), PATIENCE);
  }

  async told(method: string): Promise<Message> {
    return await vi.waitUntil(() => this.received.find((message) => message.method === method), PATIENCE);
  }

  async end(): Promise<void> {
    this.input.end();
    await this.#done;
  }
}

const ping = (id: string | number) => ({ jsonrpc: '2.0', id, method: 'ping' });
const call = (id: string | number, name: string, args: object, meta: object = {}) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: args, _meta: meta },
});
const STATELESS = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
};
const listenTo = (id: string | number) => ({
  jsonrpc: '2.0',
  id,
  method: 'subscriptions/listen',
  params: { _meta: STATELESS, notifications: { toolsListChanged: true } },
});
const handshake = (revision: string) => [
  { jsonrpc: '2.0', id: 'hello', method: 'initialize', params: { protocolVersion: revision, capabilities: {} } },
  { jsonrpc: '2.0', method: 'notifications/initialized' },
];
const CHECKUP = { workflow_id: 'checkup', input: {}, wait_seconds: 25 };

describe('MCP over standard input and output', () => {
  it('survives lines that are no messages, and answers them', async () => {
    const session = new Session();
    session.send('nonsense', '', '{"jsonrpc":"2.0","id":1}', '[]', `{"id":7,"x":"${'x'.repeat(20_000)}"}`, ping(2));
    await session.answer(2);
    expect(session.received.map(({ id, error }) => [id, (error as { code?: number })?.code])).toEqual([
      [null, -32700],
      [1, -32600],
      [null, -32600],
      [7, -32600],
      [2, undefined],
    ]);
  });

  it('writes lines that end nowhere else, whatever a reader takes for an end', async () => {
    const session = new Session();
    session.send(ping('a\u2028b\u2029c'));
    expect(await session.answer('a\u2028b\u2029c')).toMatchObject({ result: {} });
    expect(session.lines.join('')).not.toMatch(/[\u2028\u2029]/);
  });

  it('survives two thousand messages that are nearly right', { timeout: 60_000 }, async () => {
    const session = new Session();
    const known = { key: 'none', workflowId: 'greet', runId: '01a2001d-0000-7000-8000-000000000000' };
    for (const { body } of sample(anyRequests(known), { numRuns: 2_000, seed: 7 })) {
      session.input.write(Buffer.concat([body, Buffer.from('\n')]));
    }
    session.send(ping('the last'));
    await session.answer('the last');
    await session.end();
    const messages: Message[] = (session.received as (Message | Message[])[]).flat();
    expect(messages.length).toBeGreaterThan(1_000);
    const wrong = messages.filter((message) => {
      const kinds = ['method', 'result', 'error'].filter((field) => field in message);
      return message['jsonrpc'] !== '2.0' || kinds.length !== 1;
    });
    expect(wrong).toEqual([]);
    expect(session.lines.join('')).not.toContain('Something went wrong');
  });

  it('finds whose message was too long where its id comes last', async () => {
    const session = new Session();
    session.send(`{"method":"tools/call","params":{"id":5,"x":"${'x'.repeat(20_000)}"},"jsonrpc":"2.0","id":"z"}`);
    expect(await session.answer('z')).toMatchObject({ error: { code: -32600 } });
  });

  it('answers in the order in which answers come about', async () => {
    const session = new Session();
    session.send(call('slow', 'run_workflow', CHECKUP), ping('quick'));
    await session.answer('quick');
    await expect.poll(() => stack.agents.size).toBe(2);
    expect(session.received).toHaveLength(1);
    for (const agent of stack.agents.values()) agent.end();
    expect(await session.answer('slow')).toMatchObject({ result: { structuredContent: { status: 'completed' } } });
  });

  it('speaks the revision that the handshake came to, and both eras at once', async () => {
    for (const [revision, served] of [
      ['2025-03-26', true],
      ['2025-06-18', false],
    ] as const) {
      const session = new Session();
      session.send(...handshake(revision), [ping('in a batch')], ping('last'), {
        jsonrpc: '2.0',
        id: 'discover',
        method: 'server/discover',
        params: { _meta: STATELESS },
      });
      await session.answer('last');
      expect((await session.answer('discover')).result).toMatchObject({ resultType: 'complete' });
      expect(session.received.find(({ id }) => id === 'hello')?.result).toMatchObject({ protocolVersion: revision });
      expect(session.received.some(Array.isArray)).toBe(served);
    }
  });

  it('sends progress to whoever asked for it', async () => {
    const session = new Session();
    session.send(...handshake('2025-11-25'), call(1, 'run_workflow', CHECKUP, { progressToken: 'p' }));
    await expect.poll(() => stack.agents.size).toBe(2);
    stack.agents.get('links')?.context.progress(40);
    expect(await session.told('notifications/progress')).toMatchObject({ params: { progressToken: 'p' } });
    for (const agent of stack.agents.values()) agent.end();
    await session.answer(1);
    expect(session.received.at(-1)?.id).toBe(1);
  });

  it('sends nothing more for a request that is cancelled, and leaves its run running', async () => {
    const session = new Session();
    session.send(call('gone', 'run_workflow', CHECKUP));
    await expect.poll(() => stack.agents.size).toBe(2);
    // Its agents may be at work before that is on record.
    const newest = async () => (await stack.services.listRuns(caller, { limit: 1, offset: 0 })).runs[0]?.status;
    await expect.poll(newest).toBe('running');
    const cancel = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'gone' } };
    session.send(cancel, { ...cancel, params: { requestId: 'never asked' } }, call('runs', 'list_runs', { limit: 1 }));
    const { result } = await session.answer('runs');
    expect(result?.['structuredContent']).toMatchObject({ runs: [{ workflow_id: 'checkup', status: 'running' }] });
    await session.end();
    expect(session.received.map(({ id }) => id)).toEqual(['runs']);
    for (const agent of stack.agents.values()) agent.end();
  });

  it('tells clients of the handshake era of changed lists without being asked', async () => {
    const session = new Session();
    session.send(...handshake('2025-06-18'), ping('there'));
    await session.answer('there');
    const trigger = setInterval(() => void stack.replaceWorkflows(['greet']), 20);
    expect(await session.told('notifications/tools/list_changed')).toEqual({
      jsonrpc: '2.0',
      method: 'notifications/tools/list_changed',
      params: {},
    });
    clearInterval(trigger);
    await stack.replaceWorkflows(stack.workflowIds);
  });

  it('tells those of the stateless era what they listen for, until they cancel or the input ends', async () => {
    const session = new Session();
    session.send(listenTo('a'), listenTo('b'));
    const acknowledged = () => session.received.filter(({ method = '' }) => method.endsWith('acknowledged')).length;
    await expect.poll(acknowledged).toBe(2);
    session.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'a' } }, ping('there'));
    await session.answer('there');
    await stack.replaceWorkflows(['greet']);
    expect(await session.told('notifications/tools/list_changed')).toMatchObject({
      params: { _meta: { 'io.modelcontextprotocol/subscriptionId': 'b' } },
    });
    await stack.replaceWorkflows(stack.workflowIds);
    await session.end();
    expect(session.received.filter(({ id }) => id === 'a')).toEqual([]);
    expect(session.received.at(-1)).toMatchObject({ id: 'b', result: { resultType: 'complete' } });
  });

  it('gives last answers when the input ends, and waits no longer', async () => {
    const session = new Session();
    session.send(call('waits', 'run_workflow', CHECKUP), call('quick', 'list_runs', {}));
    await session.end();
    expect((await session.answer('quick')).result).not.toHaveProperty('isError');
    expect(await session.answer('waits')).toMatchObject({ result: { structuredContent: { terminal: false } } });
    for (const agent of stack.agents.values()) agent.end();
  });

  it('ends at once when it is told to stop', async () => {
    const session = new Session();
    session.send(call('waits', 'run_workflow', CHECKUP));
    await expect.poll(() => stack.agents.size).toBe(2);
    session.stop.abort();
    session.input.destroy();
    await session.end();
    for (const agent of stack.agents.values()) agent.end();
  });
});
