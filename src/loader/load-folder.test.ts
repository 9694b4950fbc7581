import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Fault } from '../core/workflow/definition.js';
import { nodeKinds } from '../nodes/registry.js';
import { createNodeContext } from '../testing/node-context.js';
import { HandlerStore } from './bundles/handler-store.js';
import { loadFolder, type LoadedFolder } from './load-folder.js';

let base: string;
let dir: string;
let dataDir: string;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'errand-loader-'));
  dir = join(base, 'workflows');
  dataDir = join(base, 'data');
});

afterEach(async () => {
  await rm(base, { recursive: true, force: true });
});

async function write(files: { readonly [file: string]: string }): Promise<void> {
  for (const [file, text] of Object.entries(files)) {
    const path = join(dir, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
}

async function load(files: { readonly [file: string]: string }): Promise<LoadedFolder> {
  await write(files);
  return loadFolder({ dir, kinds: nodeKinds, dataDir });
}

function places(faults: readonly Fault[]): string[] {
  return faults.map(({ file, line, path, message }) => `${file}:${line ?? '-'} ${path}: ${message}`);
}

/** TypeScript workflows are defined by hand here: `errand` itself is there only once it is built. */
const DEFINE = `const defineWorkflow = ({ functions, ...definition }) =>
  ({ definition, functions: functions ?? {}, [Symbol.for('errand.workflow')]: true });
`;

const head = (id: string): string => `id: ${id}\nname: A\ndescription: a\n`;
const plain = (id: string): string => `${head(id)}nodes:\n  - { id: a, kind: transform }\n`;

const using = (resource: string): string => `{ kind: http, resource: ${resource}, with: { url: 'http://a' } }`;

describe('the resources of a folder', () => {
  it('are declared in resources.yaml and named by nodes, of maps by what they do', async () => {
    const { workflows, faults, resources } = await load({
      'resources.yaml': 'crm_api: { concurrency: 4, per_minute: 60 }\nsearch: { per_second: 2 }\n',
      'a.yaml': `${head('a')}nodes:\n  - { id: m, kind: map, over: [1], do: ${using('crm_api')} }\n  - { id: n, kind: transform, resource: search }\n`,
    });
    expect(faults).toEqual([]);
    expect(workflows).toHaveLength(1);
    expect([...resources]).toEqual([
      ['crm_api', { concurrency: 4, rate: { count: 60, perMs: 60_000 } }],
      ['search', { concurrency: null, rate: { count: 2, perMs: 1_000 } }],
    ]);
  });

  it('tell every fault with its line', async () => {
    const { workflows, faults, resources } = await load({
      'resources.yaml':
        'crm_api: { concurency: 4 }\ngood: { concurrency: 1 }\nidle: {}\nboth: { per_minute: 1, per_hour: 2 }\n',
      'a.yaml': `${head('a')}nodes:\n  - { id: m, kind: map, over: [1], resource: good, do: ${using('god')} }\n  - { id: n, kind: transform, resource: crm_api }\n`,
    });
    expect(workflows).toEqual([]);
    expect([...resources.keys()]).toEqual(['good']);
    expect(places(faults)).toEqual([
      'a.yaml:5 nodes[0].resource: belongs into "do": each item uses the resource by itself',
      'a.yaml:5 nodes[0].do.resource: there is no resource with this name; did you mean "good"?',
      'resources.yaml:1 crm_api.concurency: unknown field "concurency"; did you mean "concurrency"?',
      'resources.yaml:3 idle: limits nothing: give it "concurrency" or a rate',
      'resources.yaml:4 both: has per_minute and per_hour: one rate is all it can have',
    ]);
  });
});

describe('loading a folder', () => {
  it('tells of workflows that run others which are not there; those with faults are', async () => {
    const calls = (id: string): string => `{ id: ${id}, kind: workflow, workflow: ${id} }`;
    const { workflows, faults } = await load({
      'a.yaml': `${head('a')}nodes:\n  - ${calls('b')}\n  - ${calls('c')}\n  - { id: x, kind: workflow, workflow: '{{ input.id }}' }\n`,
      'b.yaml': `${head('b')}nodes:\n  - { id: y, kind: nothing }\n`,
      'd.yaml': `${head('d')}nodes:\n  - ${calls('d')}\n`,
    });
    expect(workflows.map(({ definition }) => definition.id)).toEqual(['d']);
    expect(places(faults)).toEqual([
      'a.yaml:6 nodes[1].workflow: there is no workflow with this id',
      expect.stringMatching(/^b\.yaml:5 nodes\[0\]\.kind: no such node kind/),
    ]);
  });

  it('finds YAML, JSON, TypeScript and JavaScript, at the top and in folders', async () => {
    const { workflows, faults } = await load({
      'one.yaml': plain('one'),
      'two.json': JSON.stringify({ id: 'two', name: 'T', description: 't', nodes: [{ id: 'a', kind: 'transform' }] }),
      'three.workflow.ts': `${DEFINE}export default defineWorkflow({ id: 'three', name: 'T', description: 't', nodes: [{ id: 'a', kind: 'transform' }] });`,
      'four/workflow.yml': plain('four'),
      'five/workflow.mjs': `export const five = { definition: { id: 'five', name: 'F', description: 'f', nodes: [{ id: 'a', kind: 'transform' }] }, functions: {}, [Symbol.for('errand.workflow')]: true };`,
      'package.json': '{ "name": "not-a-workflow" }',
      'five/other.json': '{ "id": 1 }',
      'five/helper.yaml': 'not: one',
      'helper.ts': 'export const a = 1;',
      '.hidden.yaml': 'x',
      '.git/workflow.yaml': 'x',
      'node_modules/workflow.yaml': 'x',
    });
    expect(places(faults)).toEqual([]);
    expect(workflows.map(({ definition, file }) => [definition.id, file])).toEqual([
      ['five', 'five/workflow.mjs'],
      ['four', 'four/workflow.yml'],
      ['one', 'one.yaml'],
      ['three', 'three.workflow.ts'],
      ['two', 'two.json'],
    ]);
    expect(workflows[0]?.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('bundles handlers, and their functions run', async () => {
    const { workflows, faults, files } = await load({
      'w/workflow.yaml': `${head('w')}nodes:
  - { id: a, kind: code, uses: ./a.ts }
  - { id: b, kind: code, uses: "./lib/b.mjs#named" }
  - id: m
    kind: map
    over: [1, 2]
    do: { kind: code, uses: ./a.ts }
`,
      'w/a.ts': `import type { HandlerContext } from 'errand';
import data from './data.json';
import { double } from './lib/math.js';
export default async ({ input }: HandlerContext<{ n: number }>) => double(input.n) + data.plus;`,
      'w/data.json': '{ "plus": 1 }',
      'w/lib/math.ts': 'export const double = (n: number): number => n * 2;',
      'w/lib/b.mjs': 'export const named = () => "b"; export default 3;',
    });
    expect(places(faults)).toEqual([]);
    const handlers = workflows[0]?.handlers ?? {};
    expect(Object.keys(handlers)).toEqual(['a', 'b', 'm/do']);
    expect(handlers['a']).toEqual(handlers['m/do']);
    const store = new HandlerStore({ dataDir });
    const { context } = createNodeContext({ input: { n: 20 } });
    const outputs = ['a', 'b'].map(async (node) => {
      const ref = handlers[node];
      return ref === undefined ? null : (await store.resolve(ref))(context);
    });
    expect(await Promise.all(outputs)).toEqual([41, 'b']);
    for (const file of ['workflow.yaml', 'a.ts', 'data.json', 'lib/math.ts', 'lib/b.mjs']) {
      expect(files).toContain(join(dir, 'w', file));
    }
  });

  it('finds the functions that a workflow in TypeScript holds itself', async () => {
    const { workflows, faults } = await load({
      'w.workflow.ts': `${DEFINE}
export const w = defineWorkflow({
  id: 'w', name: 'W', description: 'w',
  nodes: [
    { id: 'a', kind: 'code', uses: '#run' },
    { id: 'm', kind: 'map', over: [], do: { kind: 'code', uses: '#run' } },
    { id: 'f', kind: 'code', uses: './f.ts' },
  ],
  functions: { a: () => 'inline a', 'm/do': () => 'inline m' },
});
export default w;`,
      'f.ts': 'export default () => "file"',
    });
    expect(places(faults)).toEqual([]);
    const handlers = workflows[0]?.handlers ?? {};
    expect(handlers['a']).toMatchObject({ kind: 'bundle', nodeId: 'a' });
    expect(handlers['m/do']).toMatchObject({ kind: 'bundle', nodeId: 'm/do' });
    const store = new HandlerStore({ dataDir });
    const { context } = createNodeContext({});
    const outputs = Object.values(handlers).map(async (ref) => (await store.resolve(ref))(context));
    expect(await Promise.all(outputs)).toEqual(['inline a', 'inline m', 'file']);
  });

  it('gives the same hashes for the same sources, wherever the data is', async () => {
    const files = {
      'w.yaml': `${head('w')}nodes: [{ id: a, kind: code, uses: ./a.ts }]`,
      'a.ts': 'export default () => 1',
    };
    const first = await load(files);
    const second = await loadFolder({ dir, kinds: nodeKinds, dataDir: join(base, 'elsewhere', 'data') });
    expect(second.workflows).toEqual(first.workflows);
    const changed = await load({ 'a.ts': 'export default () => 2' });
    expect(changed.workflows[0]?.hash).not.toBe(first.workflows[0]?.hash);
  });

  it('keeps the code of earlier versions', async () => {
    const files = {
      'w.yaml': `${head('w')}nodes: [{ id: a, kind: code, uses: ./a.ts }]`,
      'a.ts': 'export default () => "old"',
    };
    const before = (await load(files)).workflows[0]?.handlers['a'];
    const after = (await load({ 'a.ts': 'export default () => "new"' })).workflows[0]?.handlers['a'];
    const store = new HandlerStore({ dataDir });
    const { context } = createNodeContext({});
    expect(before !== undefined && (await store.resolve(before))(context)).toBe('old');
    expect(after !== undefined && (await store.resolve(after))(context)).toBe('new');
  });
});

describe('the faults of a folder', () => {
  it('are all told, each with its file, line and value, and hide no good workflow', async () => {
    const { workflows, faults } = await load({
      'good.yaml': plain('good'),
      'bad.yaml': `id: bad
name: Bad
description: bad
credit: 5
nodes:
  - id: a
    kind: cod
  - id: b
    kind: transform
    needs: [a, zz]
    with:
      deep: "{{ nodes.a.output + }}"
  - id: c
    kind: code
    uses: ./nope.ts
  - id: c
    kind: code
    uses: ./broken.ts#default
  - id: d
    kind: code
    uses: ./fine.ts#missing
`,
      'broken.ts': 'export default () => {\n  const x = ;\n};\n',
      'fine.ts': 'export const fine = () => 1;',
      'syntax.yaml': 'id: x\nid: y\nnodes: [',
      'syntax.json': '{\n  "id": "s",\n  "nodes": [,]\n}',
    });
    expect(workflows.map(({ definition }) => definition.id)).toEqual(['good']);
    expect(places(faults)).toEqual([
      'bad.yaml:4 credit: unknown field "credit"; did you mean "credits"?',
      `bad.yaml:7 nodes[0].kind: no such node kind; there are ${[...nodeKinds.keys()].join(', ')}; did you mean "code"?`,
      'bad.yaml:10 nodes[1].needs[1]: no node has this id',
      'bad.yaml:12 nodes[1].with.deep: bad expression: Unexpected end of expression (at character 18 of the expression)',
      'bad.yaml:15 nodes[2].uses: there is no such file',
      'bad.yaml:16 nodes[3].id: another node has this id already: nodes[2]',
      'bad.yaml:21 nodes[4].uses: the file has no export "missing"; it exports the functions fine',
      'broken.ts:2 nodes[3].uses: Unexpected ";"',
      expect.stringMatching(/^syntax\.json:3 : /),
      'syntax.yaml:2 : this key is there twice',
      expect.stringMatching(/^syntax\.yaml:3 : /),
    ]);
    expect(faults.find(({ path }) => path === 'nodes[1].needs[1]')).toMatchObject({ column: 16, value: 'zz' });
    expect(faults.find(({ file }) => file === 'broken.ts')).toMatchObject({ column: 13, value: 'const x = ;' });
  });

  it('name every file that shares a workflow id, and none of them is taken', async () => {
    const { workflows, faults } = await load({
      'a.yaml': plain('same'),
      'b.yaml': plain('same'),
      'c.yaml': plain('c'),
    });
    expect(workflows.map(({ definition }) => definition.id)).toEqual(['c']);
    expect(places(faults)).toEqual([
      'a.yaml:1 id: another workflow has this id too: b.yaml',
      'b.yaml:1 id: another workflow has this id too: a.yaml',
    ]);
  });

  it('are found in TypeScript too', async () => {
    const { faults } = await load({
      'w.workflow.ts': `${DEFINE}
export default defineWorkflow({
  id: 'w',
  name: 'W',
  description: 'w',
  nodes: [
    { id: 'first', kind: 'transfrom' },
    { id: 'second', kind: 'transform', needs: ['frist'] },
    { id: 'third', kind: 'code', uses: '#run' },
    { id: 'fourth', kind: 'transform', with: '{{ nodes.nope.output }}', role: 'r' },
  ],
});`,
      'none.workflow.ts': 'export const x = 1;',
      'throws.workflow.ts': 'throw new Error("at the top");',
      'broken.workflow.ts': 'export default {\n  a: [,;\n};',
    });
    expect(places(faults)).toEqual([
      'broken.workflow.ts:2 : Unexpected ";"',
      'none.workflow.ts:- : no workflow is exported; write: export default defineWorkflow({ … })',
      expect.stringMatching(/^throws\.workflow\.ts:.* : at the top$/),
      expect.stringMatching(/^w\.workflow\.ts:9 nodes\[0\]\.kind: no such node kind/),
      'w.workflow.ts:10 nodes[1].needs[0]: no node has this id; did you mean "first"?',
      'w.workflow.ts:11 nodes[2].uses: "#run" stands for a function in TypeScript, and there is none here',
      'w.workflow.ts:12 nodes[3].with: reads the node "nope", which does not exist',
      'w.workflow.ts:12 nodes[3].role: an agent needs a "label" beside its "role"',
    ]);
  });

  it('include packages that are not there and handlers that fail to load or are no functions', async () => {
    const { faults } = await load({
      'w.yaml': `${head('w')}nodes:
  - { id: a, kind: code, uses: ./a.ts }
  - { id: b, kind: code, uses: ./b.ts }
  - { id: c, kind: code, uses: ./c.ts }
  - { id: d, kind: code, uses: "#run" }
`,
      'a.ts': "import x from 'no-such-package-at-all';\nexport default () => x;",
      'b.ts': 'throw new TypeError("not today");\nexport default () => 1;',
      'c.ts': 'export default 5;',
    });
    expect(places(faults)).toEqual([
      'a.ts:1 nodes[0].uses: Could not resolve "no-such-package-at-all". Install it: packages are looked for in node_modules beside the handler and above',
      expect.stringMatching(/^b\.ts:.* nodes\[1\]\.uses: not today$/),
      "w.yaml:7 nodes[2].uses: the file's default export is not a function",
      'w.yaml:8 nodes[3].uses: "#run" stands for a function in TypeScript, and there is none here',
    ]);
  });

  it('include a folder that is not there', async () => {
    const { workflows, faults } = await loadFolder({ dir: join(base, 'nowhere'), kinds: nodeKinds, dataDir });
    expect(workflows).toEqual([]);
    expect(faults).toHaveLength(1);
    expect(faults[0]?.message).toContain('ENOENT');
  });

  it('include a JSON workflow that is not JSON, but no other JSON file', async () => {
    const { faults } = await load({ 'data.json': '{ "broken": ', 'w/workflow.json': '{ "name": 1 }' });
    expect(new Set(faults.map(({ file }) => file))).toEqual(new Set(['w/workflow.json']));
  });
});
