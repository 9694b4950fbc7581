import { Client as Client2 } from '@modelcontextprotocol/client';
import { StdioClientTransport as Transport2 } from '@modelcontextprotocol/client/stdio';
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as Transport1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { KEY, repository, ServerProcess } from '../../../test/support/server/server-process.js';
import { runCommand } from '../../../test/support/server/run-command.js';
import { loadConfig } from '../../app/config/config.js';
import { silentLogger } from '../../core/ports/logger.js';
import { openLocalMcp } from '../../app/local-mcp.js';
import { parseMessages } from '../../mcp/message/json-rpc.js';
import { nativeContract } from '../../mcp/native/native-contract.js';

const program = join(repository, 'dist', 'cli', 'main.js');
const INFO = { name: 'test', version: '1' };
const NOISY = `
id: noisy
name: Noisy
description: Prints where only messages belong.
input: { type: object, properties: { seconds: { type: number } } }
nodes:
  - { id: shout, kind: code, uses: ./noisy.mjs, with: { seconds: '{{ input.seconds }}' } }
result: { heard: '{{ nodes.shout.output }}' }
`;
const HANDLER = `
import { setTimeout } from 'node:timers/promises';
export default async ({ input, signal }) => {
  console.log('to the console');
  process.stdout.write('to standard output');
  await setTimeout((input.seconds ?? 0) * 1000, undefined, { signal });
  return 'nothing';
};
`;

let home: string;
let workflows: string;
let folders = 0;
let server: ServerProcess;
const closers: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  if (!existsSync(program)) throw new Error('The program is not built: npm run build');
  home = mkdtempSync(join(tmpdir(), 'errand-stdio-'));
  workflows = mkdtempSync(join(home, 'workflows-'));
  writeFileSync(join(workflows, 'noisy.yaml'), NOISY);
  writeFileSync(join(workflows, 'noisy.mjs'), HANDLER);
  server = await ServerProcess.start({ data: join(home, 'served'), workflows });
});
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});
afterAll(async () => {
  await server.end('SIGTERM');
  rmSync(home, { recursive: true, force: true });
});

const newData = (): string => join(home, `data-${++folders}`);
const onFolder = (data = newData()): string[] => ['--data', data, '--workflows', workflows];
const inFront = (): string[] => ['--url', server.url];
const commandOf = (args: readonly string[]) => ({
  command: process.execPath,
  args: [program, 'mcp', ...args],
  env: { ERRAND_API_KEY: KEY },
  stderr: 'ignore' as const,
});

type Mode = 'legacy' | 'auto' | { pin: string };

async function connect2(args: readonly string[], mode: Mode): Promise<Client2> {
  const client = new Client2(INFO, { versionNegotiation: { mode } });
  await client.connect(new Transport2(commandOf(args)));
  closers.push(() => client.close());
  return client;
}

async function connect1(args: readonly string[]): Promise<Client1> {
  const client = new Client1(INFO);
  await client.connect(new Transport1(commandOf(args)));
  closers.push(() => client.close());
  return client;
}

const RUN = { name: 'run_workflow', arguments: { workflow_id: 'noisy', input: { seconds: 0.3 }, wait_seconds: 20 } };
const COMPLETED = { structuredContent: { status: 'completed', output: { heard: 'nothing' } } };

describe.each([
  ['on a data folder', onFolder],
  ['in front of a server', inFront],
])('errand mcp %s', (_, args) => {
  const MODES: readonly (readonly [Mode, string])[] = [
    ['legacy', '2025-11-25'],
    ['auto', '2026-07-28'],
    [{ pin: '2026-07-28' }, '2026-07-28'],
  ];

  it.each(MODES)('serves client 2.x in mode %j', async (mode, revision) => {
    const client = await connect2(args(), mode);
    expect(client.getNegotiatedProtocolVersion()).toBe(revision);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(['run_workflow', 'noisy']));
    const reports: unknown[] = [];
    const onprogress = (report: unknown): void => void reports.push(report);
    expect(await client.callTool(RUN, { onprogress })).toMatchObject(COMPLETED);
    expect(reports).not.toEqual([]);
    const prompts = await client.listPrompts();
    expect(prompts.prompts.map(({ name }) => name)).toEqual(['noisy']);
  });

  it('serves client 1.x', async () => {
    const client = await connect1(args());
    expect((await client.listTools()).tools.map(({ name }) => name)).toContain('noisy');
    expect(await client.callTool(RUN)).toMatchObject(COMPLETED);
    expect(await client.callTool({ name: 'noisy', arguments: {} })).toMatchObject({
      structuredContent: { output: { heard: 'nothing' } },
    });
  });

  it('tells of a changed set of workflows, in both eras', async () => {
    const [older, newer] = [await connect1(args()), await connect2(args(), 'auto')];
    const told = [
      new Promise<void>((resolve) => older.setNotificationHandler(ToolListChangedNotificationSchema, () => resolve())),
      new Promise<void>((resolve) => newer.setNotificationHandler('notifications/tools/list_changed', () => resolve())),
    ];
    await older.listTools();
    const subscription = await newer.listen({ toolsListChanged: true });
    const file = join(workflows, 'another.yaml');
    writeFileSync(file, NOISY.replace('id: noisy', 'id: another'));
    expect(await Promise.all(told)).toHaveLength(2);
    await subscription.close();
    rmSync(file);
  });

  it('shows the tools of another contract', async () => {
    const client = await connect2([...args(), '--contract', 'mcp-app'], 'legacy');
    const names = (await client.listTools()).tools.map(({ name }) => name);
    expect(names).toContain('list_workflow_runs');
    expect(names).not.toContain('noisy');
    expect(await client.callTool({ name: 'list_workflows', arguments: {} })).not.toHaveProperty('isError', true);
  });
});

