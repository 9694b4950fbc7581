import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type PlainToolServer, startPlainToolServer } from '../../test/tool-servers/plain-tool-server.mjs';
import { startToolServer, type ToolServer } from '../../test/tool-servers/tool-server.mjs';
import { ManualClock } from '../testing/manual-clock.js';
import type { Clock } from '../core/ports/clock.js';
import type { Json } from '../core/json.js';
import type { Logger } from '../core/ports/logger.js';
import type { HttpMcpServer, McpServerConfig, StdioMcpServer } from '../core/ports/mcp-servers-config.js';
import type { McpToolCall, McpToolResult } from '../core/ports/mcp-tools.js';
import { NodeFailure } from '../core/handlers/node-kind.js';
import { nodeClock } from '../app/process/node-clock.js';
import { loopbackOutbound } from '../testing/loopback-outbound.js';
import { createMcpTools, type McpClientTools } from './mcp-tools.js';

const program = fileURLToPath(new URL('../../test/tool-servers/tool-server.mjs', import.meta.url));
const plainProgram = fileURLToPath(new URL('../../test/tool-servers/plain-tool-server.mjs', import.meta.url));
const RULES = { timeoutMs: null, allow: null, workflows: null, concurrency: null };

// Programs are started, on machines that may have much else to do.
vi.setConfig({ testTimeout: 180_000 });
const SOON = 90_000;

const CALLER = { workflowId: 'w', organizationId: 'o', runId: 'r' };

let dir: string;
let callsFile: string;
let http: ToolServer;
let tools: McpClientTools;
let logged: string[];

const logger: Logger = {
  debug: (fields, message) => void logged.push(`${JSON.stringify(fields)} ${message}`),
  info: (fields, message) => void logged.push(`${JSON.stringify(fields)} ${message}`),
  warn: (fields, message) => void logged.push(`${JSON.stringify(fields)} ${message}`),
  error: (fields, message) => void logged.push(`${JSON.stringify(fields)} ${message}`),
};

beforeAll(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'errand-mcp-')));
  callsFile = join(dir, 'calls');
});

beforeEach(async () => {
  logged = [];
  writeFileSync(callsFile, '');
  http = await startToolServer();
  tools = use({ stdio: stdio(), http: overHttp() });
});

afterEach(async () => {
  await tools.close();
  await http.close();
});

afterAll(() => rmSync(dir, { recursive: true, force: true }));

function stdio(more: Partial<StdioMcpServer> = {}): StdioMcpServer {
  const env = { TOOL_CALLS: callsFile, TOKEN: '${SECRET}' };
  return { ...RULES, transport: 'stdio', command: process.execPath, args: [program], env, cwd: dir, ...more };
}

function plain(more: Partial<StdioMcpServer> = {}): StdioMcpServer {
  return stdio({ args: [plainProgram], env: {}, ...more });
}

function overHttp(more: Partial<HttpMcpServer> = {}): HttpMcpServer {
  return { ...RULES, transport: 'http', url: http.url, headers: { authorization: 'Bearer ${SECRET}' }, ...more };
}

function use(servers: { readonly [name: string]: McpServerConfig }, clock: Clock = nodeClock): McpClientTools {
  // As a file with a secret in it ends.
  const env = { SECRET: 'sesame-open\n', LANG: 'C.UTF-8' };
  const { fetch } = loopbackOutbound;
  return createMcpTools({
    servers: new Map(Object.entries(servers)),
    clock,
    logger,
    env,
    fetch,
    version: '1.0.0',
  });
}

function call(
  server: string,
  tool: string,
  given: { [name: string]: Json } = {},
  more: Partial<McpToolCall> = {},
): Promise<McpToolResult> {
  const { signal } = new AbortController();
  return tools.call({ ...CALLER, server, tool, arguments: given, nodeTimeoutMs: null, signal, ...more });
}

async function failureOf(work: Promise<unknown>): Promise<NodeFailure> {
  const thrown: unknown = await work.then(
    (value) => ({ value }),
    (error: unknown) => error,
  );
  if (thrown instanceof NodeFailure) return thrown;
  throw new Error(`it did not fail as a node: ${JSON.stringify(thrown)}`, { cause: thrown });
}

const namesOf = async (server: string, workflowId = 'w'): Promise<string[]> =>
  (await tools.list({ ...CALLER, server, workflowId, signal: new AbortController().signal })).map(({ name }) => name);

