import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/**
 * Which room may import which. A room is a folder of src/ (`engine/embedded` and its like count as rooms of their own);
 * '.' is the composition root. `packages` lists the npm packages a room may use; Node's own modules are free but where
 * `pure` says otherwise.
 */
const ROOMS: Record<string, { imports: readonly string[]; packages: readonly string[]; pure?: boolean }> = {
  core: { imports: [], packages: [], pure: true },
  schema: { imports: ['core'], packages: ['ajv', 'ajv-formats', 're2js'], pure: true },
  workflow: { imports: ['core', 'schema'], packages: ['jsonata', 'ajv', 'yaml', 'zod', 'croner'], pure: true },
  declarations: { imports: ['core', 'workflow'], packages: [], pure: true },
  admission: { imports: ['core'], packages: [], pure: true },
  loader: { imports: ['core', 'workflow', 'declarations'], packages: ['esbuild'] },
  'mcp-client': { imports: ['core', 'admission'], packages: ['@modelcontextprotocol/client'] },
  outbound: { imports: ['core'], packages: ['undici'] },
  // Types alone: the SDK is looked for at run time.
  telemetry: { imports: ['core'], packages: [] },
  isolation: { imports: ['core', 'workflow'], packages: [] },
  nodes: { imports: ['core'], packages: ['quickjs-emscripten-core', '@jitl/quickjs-wasmfile-release-sync'] },
  runner: { imports: ['core', 'workflow'], packages: [], pure: true },
  service: { imports: ['core', 'workflow', 'runner'], packages: [] },
  'engine/drives': { imports: ['core', 'runner', 'admission'], packages: [] },
  'engine/embedded': { imports: ['core', 'runner', 'engine/drives'], packages: [] },
  'engine/restate': { imports: ['core', 'runner', 'engine/drives'], packages: ['@restatedev/restate-sdk'] },
  'store/rows': { imports: ['core'], packages: [], pure: true },
  'store/sqlite': { imports: ['core', 'store/rows'], packages: ['@photostructure/sqlite'] },
  'store/postgres': { imports: ['core', 'store/rows'], packages: ['pg'] },
  auth: { imports: ['core'], packages: ['openid-client', 'jose'] },
  api: { imports: ['core'], packages: [] },
  mcp: { imports: ['core', 'schema', 'service', 'auth'], packages: ['ajv'] },
  http: { imports: ['core', 'service', 'auth', 'api', 'mcp'], packages: [] },
  // The commands speak HTTP; `serve`, `mcp`, `demo` and `workflows check` start parts of the program itself.
  cli: {
    imports: ['core', 'workflow', 'declarations', 'api', 'http', 'mcp', 'app', 'demo', 'loader', 'nodes'],
    packages: ['commander'],
  },
  models: {
    imports: ['core', 'admission'],
    packages: ['ai', '@ai-sdk/openai', '@ai-sdk/anthropic', '@ai-sdk/google', '@ai-sdk/openai-compatible'],
    pure: true,
  },
  demo: { imports: ['*'], packages: [] },
  testing: { imports: ['core', 'outbound'], packages: ['vitest', 'fast-check'] },
  // The composition root, and the public exports beside it.
  app: { imports: ['*'], packages: ['pino'] },
  '.': { imports: ['*'], packages: [] },
};