describe('errand mcp as a process', () => {
  function start(args: readonly string[]): ChildProcessWithoutNullStreams {
    const child = spawn(process.execPath, [program, 'mcp', ...args], { env: { PATH: process.env['PATH'] } });
    closers.push(async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    });
    return child;
  }

  const line = (message: object): string => `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`;
  const callOf = (id: number, seconds: number): string => {
    const args = { workflow_id: 'noisy', input: { seconds }, wait_seconds: 25 };
    return line({ id, method: 'tools/call', params: { name: 'run_workflow', arguments: args } });
  };

  async function nextMessage(child: ChildProcessWithoutNullStreams): Promise<unknown> {
    const [text] = (await once(createInterface(child.stdout), 'line')) as [string];
    return JSON.parse(text);
  }

  it('answers what was asked before its input ended, with nothing but messages on standard output', async () => {
    const child = start(onFolder());
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    // On a busy machine the folder may take longer to open than a last call has.
    child.stdin.write(`junk\n${line({ id: 0, method: 'tools/call', params: { name: 'list_runs', arguments: {} } })}`);
    await expect.poll(() => out, { timeout: 60_000 }).toContain('"id":0');
    child.stdin.end(callOf(1, 0));
    expect(await once(child, 'close')).toEqual([0, null]);
    const messages = out
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text) as unknown);
    expect(messages).toMatchObject([
      { id: null, error: { code: -32700 } },
      { id: 0, result: { structuredContent: { runs: [] } } },
      { id: 1, result: COMPLETED },
    ]);
    expect(err).toContain('to the console');
    expect(err).toContain('to standard output');
  });

  it('leaves a run to be resumed when it ends, and the next process goes on with it', async () => {
    const data = newData();
    const first = start(onFolder(data));
    first.stdin.write(callOf(1, 3_600));
    await once(first.stderr, 'data');
    first.stdin.end();
    const second = start(onFolder(data));
    second.stdin.write(line({ id: 2, method: 'tools/call', params: { name: 'list_runs', arguments: {} } }));
    expect(await nextMessage(second)).toMatchObject({
      id: 2,
      result: { structuredContent: { runs: [{ status: 'running' }] } },
    });
    expect(first.exitCode).toBe(0);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('ends in order at %s', async (signal) => {
    const child = start(onFolder());
    child.stdin.write(line({ id: 1, method: 'tools/call', params: { name: 'list_runs', arguments: {} } }));
    await nextMessage(child);
    child.kill(signal);
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('ends when nobody reads what it says', async () => {
    const child = start(onFolder());
    child.stdin.on('error', () => undefined);
    child.stdin.write(line({ id: 1, method: 'ping' }));
    await nextMessage(child);
    child.stdout.destroy();
    const writing = setInterval(() => child.stdin.write(line({ id: 2, method: 'ping' })), 20);
    expect(await once(child, 'exit')).toEqual([0, null]);
    clearInterval(writing);
  });

  it('does not open the data folder for a client that only asks what it speaks', async () => {
    const data = newData();
    const child = start(onFolder(data));
    const meta = {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
    };
    child.stdin.write(line({ id: 1, method: 'server/discover', params: { _meta: meta } }));
    expect(await nextMessage(child)).toMatchObject({ result: { resultType: 'complete' } });
    expect(existsSync(data)).toBe(false);
  });
});

describe('errand mcp, started wrongly', () => {
  it('says so before it speaks', async () => {
    const none = join(home, 'none');
    const missing = await runCommand(['mcp', '--workflows', none]);
    expect([missing.code, missing.out]).toEqual([2, '']);
    expect(missing.err).toContain(`There is no workflows folder ${none}`);
    const both = await runCommand(['mcp', '--url', 'http://127.0.0.1:1', '--data', none]);
    expect([both.code, both.out]).toEqual([2, '']);
    expect((await runCommand(['mcp', '--url', 'nowhere'])).code).toBe(2);
    expect((await runCommand(['mcp', '--contract', 'other'])).code).toBe(2);
  });

  it('advises to stand in front of whoever has the data folder', async () => {
    const config = loadConfig({ env: {}, flags: { data: join(home, 'served'), workflows } });
    const mcp = openLocalMcp({ config, contract: nativeContract, logger: silentLogger, patienceMs: 0 });
    const text = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'list_runs' } });
    const signal = (): AbortSignal => new AbortController().signal;
    const reply = await mcp.handle({ text, parsed: parseMessages(text), revision: null, signal });
    await mcp.close();
    if (reply.kind !== 'answer') throw new Error('no answer');
    expect(reply.text).toContain('errand mcp --url');
  });
});