const pidOf = async (): Promise<number> =>
  (JSON.parse((await call('stdio', 'environment')).text) as { pid: number }).pid;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const ALL = ['echo', 'add', 'slow', 'fails', 'refuses', 'crash', 'huge', 'blocks', 'environment', 'learn'];

describe.each(['stdio', 'http'])('the tools of a server over %s', (server) => {
  it('are listed, however many pages that takes, with what they take', async () => {
    expect(await namesOf(server)).toEqual(ALL);
    const [echo] = await tools.list({ ...CALLER, server, signal: new AbortController().signal });
    expect(echo).toEqual({
      name: 'echo',
      description: 'Says what it is told.',
      inputSchema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
    });
  });

  it('give text, blocks and structured values', async () => {
    expect(await call(server, 'echo', { text: 'hello ü' })).toEqual({
      text: 'hello ü',
      content: [{ type: 'text', text: 'hello ü' }],
      isError: false,
    });
    expect(await call(server, 'add', { a: 1, b: 2 })).toMatchObject({ text: '1 + 2 = 3', structured: { sum: 3 } });
    expect(await call(server, 'blocks')).toMatchObject({
      text: 'one\ntwo',
      content: [{ type: 'text' }, { type: 'image', data: 'AAAA', mimeType: 'image/png' }, { type: 'text' }],
    });
  });

  it('may say that they failed, or that a call cannot be', async () => {
    expect(await call(server, 'fails')).toMatchObject({ text: 'no such customer', isError: true });
    expect(await failureOf(call(server, 'refuses'))).toMatchObject({
      kind: 'mcp_error',
      message: expect.stringContaining('the database is closed') as string,
    });
    expect(await failureOf(call(server, 'ecko'))).toMatchObject({
      kind: 'mcp_unknown_tool',
      retryable: false,
      message: `The MCP server "${server}" has no tool "ecko"; it has ${ALL.join(', ')}`,
    });
  });

  it('tell of their progress', async () => {
    const told: [number | null, string | null][] = [];
    const controller = new AbortController();
    // What is told together with the result may come too late to matter, so the call is left open.
    const onProgress = (percent: number | null, message: string | null): void => {
      told.push([percent, message]);
      if (percent === 100) controller.abort(new Error('seen'));
    };
    const work = call(server, 'slow', { steps: 4, forever: true }, { signal: controller.signal, onProgress });
    await expect(work).rejects.toThrow('seen');
    expect(told).toEqual([
      [25, 'step 1'],
      [50, 'step 2'],
      [75, 'step 3'],
      [100, 'step 4'],
    ]);
  });

  it('are told when a call is given up', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const onProgress = (): void => controller.abort(reason);
    const work = call(server, 'slow', { steps: 1, forever: true }, { signal: controller.signal, onProgress });
    await expect(work).rejects.toBe(reason);
    await vi.waitFor(() => {
      const notes = server === 'http' ? http.notes : readFileSync(callsFile, 'utf8').split('\n');
      expect(notes).toContain('slow was cancelled');
    }, SOON);
    expect(await call(server, 'echo', { text: 'still here' })).toMatchObject({ text: 'still here' });
  });

  it('may not give more than a mebibyte', async () => {
    expect((await call(server, 'huge', { bytes: 1_000_000 })).text).toHaveLength(1_000_000);
    expect(await failureOf(call(server, 'huge', { bytes: 1_100_000 }))).toMatchObject({
      kind: 'response_too_large',
      retryable: false,
    });
    expect(await call(server, 'echo', { text: 'still here' })).toMatchObject({ text: 'still here' });
  });

  it('are listed anew when the server says that they changed', async () => {
    expect(await namesOf(server)).not.toContain('dance');
    await call(server, 'learn', { name: 'dance' });
    await vi.waitFor(async () => expect(await namesOf(server)).toContain('dance'), SOON);
    expect(await call(server, 'dance', { text: 'left, right' })).toMatchObject({ text: 'left, right' });
  });

  it('are looked for again before it is said that there is none', async () => {
    await call(server, 'learn', { name: 'sing' });
    expect(await call(server, 'sing', { text: 'la' })).toMatchObject({ text: 'la' });
  });
});

