import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeKinds } from '../../nodes/registry.js';
import { HandlerStore } from '../bundles/handler-store.js';
import { inspectHere } from '../inspect-here.js';
import { loadFolder } from '../load-folder.js';
import { KeptModules } from './kept-modules.js';

let base: string;
let dir: string;
let dataDir: string;
let prepared: string;

const FILES = {
  'w/a.yaml':
    'id: a\nname: A\ndescription: a\nnodes:\n  - { id: x, kind: code, uses: ./x.ts }\n  - { id: y, kind: code, uses: ./y.ts }\n',
  'w/x.ts': "import { one } from './lib/one';\nimport p from 'p';\nexport default () => [one, p];",
  'w/y.ts': 'export default () => 1;',
  'w/lib/one.ts': 'export const one = 1;',
  'node_modules/p/package.json': '{ "name": "p", "version": "1.0.0", "main": "p.js" }',
  'node_modules/p/p.js': 'module.exports = 1;',
};

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'errand-kept-'));
  dir = join(base, 'w');
  dataDir = join(base, 'data');
  prepared = join(base, 'prepared');
  await write(FILES);
});

afterEach(async () => {
  await rm(base, { recursive: true, force: true });
});

async function write(files: { readonly [file: string]: string }): Promise<void> {
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(base, file)), { recursive: true });
    await writeFile(join(base, file), text);
  }
}

/** As a start of the server does: which bundles were inspected, by the file that they were made of, and what came of it. */
async function start(): Promise<{ readonly inspected: readonly string[]; readonly workflows: unknown }> {
  const kept = new KeptModules({ dataDir, dir, prepared, store: new HandlerStore({ dataDir }) });
  await kept.read();
  const shas: string[] = [];
  const { workflows, entries } = await loadFolder({
    dir,
    kinds: nodeKinds,
    dataDir,
    kept,
    inspect: async (file) => {
      shas.push(file.slice(-68, -4));
      return inspectHere(file);
    },
  });
  await kept.write();
  const inspected = shas.map((sha) => (entries.get(sha) ?? '').slice(base.length + 1)).toSorted();
  return { inspected, workflows };
}

const BOTH = ['w/x.ts', 'w/y.ts'];

async function startAgainAfter(change: () => Promise<void>): Promise<readonly string[]> {
  expect((await start()).inspected).toEqual(BOTH);
  await change();
  return (await start()).inspected;
}

describe('handlers of an earlier start', () => {
  it('are neither bundled nor inspected again, and come to the same', async () => {
    const first = await start();
    expect(first.inspected).toEqual(BOTH);
    expect(await start()).toEqual({ inspected: [], workflows: first.workflows });
    expect(first.workflows).toHaveLength(1);
  });

  it.each<[what: string, files: { readonly [file: string]: string }]>([
    ['a file that went into them has changed', { 'w/lib/one.ts': 'export const one = 2;' }],
    ['an import would find another file', { 'w/lib/one.tsx': 'export const one = 2;' }],
    ['an import would find a file before a folder', { 'w/lib.ts': '' }],
    ['a package has another version', { 'node_modules/p/package.json': '{ "version": "1.0.1", "main": "p.js" }' }],
  ])('are made anew where %s', async (_, files) => {
    expect(await startAgainAfter(() => write(files))).toContain('w/x.ts');
  });

  it.each<[what: string, files: { readonly [file: string]: string }]>([
    ['a nearer package has come', { 'w/node_modules/p/package.json': '{}', 'w/node_modules/p/index.js': '' }],
    ['settings have come', { 'w/tsconfig.json': '{ "compilerOptions": { "target": "ES2022" } }' }],
    ['settings have come whose reach nobody can tell', { 'tsconfig.json': '{ "extends": "p/tsconfig.json" }' }],
    ['the file of those that are kept is torn', { 'data/handlers/modules.json': '{"maker":' }],
    ['the file of those that are kept is nobody’s', { 'data/handlers/modules.json': `${'0'.repeat(64)}\n{}` }],
  ])('are all made anew where %s', async (_, files) => {
    expect(await startAgainAfter(() => write(files))).toEqual(BOTH);
  });

  it('are made anew where their bundle is gone or damaged', async () => {
    const damaged = await startAgainAfter(async () => {
      for (const name of await readdir(join(dataDir, 'handlers')))
        if (name.endsWith('.mjs')) await write({ [`data/handlers/${name}`]: 'export default () => "foreign";' });
    });
    expect(damaged).toEqual(BOTH);
    expect((await start()).inspected).toEqual([]);
  });

  it('are made anew where a link leads elsewhere', async () => {
    await rm(join(dir, 'lib'), { recursive: true });
    await write({ 'one/one.ts': 'export const one = 1;', 'two/one.ts': 'export const one = 1;' });
    await symlink(join(base, 'one'), join(dir, 'lib'));
    const inspected = await startAgainAfter(async () => {
      await rm(join(dir, 'lib'));
      await symlink(join(base, 'two'), join(dir, 'lib'));
    });
    expect(inspected).toContain('w/x.ts');
  });

  it('are inspected again where a variable that they name is set now, and was not', async () => {
    const name = `ERRAND_TEST_${process.pid}`;
    await write({ 'w/y.ts': `export default () => process.env.${name};` });
    const inspected = await startAgainAfter(async () => void (process.env[name] = '1'));
    delete process.env[name];
    expect(inspected).toEqual(['w/y.ts']);
  });

  it('are inspected each time where nobody can tell what they read of the environment', async () => {
    await write({ 'w/y.ts': 'const { env } = process;\nexport default () => env;' });
    expect(await startAgainAfter(async () => undefined)).toEqual(['w/y.ts']);
  });

  it('may be those that the build has made, and count as the folder’s own from then on', async () => {
    dataDir = prepared;
    const { workflows } = await start();
    dataDir = join(base, 'data');
    expect(await start()).toEqual({ inspected: [], workflows });
    await rm(prepared, { recursive: true });
    expect(await start()).toEqual({ inspected: [], workflows });
  });

  it('are made anew where what the build has made is damaged', async () => {
    dataDir = prepared;
    await start();
    for (const name of await readdir(join(prepared, 'handlers')))
      if (name.endsWith('.mjs')) await write({ [`prepared/handlers/${name}`]: 'export default () => "foreign";' });
    dataDir = join(base, 'data');
    expect((await start()).inspected).toEqual(BOTH);
  });

  it('hold no value of the environment', async () => {
    process.env['ERRAND_TEST_KEPT'] = 'confidential';
    await write({ 'w/y.ts': 'export default () => process.env.ERRAND_TEST_KEPT;' });
    await start();
    delete process.env['ERRAND_TEST_KEPT'];
    const text = await readFile(join(dataDir, 'handlers', 'modules.json'), 'utf8');
    expect(text).toContain('ERRAND_TEST_KEPT');
    expect(text).not.toContain('confidential');
  });
});