/** What only the composition root may reach for: elsewhere time, ids and chance are given. */
const AMBIENT =
  /\bDate\.now\(|\bMath\.random\(|\brandomUUID\b|\bnew Date\(\)|\bsetTimeout\(|\bsetInterval\(|\bprocess\.env\b/;

const src = dirname(fileURLToPath(import.meta.url));
const repository = dirname(src);

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => /\.m?ts$|\.mjs$/.test(file));
const sources = files
  .filter((file) => !file.endsWith('.test.ts'))
  .map((file) => ({ file, room: roomOf(file), text: readFileSync(join(src, file), 'utf8') }));

function roomOf(file: string): string {
  const parts = dirname(file).split(/[\\/]/);
  if (parts[0] === 'engine' || parts[0] === 'store') return parts.slice(0, 2).join('/');
  return parts[0] ?? '.';
}

/** Every module that a file imports, statically, dynamically or for its types alone. */
function importsOf(text: string): string[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
  return [...code.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*)'([^'\n]+)'/g)].flatMap((match) => match[1] ?? []);
}

function violationsOf({ file, room, text }: (typeof sources)[number]): string[] {
  const rule = ROOMS[room];
  if (rule === undefined) return [`${file}: the room "${room}" is not in the table`];
  const found: string[] = [];
  for (const specifier of importsOf(text)) {
    if (specifier.startsWith('.')) {
      const target = roomOf(relative(src, resolve(src, dirname(file), specifier)));
      const allowed = target === room || rule.imports.includes(target) || rule.imports.includes('*');
      if (!allowed) found.push(`${file} imports ${specifier}: ${room} may not import ${target}`);
    } else if (!specifier.startsWith('node:')) {
      const name = specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/');
      if (!rule.packages.includes(name)) found.push(`${file} imports the package ${name}: ${room} may not`);
    }
  }
  if (rule.pure === true && AMBIENT.test(text)) found.push(`${file} reaches for time, ids, chance or the environment`);
  return found;
}

/** The files and folders of src/ (`from`, `to`) between which an import goes. */
function importArrows(of: readonly { file: string; text: string }[]): { from: string; to: string }[] {
  const known = new Set(of.map(({ file }) => file));
  return of.flatMap(({ file, text }) =>
    importsOf(text)
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => relative(src, resolve(src, dirname(file), specifier)))
      .map((target) => (known.has(target) ? target : target.replace(/\.js$/, '.ts')))
      .filter((target) => known.has(target))
      .map((target) => ({ from: file, to: target })),
  );
}

/** Groups of names that can be reached from each other: each is a cycle. */
function findCycles(arrows: readonly { from: string; to: string }[]): string[][] {
  const next = new Map<string, Set<string>>();
  for (const { from, to } of arrows) {
    if (from !== to) next.set(from, (next.get(from) ?? new Set()).add(to));
  }
  const reachable = new Map<string, Set<string>>();
  for (const start of next.keys()) {
    const seen = new Set<string>();
    const queue = [...(next.get(start) ?? [])];
    for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
      if (seen.has(name)) continue;
      seen.add(name);
      queue.push(...(next.get(name) ?? []));
    }
    reachable.set(start, seen);
  }
  const circular = [...reachable].filter(([name, seen]) => seen.has(name)).map(([name]) => name);
  const isTogether = (a: string, b: string): boolean =>
    reachable.get(a)?.has(b) === true && reachable.get(b)?.has(a) === true;
  const groups = new Map(
    circular.map((name) => [
      circular
        .filter((other) => isTogether(name, other))
        .toSorted()
        .join(' '),
      name,
    ]),
  );
  return [...groups.keys()].map((names) => names.split(' '));
}

const map = readFileSync(join(repository, 'ARCHITECTURE.md'), 'utf8');

/** The cells of a section's table, row by row, without its head. */
function rowsOf(heading: string): string[][] {
  const section = map.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| '));
  return rows.slice(2).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

describe('ARCHITECTURE.md', () => {
  it('says which room may import which', () => {
    const told = rowsOf('Rooms').map(([room = '', , imports = '']) => [
      room.replaceAll('`', '').replace(/\/$/, ''),
      imports,
    ]);
    const words = ({ imports }: { readonly imports: readonly string[] }): string => {
      if (imports.length === 0) return 'nothing';
      return imports.includes('*') ? 'anything' : imports.join(', ');
    };
    const held = Object.entries(ROOMS).filter(([room]) => room !== '.');
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(held.map(([room, rule]) => [room, words(rule)])));
  });

  it('names files that there are', () => {
    for (const [page, least] of [
      ['ARCHITECTURE.md', 40],
      ['CONTRIBUTING.md', 20],
    ] as const) {
      const text = readFileSync(join(repository, page), 'utf8');
      // From the repository, from src/ or from a room. Paths with a place for a name (`src/nodes/<kind>.ts`) are no
      // paths yet.
      const from = [repository, src, ...Object.keys(ROOMS).map((room) => join(src, room))];
      const named = [...text.matchAll(/`([\w@.-]+\/[\w@.-][\w@./-]*)`/g)].map((match) => match[1] ?? '');
      const missing = named.filter(
        (path) => !path.startsWith('dist/') && !from.some((at) => existsSync(join(at, path))),
      );
      expect(named.length).toBeGreaterThan(least);
      expect(missing).toEqual([]);
    }
  });

  it('names folders that rooms have', () => {
    const named = rowsOf('Rooms').flatMap(([room = '', what = '']) =>
      [...what.matchAll(/`([\w-]+\/)`/g)].map((match) => join(room.replaceAll('`', ''), match[1] ?? '')),
    );
    expect(named.length).toBeGreaterThan(30);
    expect(named.filter((folder) => !existsSync(join(src, folder)))).toEqual([]);
  });

  it('names tables that there are', () => {
    const schema = readFileSync(join(src, 'store', 'sqlite', 'schema', 'schema.sql'), 'utf8');
    const named = rowsOf('Where things are kept').flatMap(([tables = '']) => [...tables.matchAll(/`(\w+)`/g)]);
    expect(named.length).toBeGreaterThan(8);
    expect(named.map((match) => match[1]!).filter((table) => !schema.includes(`CREATE TABLE ${table} `))).toEqual([]);
  });
});

