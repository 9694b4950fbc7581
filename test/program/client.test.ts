import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect as connectTo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, type Connection } from '../../src/client.js';
import { startGreeting } from '../support/client/greeting-server.js';
import { KEY, repository, type ServerProcess } from '../support/server/server-process.js';

let base: string;
let server: ServerProcess;
let client: Connection;
/** An address that stays while servers come and go, as a load balancer's does. */
let proxy: Server;
let losesNextAnswer = false;

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), 'errand-client-'));
  await serve();
  proxy = createServer((socket) => {
    const { hostname, port } = new URL(server.url);
    const upstream = connectTo(Number(port), hostname);
    for (const each of [socket, upstream]) each.on('error', () => [socket, upstream].map((end) => end.destroy()));
    socket.pipe(upstream);
    upstream.on('data', (bytes) => {
      if (losesNextAnswer) {
        losesNextAnswer = false;
        socket.destroy();
        upstream.destroy();
      } else socket.write(bytes);
    });
    for (const each of [socket, upstream]) each.on('close', () => [socket, upstream].map((end) => end.destroy()));
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', () => resolve()));
  client = connect({ url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, apiKey: KEY });
});
afterAll(async () => {
  proxy.close();
  await server.end('SIGKILL');
  rmSync(base, { recursive: true, force: true });
});

async function serve(): Promise<void> {
  server = await startGreeting(base);
}

describe('the client', { timeout: 60_000 }, () => {
  it('starts a run and waits for its end', async () => {
    const run = await client.run('greet', { name: 'Ada' });
    expect(run).toMatchObject({ status: 'completed', output: 'Hello Ada' });
    expect(await client.get(run.run_id)).toEqual(run);
  });

  it('starts a run once though the answer is lost', async () => {
    const before = (await client.api.listRuns({})).total ?? 0;
    losesNextAnswer = true;
    const run = await client.start('greet', { name: 'Bob' });
    expect(losesNextAnswer).toBe(false);
    expect((await client.api.listRuns({})).total).toBe(before + 1);
    expect((await client.wait(run.run_id)).output).toBe('Hello Bob');
  });

  it('follows a run over a crash of the server, each event once', async () => {
    const { run_id } = await client.start('greet', { name: 'Cy', rest: '3s' });
    const seen: number[] = [];
    const kinds: string[] = [];
    for await (const event of client.events(run_id)) {
      seen.push(event.seq);
      kinds.push(event.kind);
      if (event.kind !== 'node.waiting') continue;
      await server.end('SIGKILL');
      await serve();
    }
    expect(seen).toEqual(seen.map((_, index) => index + 1));
    expect(kinds.at(-1)).toBe('run.completed');
  });

  it('says by its code what an error is, and gives up at once where patience is of no use', async () => {
    await expect(client.start('nothing', {})).rejects.toMatchObject({ name: 'ErrandError', code: 'not_found' });
    await expect(client.start('greet', { name: 7 })).rejects.toMatchObject({
      code: 'invalid_input',
      problems: [{ path: '/name' }],
    });
    const stranger = connect({ url: server.url, apiKey: 'sk_live_wrong' });
    await expect(stranger.get('run_x')).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('stops waiting when its signal aborts', async () => {
    const { run_id } = await client.start('greet', { name: 'Di', rest: '1h' });
    const stop = new AbortController();
    const waiting = client.wait(run_id, { signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    expect(await client.cancel(run_id, 'not needed')).toMatchObject({ status: 'cancelled' });
  });

  it('answers what a run asks', async () => {
    const { run_id } = await client.start('greet', { name: 'Ed', asks: true });
    for await (const event of client.events(run_id)) {
      if (event.kind === 'node.waiting' && event.node_id === 'ask') await client.answer(run_id, 'ask', true);
    }
    expect((await client.get(run_id)).status).toBe('completed');
  });
});

describe('errand workflows types', { timeout: 60_000 }, () => {
  it('writes types by which the compiler knows what the client is given and gives', () => {
    const main = join(repository, 'dist', 'cli', 'main.js');
    const args = [main, 'workflows', 'types', '--url', server.url, '--api-key', KEY];
    const types = execFileSync(process.execPath, args, { encoding: 'utf8' });
    mkdirSync(join(base, 'node_modules'));
    symlinkSync(repository, join(base, 'node_modules', 'errand'));
    writeFileSync(join(base, 'workflows.mts'), types);
    const program = (input: string, id = 'greet'): string => `
      import { connect } from 'errand/client';
      import type { Workflows } from './workflows.mjs';
      const errand = connect<Workflows>({ apiKey: 'k' });
      export const run = await errand.run('${id}', ${input});
      export const output: unknown = run.output;`;
    const compile = (text: string): string => {
      writeFileSync(join(base, 'program.mts'), text);
      const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', '--skipLibCheck'];
      const tsc = join(repository, 'node_modules', 'typescript', 'bin', 'tsc');
      return spawnSync(process.execPath, [tsc, ...options, '--lib', 'es2023,dom,dom.iterable', 'program.mts'], {
        cwd: base,
        encoding: 'utf8',
      }).stdout;
    };
    expect(compile(program('{ name: "Ada" }'))).toBe('');
    expect(compile(program('{ name: 7 }'))).toContain("'number' is not assignable to type 'string'");
    expect(compile(program('{}', 'guess'))).toContain('is not assignable to parameter of type \'"greet"\'');
  });
});

describe('dist/client.js', () => {
  const file = join(repository, 'dist', 'client.js');

  it('is one file that imports nothing', () => {
    expect(readFileSync(file, 'utf8')).not.toMatch(/^\s*import\b|\bimport\(|\brequire\(|\bprocess\.|\bBuffer\b/m);
  });
});
