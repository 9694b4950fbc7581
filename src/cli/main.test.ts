import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, expect, it } from 'vitest';
import {
  apiError,
  startRestStub,
  STUB_EVENTS,
  STUB_RUN_ID,
  stubRun,
  writeEvents,
} from '../../test/support/http/rest-stub.js';

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const closers: (() => Promise<void>)[] = [];

beforeAll(() => {
  if (!existsSync(program)) throw new Error('The program is not built: npm run build');
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A server with one run that never ends, whose events come once and then the stream stays open. */
async function endlessRun(): Promise<{ url: string }> {
  const server = await startRestStub(({ url }, response) => {
    if (!url.includes('/events')) return { status: 200, body: stubRun({ status: 'running' }) };
    writeEvents(response, STUB_EVENTS.slice(0, 4));
    return null;
  });
  closers.push(() => server.close());
  return server;
}

function start(argv: readonly string[], url: string): ReturnType<typeof spawn> {
  const env = { ...process.env, ERRAND_URL: url, ERRAND_API_KEY: 'sk_live_x' };
  return spawn(process.execPath, [program, ...argv], { env, stdio: ['ignore', 'pipe', 'pipe'] });
}

function ended(child: ReturnType<typeof spawn>): Promise<{ code: number | null; err: string }> {
  let err = '';
  child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code, err }));
  });
}

function firstOutput(child: ReturnType<typeof spawn>): Promise<string> {
  return new Promise((resolve) => {
    child.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString()));
  });
}

it('ends with 130 on Ctrl-C and says that the run goes on', async () => {
  const { url } = await endlessRun();
  const child = start(['watch', STUB_RUN_ID], url);
  const end = ended(child);
  expect(await firstOutput(child)).toContain('run: pending');
  child.kill('SIGINT');
  expect(await end).toEqual({
    code: 130,
    err: `Stopped watching; the run goes on. Watch it again: errand watch ${STUB_RUN_ID}\n`,
  });
});

it('says nothing when its reader goes away', async () => {
  const server = await startRestStub(({ url }, response) => {
    if (!url.includes('/events')) return { status: 200, body: stubRun({ status: 'running' }) };
    writeEvents(response, STUB_EVENTS.slice(0, 1));
    let seq = 1;
    const timer = setInterval(() => {
      seq += 1;
      const event = { ...STUB_EVENTS[1], seq };
      response.write(`data: ${JSON.stringify(event)}\n\n`);
    }, 5);
    response.on('close', () => clearInterval(timer));
    return null;
  });
  closers.push(() => server.close());
  const child = start(['watch', STUB_RUN_ID], server.url);
  const end = ended(child);
  await firstOutput(child);
  child.stdout?.destroy();
  expect(await end).toEqual({ code: 0, err: '' });
});

it('stops a server in order though nobody reads what it says', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'errand-main-'));
  closers.push(() => rm(folder, { recursive: true }));
  const argv = ['serve', '--port', '0', '--data', join(folder, 'data'), '--workflows', folder];
  const child = start(argv, 'http://127.0.0.1:1');
  const end = ended(child);
  expect(await firstOutput(child)).toContain('Errand serves on');
  child.stdout?.destroy();
  child.stderr?.destroy();
  child.kill('SIGTERM');
  expect((await end).code).toBe(0);
});

it('gives its exit code to the shell', async () => {
  const server = await startRestStub(() => ({ status: 404, body: apiError('not_found', 'No such run.') }));
  closers.push(() => server.close());
  expect(await ended(start(['status', STUB_RUN_ID], server.url))).toEqual({ code: 1, err: 'error: No such run.\n' });
  expect((await ended(start(['status', 'x'], server.url))).code).toBe(2);
});

it('says where in the TypeScript a handler threw while its folder was checked', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'errand-main-'));
  closers.push(() => rm(dir, { recursive: true }));
  await writeFile(
    join(dir, 'flow.yaml'),
    'id: flow\nname: Flow\ndescription: Breaks.\nnodes: [{ id: a, kind: code, uses: ./handler.ts }]\n',
  );
  await writeFile(
    join(dir, 'handler.ts'),
    `interface Limits {
  readonly most?: number;
}

const limits: Limits = {};
if (limits.most === undefined) throw new Error('no limit is set');
export default () => limits.most;
`,
  );
  const child = start(['workflows', 'check', dir], 'http://127.0.0.1:1');
  const end = ended(child);
  expect(await firstOutput(child)).toMatch(/handler\.ts:6:38 .*no limit is set/);
  expect((await end).code).toBe(1);
});

it('says where a handler threw whatever its folder is called', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'errand-main-'));
  closers.push(() => rm(dir, { recursive: true }));
  const folders = [
    '50%off',
    '50%41',
    'a b',
    'a#b',
    'a?b',
    '[x]',
    '(y)',
    'a(b',
    'a:1:2',
    'a*b',
    '\u00fc',
    `q'"`,
    'a\\b',
  ];
  for (const [index, folder] of folders.entries()) {
    await mkdir(join(dir, folder, 'lib'), { recursive: true });
    await writeFile(
      join(dir, folder, 'workflow.yaml'),
      `id: flow_${index}\nname: F\ndescription: f\nnodes: [{ id: a, kind: code, uses: ./h.mjs }]\n`,
    );
    await writeFile(join(dir, folder, 'h.mjs'), "import { f } from './lib/f.mjs';\n\nf();\nexport default f;\n");
    await writeFile(
      join(dir, folder, 'lib', 'f.mjs'),
      'const settings = null;\nexport const f = () => settings.colour;\n',
    );
  }
  const child = start(['workflows', 'check', dir, '--json'], 'http://127.0.0.1:1');
  const end = ended(child);
  const { faults } = JSON.parse(await firstOutput(child)) as {
    faults: { file: string; line: number; message: string }[];
  };
  expect((await end).code).toBe(1);
  const told = faults.map(({ file, line, message }) => `${file}:${line}: ${message}`);
  const wanted = folders.map((folder) => `${folder}/lib/f.mjs:2: Cannot read properties of null (reading 'colour')`);
  expect(told.toSorted()).toEqual(wanted.toSorted());
});
