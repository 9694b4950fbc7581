import type { AddressInfo } from 'node:net';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type PlainToolServer, startPlainToolServer } from '../../test/support/tool-servers/plain-tool-server.mjs';
import { startToolServer } from '../../test/support/tool-servers/tool-server.mjs';
import type { McpToolResult } from '../core/ports/mcp-tools.js';
import {
  SOON,
  dir,
  callsFile,
  http,
  tools,
  logged,
  stdio,
  plain,
  overHttp,
  call,
  failureOf,
  namesOf,
  pidOf,
  isAlive,
  ALL,
} from '../../test/support/runs/mcp-tools-under-test.js';

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