describe('the rooms', () => {
  it('import only what the table allows', () => {
    expect(sources.length).toBeGreaterThan(50);
    expect(sources.flatMap(violationsOf)).toEqual([]);
  });

  it('are told apart by a check that sees static, dynamic and type-only imports', () => {
    const text =
      "import type { A } from '../store/sqlite/x.js';\nconst b = await import('../http/y.js');\nimport 'hono';";
    const violations = violationsOf({ file: join('core', 'probe.ts'), room: 'core', text });
    expect(violations).toHaveLength(3);
  });

  it('leave adapters to the composition root', () => {
    const naming = sources.filter(
      ({ text, room }) => room !== 'app' && !room.startsWith('store/') && /SqliteStore\b/.test(text),
    );
    expect(naming.map(({ file }) => file)).toEqual([]);
  });

  it('import each other in one direction, folder by folder', () => {
    const folders = importArrows(sources).map(({ from, to }) => ({ from: dirname(from), to: dirname(to) }));
    expect(folders.length).toBeGreaterThan(500);
    expect(findCycles(folders)).toEqual([]);
  });

  it('have no files that import each other in a circle, types included', () => {
    expect(findCycles(importArrows(sources))).toEqual([]);
  });

  it('are searched for circles by a check that finds them', () => {
    const text = (imported: string): string => `import type { A } from './${imported}.js';`;
    const circle = [
      { file: 'a.ts', text: text('b') },
      { file: 'b.ts', text: text('c') },
      { file: 'c.ts', text: text('a') },
      { file: 'd.ts', text: text('a') },
    ];
    expect(findCycles(importArrows(circle))).toEqual([['a.ts', 'b.ts', 'c.ts']]);
  });
});

/** A folder and all that are in it, with the names of their files; what npm installed left out. */
function foldersIn(folder: string): { folder: string; files: string[] }[] {
  const entries = readdirSync(join(repository, folder), { withFileTypes: true });
  const inner = entries.filter((entry) => entry.isDirectory() && entry.name !== 'node_modules');
  const own = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  return [{ folder, files: own }, ...inner.flatMap(({ name }) => foldersIn(`${folder}/${name}`))];
}

describe.each(['src', 'test', 'bench', 'chaos', 'clients', 'conformance', 'scripts', 'workflows'])('%s', (root) => {
  const folders = foldersIn(root);

  it('has folders of 15 files or fewer, but for those of migrations, which only ever grow', () => {
    expect(folders.flatMap(({ files: own }) => own).length).toBeGreaterThan(10);
    const others = folders.filter(({ folder }) => !folder.endsWith('/schema/migrations'));
    expect(others.filter(({ files: own }) => own.length > 15).map(({ folder }) => folder)).toEqual([]);
  });

  it('has files of 400 lines or fewer, tests among them', () => {
    const code = folders.flatMap(({ folder, files: own }) =>
      own.filter((name) => /\.(m?ts|mjs)$/.test(name)).map((name) => `${folder}/${name}`),
    );
    const linesOf = (file: string): number => readFileSync(join(repository, file), 'utf8').split('\n').length - 1;
    expect(code.filter((file) => linesOf(file) > 400)).toEqual([]);
  });
});

describe('the folders', () => {
  it('of test/ are those that CONTRIBUTING.md tells of', () => {
    const page = readFileSync(join(repository, 'CONTRIBUTING.md'), 'utf8');
    const section = page.split('\n## Where tests live\n')[1]?.split('\n## ')[0] ?? '';
    const told = [...section.matchAll(/^\| `(test\/[^`]+)\/` /gm)].map((match) => match[1] ?? '');
    const there = foldersIn('test')
      .filter(({ files: own }) => own.length > 0)
      .map(({ folder }) =>
        folder
          .split('/')
          .slice(0, folder.startsWith('test/support/') ? 3 : 2)
          .join('/'),
      )
      .filter((folder) => folder !== 'test' && folder !== 'test/support');
    expect(told.toSorted()).toEqual([...new Set(there)].toSorted());
  });
});
