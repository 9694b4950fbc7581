import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { insertOrganization, rejection } from '../../testing/store-suite/fixtures.js';
import { openSqliteStore } from './sqlite-store.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const photostructure = fileURLToPath(import.meta.resolve('@photostructure/sqlite'));
// Only Linux has this command, which limits the files of a process that is under way.
const hasPrlimit = spawnSync('prlimit', ['--version']).status === 0;

/** Opens the store at argv[2] and obeys one word a line: what is answered has happened. */
const CHILD = `
import { openSqliteStore } from './store.mjs';
import { insertOrganization, insertRun } from './fixtures.mjs';
import { createInterface } from 'node:readline';
// The file-size limit announces itself with a signal, which would end the process.
process.on('SIGXFSZ', () => undefined);
const say = (...words) => process.stdout.write(words.join(' ') + '\\n');
try {
  const store = await openSqliteStore({ path: process.argv[2] });
  say('open');
  let organizationId;
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      if (line === 'organization') say('done', (organizationId = await insertOrganization(store)));
      if (line === 'run') say('done', (await insertRun(store, { organizationId, summary: 'x'.repeat(100_000) })).id);
      if (line === 'check') say('done', String(await store.checkWritable()));
      if (line === 'forever') {
        for (;;) {
          const runs = await Promise.all(Array.from({ length: 20 }, () => insertRun(store, { organizationId })));
          for (const run of runs) say('done', run.id);
        }
      }
    } catch (error) {
      say('refused', error.code, error.message);
    }
  }
  await store.close();
  say('closed');
} catch (error) {
  say('refused', error.code, error.message);
}
`;

let folder = '';
let files = 0;
const children: ChildProcess[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'errand-processes-'));
  const options: BuildOptions = {
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    alias: { '@photostructure/sqlite': photostructure },
    external: [photostructure],
  };
  await build({ ...options, entryPoints: [join(here, 'sqlite-store.ts')], outfile: join(folder, 'store.mjs') });
  const fixtures = join(here, '../../testing/store-suite/fixtures.ts');
  await build({ ...options, entryPoints: [fixtures], outfile: join(folder, 'fixtures.mjs') });
  cpSync(join(here, 'schema', 'migrations'), join(folder, 'migrations'), { recursive: true });
  for (const thread of ['disk-thread.mjs', 'sync-thread.mjs']) cpSync(join(here, 'log', thread), join(folder, thread));
  writeFileSync(join(folder, 'child.mjs'), CHILD);
});
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const newPath = () => join(folder, `${++files}.db`);

function startChild(path: string) {
  const child = spawn(process.execPath, [join(folder, 'child.mjs'), path], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const read = async (): Promise<string> => {
    const { value, done } = await lines.next();
    return done === true ? 'ended' : value;
  };
  return {
    pid: child.pid!,
    read,
    ask: async (word: string) => {
      child.stdin.write(`${word}\n`);
      return (await read()).split(' ');
    },
    tell: (word: string) => child.stdin.write(`${word}\n`),
    kill: async () => {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    },
    end: async () => {
      const exit = once(child, 'exit');
      child.stdin.end();
      const last = await read();
      await exit;
      return last;
    },
  };
}

describe('one data folder', () => {
  it('is open in one process at a time, and free again after kill -9', async () => {
    const path = newPath();
    const child = startChild(path);
    expect(await child.read()).toBe('open');
    const error = await rejection(openSqliteStore({ path }));
    expect(error.code).toBe('unavailable');
    expect(error.message).toContain('The data folder is in use');
    expect(error.message).toContain(path);
    await child.kill();
    const store = await openSqliteStore({ path });
    const refused = startChild(path);
    expect(await refused.read()).toContain('refused unavailable The data folder is in use');
    await store.close();
    const last = startChild(path);
    expect(await last.read()).toBe('open');
    expect(await last.end()).toBe('closed');
  });

  it('is not opened twice by one process either', async () => {
    const path = newPath();
    const store = await openSqliteStore({ path });
    expect((await rejection(openSqliteStore({ path }))).message).toContain('in use');
    const organizationId = await insertOrganization(store);
    await store.close();
    const again = await openSqliteStore({ path });
    expect(await again.organizations.get({ id: organizationId })).not.toBeNull();
    await again.close();
  });

  it('has every acknowledged record after kill -9 in the middle of writing', async () => {
    const path = newPath();
    const child = startChild(path);
    expect(await child.read()).toBe('open');
    const organizationId = (await child.ask('organization'))[1]!;
    child.tell('forever');
    const acknowledged: string[] = [];
    while (acknowledged.length < 500) acknowledged.push((await child.read()).split(' ')[1]!);
    await child.kill();
    for (let line = await child.read(); line !== 'ended'; line = await child.read()) {
      acknowledged.push(line.split(' ')[1]!);
    }
    const store = await openSqliteStore({ path });
    const kept = await store.runs.listUnfinished({ afterId: null, limit: 1_000_000 });
    const ids = new Set(kept.map((run) => run.id));
    expect(acknowledged.filter((id) => !ids.has(id))).toEqual([]);
    expect((await store.runs.list({ organizationId, limit: 1, offset: 0 })).total).toBe(kept.length);
    await store.close();
  });
});

describe.skipIf(!hasPrlimit)('a file system that takes no more', () => {
  const limitFileSize = (pid: number, size: string) =>
    spawnSync('prlimit', ['--pid', String(pid), `--fsize=${size}:`], { encoding: 'utf8' }).status;

  it('fails what is asked for meanwhile, loses nothing, and the store goes on after it', async () => {
    const path = newPath();
    const child = startChild(path);
    expect(await child.read()).toBe('open');
    const organizationId = (await child.ask('organization'))[1]!;
    const acknowledged = [(await child.ask('run'))[1]];
    expect(limitFileSize(child.pid, '4096')).toBe(0);
    for (const word of ['run', 'check', 'run']) {
      expect((await child.ask(word)).join(' ')).toContain(`refused unavailable The data file ${path}`);
    }
    expect(limitFileSize(child.pid, 'unlimited')).toBe(0);
    expect((await child.ask('check'))[0]).toBe('done');
    acknowledged.push((await child.ask('run'))[1]);
    expect(await child.end()).toBe('closed');
    const store = await openSqliteStore({ path });
    const { runs, total } = await store.runs.list({ organizationId, limit: 10, offset: 0 });
    expect(runs.map((run) => run.id)).toEqual(acknowledged.toReversed());
    expect(total).toBe(2);
    await store.close();
  });
});
