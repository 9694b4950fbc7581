import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createNodeContext } from '../../testing/node-context.js';
import { bundleHandlers, type Bundle, type BundleResult } from './bundle-handler.js';
import { HandlerStore } from './handler-store.js';

let base: string;
let store: HandlerStore;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'errand-bundle-'));
  store = new HandlerStore({ dataDir: join(base, 'data') });
});

afterEach(async () => {
  await rm(base, { recursive: true, force: true });
});

async function bundleHandler({ file }: { readonly file: string }): Promise<BundleResult> {
  const [result] = await bundleHandlers({ files: [file], dir: dirname(file) });
  if (result === undefined) throw new Error('nothing came of it');
  return result;
}

async function bundle(files: { readonly [file: string]: string }, entry = 'src/h.ts'): Promise<Bundle> {
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(base, file)), { recursive: true });
    await writeFile(join(base, file), text);
  }
  const result = await bundleHandler({ file: join(base, entry) });
  if (result.status !== 'ok') throw new Error(JSON.stringify(result.faults));
  return result.bundle;
}

async function run(made: Bundle, name = 'default'): Promise<unknown> {
  await store.save(made);
  const handler = await store.resolve({ kind: 'bundle', bundle: made.sha, export: name });
  return handler(createNodeContext({}).context);
}

describe('a handler bundle', () => {
  it('is named by its content and is the same every time', async () => {
    const files = {
      'src/h.ts': "import { b } from './b.js';\nexport default () => b;",
      'src/b.ts': 'export const b = 1;',
    };
    const first = await bundle(files);
    expect(await bundle(files)).toEqual(first);
    expect(first.sha).toMatch(/^[0-9a-f]{64}$/);
    const changed = await bundle({ 'src/b.ts': 'export const b = 2;' });
    expect(changed.sha).not.toBe(first.sha);
  });

  it('leaves every file its own import.meta', async () => {
    const made = await bundle({
      'src/h.ts': "import { there } from './lib/there.js';\nexport default () => [import.meta.url, there];",
      'src/lib/there.ts':
        'export const there: string[] = [import.meta.url, import.meta.dirname!, import.meta.filename!];',
    });
    const lib = join(base, 'src', 'lib');
    expect(await run(made)).toEqual([
      pathToFileURL(join(base, 'src', 'h.ts')).href,
      [pathToFileURL(join(lib, 'there.ts')).href, lib, join(lib, 'there.ts')],
    ]);
  });

  it('finds packages from the importer, and those of Errand itself', async () => {
    const made = await bundle({
      'src/h.ts':
        "import { z } from 'zod';\nimport mine from 'mine';\nimport { join } from 'path';\nexport default () => [z.string().parse('x'), mine, join('a', 'b')];",
      'node_modules/mine/package.json':
        '{ "name": "mine", "exports": { "import": "./esm.mjs", "require": "./cjs.cjs" } }',
      'node_modules/mine/esm.mjs': 'export default import.meta.url.slice(-7);',
      'node_modules/mine/cjs.cjs': 'module.exports = "cjs";',
    });
    expect(await run(made)).toEqual(['x', 'esm.mjs', 'a/b']);
  });

  it('carries CommonJS', async () => {
    const made = await bundle(
      {
        'src/h.mjs': "import c from './c.cjs';\nexport default () => c;",
        'src/c.cjs':
          "const { sep } = require('node:path');\nconst mine = require('mine');\nmodule.exports = { sep, mine };",
        'node_modules/mine/package.json': '{ "name": "mine", "main": "./i.js" }',
        'node_modules/mine/i.js': 'module.exports = 7;',
      },
      'src/h.mjs',
    );
    expect(await run(made)).toEqual({ sep: '/', mine: 7 });
  });

  it('says where the code is that fails, in the source', async () => {
    const made = await bundle({ 'src/h.ts': 'type A = 1;\n\nexport default (): A => {\n  throw new Error("x");\n};' });
    const map = /sourceMappingURL=data:application\/json;base64,(\S+)/.exec(made.code)?.[1] ?? '';
    const { sourceRoot, sources } = JSON.parse(Buffer.from(map, 'base64').toString()) as {
      sourceRoot: string;
      sources: string[];
    };
    expect(new URL(sources[0] ?? '', sourceRoot).href).toBe(pathToFileURL(join(base, 'src', 'h.ts')).href);
  });

  it('tells syntax errors with their place, also in files with import.meta and in imported ones', async () => {
    await mkdir(join(base, 'src'));
    await writeFile(join(base, 'src/h.ts'), "import './b.js';\nexport default () => import.meta.url;");
    await writeFile(join(base, 'src/b.ts'), 'const a = import.meta.url;\nconst = 1;\n');
    const result = await bundleHandler({ file: join(base, 'src/h.ts') });
    expect(result).toMatchObject({
      status: 'faulty',
      faults: [{ file: join(base, 'src/b.ts'), line: 2, column: 7, value: 'const = 1;' }],
      inputs: [join(base, 'src/h.ts'), join(base, 'src/b.ts')],
    });
  });
});