describe('the servers of a configuration', () => {
  it('are shared: many calls at once over one connection', async () => {
    const calls = Array.from({ length: 50 }, (_, n) => call('http', 'add', { a: n, b: 1 }));
    const sums = (await Promise.all(calls)).map(({ structured }) => structured);
    expect(sums).toEqual(calls.map((_, n) => ({ sum: n + 1 })));
    const pids = await Promise.all(Array.from({ length: 10 }, pidOf));
    expect(new Set(pids).size).toBe(1);
    const sessions = new Set(http.requests.flatMap(({ headers }) => headers['mcp-session-id'] ?? []));
    expect(sessions.size).toBe(1);
  });

  it('are held to their concurrency, and who waits in line may give up', async () => {
    tools.configure(new Map([['stdio', stdio({ concurrency: 1 })]]));
    const first = new AbortController();
    const second = new AbortController();
    let started = (): void => undefined;
    const isStarted = new Promise<void>((resolve) => (started = resolve));
    const forever = { steps: 1, forever: true };
    const running = call('stdio', 'slow', forever, { signal: first.signal, onProgress: started });
    await isStarted;
    const waiting = call('stdio', 'echo', { text: 'a' }, { signal: second.signal });
    const next = call('stdio', 'echo', { text: 'b' });
    second.abort(new Error('tired'));
    await expect(waiting).rejects.toThrow('tired');
    expect(readFileSync(callsFile, 'utf8')).toBe('slow\n');
    first.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
    expect(await next).toMatchObject({ text: 'b' });
  });

  it('may be used only as far as they allow', async () => {
    tools.configure(
      new Map([
        ['some', overHttp({ allow: ['e*', '*d*', 'fails'] })],
        ['mine', overHttp({ allow: ['e*', 'add'], workflows: { w: ['add', 'crash'], all: ['*'] } })],
      ]),
    );
    expect(await namesOf('some')).toEqual(['echo', 'add', 'fails', 'environment']);
    expect(await namesOf('mine')).toEqual(['add']);
    expect(await namesOf('mine', 'all')).toEqual(['echo', 'add', 'environment']);
    expect(await namesOf('mine', 'toString')).toEqual([]);
    expect(await failureOf(call('mine', 'crash'))).toMatchObject({ kind: 'mcp_not_allowed', retryable: false });
    expect(await failureOf(call('mine', 'add', { a: 1, b: 1 }, { workflowId: 'other' }))).toMatchObject({
      kind: 'mcp_not_allowed',
      message: expect.stringContaining('The workflow "other" may not use the tool "add"') as string,
    });
    expect(await call('mine', 'add', { a: 1, b: 1 })).toMatchObject({ structured: { sum: 2 } });
    expect(http.notes).toEqual(['add']);
  });

  it('are named when they are not there', async () => {
    const failure = await failureOf(call('slack', 'echo'));
    expect(failure).toMatchObject({ kind: 'mcp_unknown_server', retryable: false });
    expect(failure.message).toBe('There is no MCP server "slack"; there are stdio, http');
  });

  it('stay connected over a change of the configuration that is not theirs', async () => {
    const before = await pidOf();
    tools.configure(new Map<string, McpServerConfig>([['stdio', stdio()]]));
    expect(await pidOf()).toBe(before);
    expect(await failureOf(call('http', 'echo'))).toMatchObject({ kind: 'mcp_unknown_server' });
    tools.configure(new Map([['stdio', stdio({ timeoutMs: 50_000, concurrency: 3, allow: ['environment'] })]]));
    expect(await pidOf()).toBe(before);
    expect(await failureOf(call('stdio', 'echo'))).toMatchObject({ kind: 'mcp_not_allowed' });
    tools.configure(new Map([['stdio', stdio({ args: [program, '--changed'] })]]));
    expect(await pidOf()).not.toBe(before);
    await vi.waitFor(() => expect(isAlive(before)).toBe(false), SOON);
  });
});

