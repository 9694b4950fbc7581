import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { ManualClock } from '../testing/manual-clock.js';
import type { McpServerConfig } from '../core/ports/mcp-servers-config.js';
import type { McpToolCall } from '../core/ports/mcp-tools.js';
import {
  program,
  SOON,
  CALLER,
  callsFile,
  http,
  tools,
  stdio,
  plain,
  overHttp,
  call,
  failureOf,
  namesOf,
  pidOf,
  isAlive,
  useTools,
  ALL,
} from '../../test/support/runs/mcp-tools-under-test.js';

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
    useTools({ plain: plain({ per: 'organization' }) }, clock);
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