describe('handlers that are bundled in one go', () => {
  const FILES = {
    'one.ts': "import { shared } from './lib/shared.js';\nexport default () => shared;",
    'two.ts': "import one from './one.js';\nexport default () => [one(), import.meta.url];",
    'three.mjs': "import c from './lib/c.cjs';\nexport default () => c;",
    'lib/four.ts': "export default async () => (await import('./shared.js')).shared;",
    'lib/shared.ts': 'export const shared = import.meta.filename;\nexport const other = 2;',
    'lib/c.cjs': "module.exports = require('node:path').sep;",
  };
  const entries = ['one.ts', 'two.ts', 'three.mjs', 'lib/four.ts'];

  async function bundleAll(names: readonly string[]): Promise<readonly BundleResult[]> {
    return bundleHandlers({ files: names.map((name) => join(base, name)), dir: base });
  }

  beforeEach(async () => {
    await mkdir(join(base, 'lib'));
    for (const [file, text] of Object.entries(FILES)) await writeFile(join(base, file), text);
  });

  it('come to the same as alone, each with its own inputs', async () => {
    const together = await bundleAll(entries);
    const alone = await Promise.all(entries.map(async (name) => (await bundleAll([name]))[0]));
    expect(together.map((result) => ({ ...result, inputs: result.inputs.toSorted() }))).toEqual(
      alone.map((result) => ({ ...result, inputs: result?.inputs.toSorted() })),
    );
    expect(together.map(({ inputs }) => inputs.length)).toEqual([2, 3, 2, 2]);
  });

  it('are bundled though one of them cannot be', async () => {
    await writeFile(join(base, 'two.ts'), 'export default () => ;');
    const results = await bundleAll(entries);
    expect(results.map(({ status }) => status)).toEqual(['ok', 'faulty', 'ok', 'ok']);
    expect(results[1]).toMatchObject({ faults: [{ file: join(base, 'two.ts'), line: 1, column: 22 }] });
  });
});

describe('the handler store', () => {
  it('writes a bundle once and leaves nothing half-written behind', async () => {
    const made = await bundle({ 'src/h.ts': 'export default () => 1' });
    await Promise.all(Array.from({ length: 5 }, () => store.save(made)));
    expect(await readdir(join(base, 'data', 'handlers'))).toEqual([`${made.sha}.mjs`]);
  });

  it('imports a bundle once', async () => {
    const made = await bundle({ 'src/h.ts': 'let n = 0; export default () => (n += 1); export const same = () => n;' });
    await run(made);
    expect(await run(made)).toBe(2);
    expect(await run(made, 'same')).toBe(2);
  });

  it('says what is missing', async () => {
    const made = await bundle({ 'src/h.ts': 'export default () => 1; export const x = 5;' });
    await store.save(made);
    const failing = { kind: 'handler_missing', retryable: false };
    await expect(store.resolve({ kind: 'bundle', bundle: 'f'.repeat(64), export: 'default' })).rejects.toMatchObject(
      failing,
    );
    await expect(store.resolve({ kind: 'bundle', bundle: made.sha, export: 'nope' })).rejects.toMatchObject(failing);
    await expect(store.resolve({ kind: 'bundle', bundle: made.sha, export: 'x', nodeId: 'a' })).rejects.toMatchObject(
      failing,
    );
    await expect(store.resolve({ kind: 'inline', workflowId: 'w', nodeId: 'a' })).rejects.toMatchObject(failing);
  });

  it('finds a bundle that comes back', async () => {
    const made = await bundle({ 'src/h.ts': 'export default () => "back"' });
    const ref = { kind: 'bundle', bundle: made.sha, export: 'default' } as const;
    await expect(store.resolve(ref)).rejects.toThrow(/no .*\.mjs/);
    expect(await run(made)).toBe('back');
  });

  it('keeps the functions of workflows that were handed over, the newest definition only', async () => {
    const definition = { id: 'w', name: 'W', description: 'w', nodes: [] };
    store.registerInline({ definition, functions: { a: () => 'a1', 'm/do': () => 'm1' } });
    store.registerInline({ definition, functions: { a: () => 'a2' } });
    const { context } = createNodeContext({});
    expect((await store.resolve({ kind: 'inline', workflowId: 'w', nodeId: 'a' }))(context)).toBe('a2');
    await expect(store.resolve({ kind: 'inline', workflowId: 'w', nodeId: 'm/do' })).rejects.toThrow(
      /not in this process/,
    );
  });
});