describe('whom a connection is for', () => {
  const processOf = async (more: Partial<McpToolCall>): Promise<string> =>
    (await call('plain', 'count', {}, more)).text;

  it.each([
    ['server', ['1', '2', '3', '4']],
    ['organization', ['1', '2', '1', '2']],
    ['run', ['1', '1', '1', '2']],
  ] as const)('is as the configuration says: %s', async (per, counts) => {
    tools.configure(new Map([['plain', plain({ per })]]));
    const told = [
      await processOf({ organizationId: 'a', runId: '1' }),
      await processOf({ organizationId: 'a', runId: '2' }),
      await processOf({ organizationId: 'b', runId: '3' }),
      await processOf({ organizationId: 'b', runId: '3' }),
    ];
    expect(told.map((text) => text.split(' ')[1])).toEqual(counts);
    const pids = new Set(told.map((text) => Number(text.split(' ')[0])));
    await tools.close();
    await vi.waitFor(() => expect([...pids].filter(isAlive)).toEqual([]), SOON);
  });

  it('ends, with its program, when it is not used for a while', async () => {
    const clock = new ManualClock();
    tools = use({ plain: plain({ per: 'organization' }) }, clock);
    const pids: number[] = [];
    for (const organizationId of ['a', 'b']) pids.push(Number((await processOf({ organizationId })).split(' ')[0]));
    await clock.advance(5 * 60_000);
    // Leaving takes a second at most, by the same clock.
    await vi.waitFor(async () => {
      await clock.advance(1_000);
      expect(pids.filter(isAlive)).toEqual([]);
    }, SOON);
    expect(await processOf({ organizationId: 'a' })).toMatch(/ 1$/);
  });
});

describe.each(['stdio', 'http'])('a call over %s', (transport) => {
  let server: PlainToolServer;

  beforeEach(async () => {
    server = await startPlainToolServer();
  });

  afterEach(() => server.close());

  const configure = (more: { readonly timeoutMs?: number | null } = {}): void => {
    const config = transport === 'stdio' ? plain(more) : overHttp({ url: server.url, ...more });
    tools.configure(new Map([['plain', config]]));
  };

  it('goes on as long as the tool tells of its progress', async () => {
    // Once it is connected, nothing but the call takes time.
    configure();
    await call('plain', 'count');
    configure({ timeoutMs: 2_000 });
    expect(await call('plain', 'tick', { ticks: 100 })).toMatchObject({ text: 'done' });
  });

  it("has the time of its node, where the server's configuration names none", async () => {
    configure();
    expect(await failureOf(call('plain', 'look', {}, { nodeTimeoutMs: 100 }))).toMatchObject({ kind: 'timeout' });
  });

  it('of which nobody knows what came of it is not made again when the tool forbids that', async () => {
    configure();
    const limits = { nodeTimeoutMs: 100 };
    expect(await failureOf(call('plain', 'look', {}, limits))).toMatchObject({ kind: 'timeout', retryable: true });
    expect(await failureOf(call('plain', 'pay', {}, limits))).toMatchObject({
      kind: 'timeout',
      retryable: false,
      message: expect.stringContaining('the tool "pay" may have done its work') as string,
    });
  });

  it.each([false, true])('gives numbers as they are, or says that it cannot', async (isPlain) => {
    configure();
    const order = (id: string): Promise<McpToolResult> => call('plain', 'order', { id, plain: isPlain });
    expect(await order('9007199254740991')).toMatchObject({ structured: { id: 9_007_199_254_740_991 } });
    expect(await order('"90071992547409930"')).toMatchObject({ structured: { id: '90071992547409930' } });
    for (const id of ['9007199254740993', '1e400']) {
      expect(await failureOf(order(id))).toMatchObject({
        kind: 'mcp_error',
        retryable: false,
        message: expect.stringContaining(
          `The number ${id} at /result/structuredContent/id cannot be kept exactly`,
        ) as string,
      });
    }
    expect(await order('1')).toMatchObject({ structured: { id: 1 } });
  });
});

