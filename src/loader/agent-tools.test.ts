import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeKinds } from '../nodes/registry.js';
import { createNodeContext } from '../testing/node-context.js';
import { HandlerStore } from './bundles/handler-store.js';
import { loadFolder, type LoadedFolder } from './load-folder.js';

let base: string;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'errand-agent-tools-'));
});

afterEach(() => rmSync(base, { recursive: true, force: true }));

const HEAD = 'id: w\nname: W\ndescription: w\nnodes:\n  - id: scout\n    kind: agent\n    goal: Find it\n    tools:\n';

async function load(tools: string, files: { readonly [file: string]: string } = {}): Promise<LoadedFolder> {
  writeFileSync(join(base, 'w.yaml'), `${HEAD}${tools}`);
  for (const [file, text] of Object.entries(files)) writeFileSync(join(base, file), text);
  return loadFolder({ dir: base, kinds: nodeKinds, dataDir: join(base, 'data'), env: {} });
}

const INPUT = 'input: { type: object }';

describe('the tools of an agent', () => {
  it('are loaded with their functions, each known by the name of its tool', async () => {
    const { workflows, faults } = await load(
      [
        `      - { name: one, description: d, ${INPUT}, code: ./tools.ts }`,
        `      - { name: two, description: d, code: './tools.ts#two' }`,
        `      - { name: three, description: d, http: { url: 'http://a/{{ args.id }}' } }`,
        `      - { workflow: other, name: another }`,
        `      - { mcp: web, allow: [search] }`,
      ].join('\n'),
      {
        'tools.ts':
          'export default () => 1;\nexport const two = ({ input }: { input: { n: number } }) => input.n * 2;\n',
        'other.yaml': 'id: other\nname: O\ndescription: o\nnodes: [{ id: a, kind: transform }]\n',
        'mcp-servers.yaml': 'web: { url: "http://127.0.0.1:1/mcp" }\n',
      },
    );
    expect(faults).toEqual([]);
    const handlers = workflows.find(({ definition }) => definition.id === 'w')?.handlers ?? {};
    expect(Object.keys(handlers)).toEqual(['scout/tools/one', 'scout/tools/two']);
    const store = new HandlerStore({ dataDir: join(base, 'data') });
    const ref = handlers['scout/tools/two'];
    const two = ref === undefined ? null : await store.resolve(ref);
    expect(two?.(createNodeContext({ input: { n: 4 } }).context)).toBe(8);
  });

  it.each([
    ['{ name: t, description: d }', 'tools[0]: a tool has one of workflow, code, http, mcp'],
    ['{ code: ./t.mjs, mcp: web }', 'tools[0]: a tool has one of workflow, code, http, mcp'],
    ['{ name: t, code: ./t.mjs }', 'tools[0]: the required field "description" is missing'],
    ['{ name: t, description: d, code: ./lost.ts }', 'tools[0].code: there is no such file'],
    ['{ name: t, description: d, code: t.mjs }', 'tools[0].code: must name a function'],
    ['{ name: t, description: d, code: "./t.mjs#lost" }', 'tools[0].code: the file has no export "lost"'],
    ['{ name: a tool, description: d, code: ./t.mjs }', 'tools[0].name: must match'],
    [
      '{ name: report_progress, description: d, code: ./t.mjs }',
      'tools[0].name: every agent has a tool "report_progress" of its own',
    ],
    [
      '{ name: t, description: d, code: ./t.mjs, input: { type: strnig } }',
      'tools[0].input.type: not a valid JSON Schema',
    ],
    [
      '{ name: t, description: d, code: ./t.mjs, input: { type: string } }',
      'tools[0].input: must be a schema with "type": "object"',
    ],
    ['{ name: t, description: d, http: { url: 1 } }', 'tools[0].http.url: must be string'],
    [
      '{ name: t, description: d, http: { url: "{{ arg.x }}" } }',
      'tools[0].http.url: looks up "arg", but an expression sees only input, nodes, organization, run, args; did you mean "args"?',
    ],
    ['{ name: t, description: d, http: { url: "{{ args. }}" } }', 'tools[0].http.url: bad expression'],
    ['{ workflow: othr }', 'tools[0].workflow: there is no workflow with this id'],
    ['{ workflow: w, input: { type: object } }', 'tools[0].input: a tool of "workflow" has no "input"'],
    ['{ mcp: web, name: t }', 'tools[0].name: a tool of "mcp" has no "name"'],
    ['{ mcp: lost }', 'tools[0].mcp: there is no MCP server with this name'],
    ['{ workflow: w, prompt: x }', 'tools[0].prompt: unknown field "prompt"'],
    ['just a text', 'tools[0]: an item must be an object, not a string'],
  ])('%s is told as a fault, at its line', async (tool, message) => {
    const { workflows, faults } = await load(`      - ${tool}\n`, {
      't.mjs': 'export default () => 1;\n',
      'mcp-servers.yaml': 'web: { url: "http://127.0.0.1:1/mcp" }\n',
    });
    expect(workflows).toEqual([]);
    const told = faults.map(({ file, line, path, message: text }) => `${file}:${line} ${path}: ${text}`);
    expect(told).toContainEqual(expect.stringContaining(`w.yaml:9 nodes[0].${message}`));
  });

  it('that have the same name are a fault', async () => {
    const tool = '      - { name: t, description: d, code: ./t.mjs }\n';
    const { faults } = await load(tool + tool, { 't.mjs': 'export default () => 1;\n' });
    expect(faults).toMatchObject([
      {
        line: 10,
        path: 'nodes[0].tools[1].name',
        message: expect.stringContaining('another tool has this name already'),
      },
    ]);
  });

  it('that are no list are a fault', async () => {
    const { faults } = await load('      search: web\n');
    expect(faults).toMatchObject([{ path: 'nodes[0].tools', message: 'must be a list, not an object' }]);
  });

  it('can be workflows inside a map', async () => {
    writeFileSync(
      join(base, 'm.yaml'),
      'id: m\nname: M\ndescription: m\nnodes:\n  - id: each\n    kind: map\n    over: [1]\n    do: { kind: agent, goal: g, tools: [{ workflow: m }] }\n',
    );
    const { faults } = await loadFolder({ dir: base, kinds: nodeKinds, dataDir: join(base, 'data'), env: {} });
    expect(faults).toEqual([]);
  });
});