describe('a program that is spoken to over its standard input', () => {
  it('gets only what it needs of the environment, and runs in its folder', async () => {
    const { text } = await call('stdio', 'environment');
    const { env, cwd } = JSON.parse(text) as { env: { [name: string]: string }; cwd: string };
    expect(cwd).toBe(dir);
    expect(env).toMatchObject({ PATH: process.env['PATH'], TOKEN: 'sesame-open', LANG: 'C.UTF-8' });
    const known = ['HOME', 'LANG', 'LOGNAME', 'PATH', 'SHELL', 'TERM', 'USER', 'TOKEN', 'TOOL_CALLS'];
    expect(Object.keys(env).filter((name) => !known.includes(name))).toEqual([]);
  });

  it('is started again for the next call after it ended in the middle of one', async () => {
    const before = await pidOf();
    expect(await failureOf(call('stdio', 'crash'))).toMatchObject({
      kind: 'mcp_unavailable',
      retryable: true,
      message: 'The MCP server "stdio" ended in the middle of the call',
    });
    expect(await pidOf()).not.toBe(before);
    expect(readFileSync(callsFile, 'utf8')).toBe('environment\ncrash\nenvironment\n');
  });

  it('ends when the connections are closed', async () => {
    const pid = await pidOf();
    await tools.close();
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), SOON);
    expect(await failureOf(call('stdio', 'echo'))).toMatchObject({ kind: 'mcp_unavailable' });
  });

  it('that cannot be started is not tried again at once, and tells no secrets', async () => {
    const script = join(dir, 'broken.mjs');
    writeFileSync(script, "console.error('no luck with ' + process.env.TOKEN); process.exit(1)");
    tools.configure(
      new Map([
        ['broken', stdio({ args: [script] })],
        ['gone', stdio({ command: join(dir, 'no-such-program') })],
      ]),
    );
    const first = await failureOf(call('broken', 'echo'));
    expect(first).toMatchObject({ kind: 'mcp_unavailable', retryable: true });
    expect(first.message).toContain('could not be started');
    expect(first.message).not.toContain('no luck');
    const second = await failureOf(call('broken', 'echo'));
    expect(second.message).toContain('could not be opened a moment ago');
    expect(second.retryAfterMs).toBeGreaterThan(0);
    const gone = await failureOf(call('gone', 'echo'));
    expect(gone.message).toContain('ENOENT');
    await vi.waitFor(() => expect(logged.join('\n')).toContain('no luck with ***'), SOON);
    expect([first.message, second.message, ...logged].join('\n')).not.toContain('sesame-open');
  });

  it('is not started without the variables that it needs', async () => {
    tools.configure(new Map([['stdio', stdio({ env: { TOKEN: '${NOT_SET_AT_ALL}' } })]]));
    const { message } = await failureOf(call('stdio', 'echo'));
    expect(message).toContain('the environment variable NOT_SET_AT_ALL is not set');
  });
});

describe('a server over HTTP', () => {
  it('gets the headers, which nobody else sees', async () => {
    await call('http', 'echo', { text: 'a' });
    expect(http.requests.map(({ headers }) => headers['authorization'])).toEqual(
      http.requests.map(() => 'Bearer sesame-open'),
    );
    expect(logged.join('\n')).not.toContain('sesame-open');
  });

  it('that forgot our session gets a new one, and the call is made once', async () => {
    await call('http', 'echo', { text: 'a' });
    http.forgetSessions();
    expect(await call('http', 'add', { a: 2, b: 2 })).toMatchObject({ structured: { sum: 4 } });
    expect(http.notes).toEqual(['echo', 'add']);
  });

  it('that does not answer in time is not waited for', async () => {
    expect(await namesOf('http')).toEqual(ALL);
    // From here on: the connection is there, and what the server has is known.
    tools.configure(new Map([['http', overHttp({ timeoutMs: 50 })]]));
    expect(await failureOf(call('http', 'slow', { steps: 0, forever: true }))).toMatchObject({
      kind: 'timeout',
      retryable: true,
    });
  });

  it('that is not there, or does not let us in, is told of', async () => {
    const closed = await startToolServer();
    await closed.close();
    const guard = createServer((_, response) => void response.writeHead(401).end('who are you, sesame-open?'));
    await new Promise<void>((resolve) => void guard.listen(0, '127.0.0.1', resolve));
    const guarded = `http://127.0.0.1:${(guard.address() as AddressInfo).port}/`;
    tools.configure(
      new Map([
        ['closed', overHttp({ url: closed.url })],
        ['guarded', overHttp({ url: guarded })],
      ]),
    );
    expect(await failureOf(call('closed', 'echo'))).toMatchObject({
      kind: 'mcp_unavailable',
      retryable: true,
      message: expect.stringContaining('cannot be reached') as string,
    });
    const refused = await failureOf(call('guarded', 'echo'));
    expect(refused).toMatchObject({ kind: 'mcp_unavailable', retryable: false });
    expect(refused.message).toContain('(status 401)');
    expect([refused.message, ...logged].join('\n')).not.toContain('sesame-open');
    guard.close();
  });
});
