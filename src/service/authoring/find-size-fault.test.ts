import { describe, expect, it } from 'vitest';
import type { Json } from '../../core/json.js';
import { groupKind } from '../../nodes/holding/group.js';
import { mapKind } from '../../nodes/map.js';
import { findSizeFault } from './find-size-fault.js';

const kinds = new Map([groupKind, mapKind].map((kind) => [kind.kind, kind]));

const withNode = (node: object): Json => ({
  id: 'a',
  nodes: [
    { id: 'n', kind: 'transform' },
    { id: 'm', ...node },
  ],
});
const many = (count: number, item: (index: number) => Json): Json => Array.from({ length: count }, (_, i) => item(i));

const much = many(251, (i) => `{{ ${i} }}`);
const groupOf = (...nodes: Json[]): Json => ({ kind: 'group', nodes: [{ id: 'n', kind: 'transform' }, ...nodes] });
const inMap = (inner: Json): object => ({ kind: 'map', do: inner });

describe('the size of a definition', () => {
  it.each<[string, Json, string, string]>([
    ['no object', [], '', 'a workflow must be an object'],
    ['a long text', { id: 'x'.repeat(16_000_000) }, '', 'may have 262144 characters of JSON'],
    ['many escapes', { id: '\n'.repeat(140_000) }, '', 'may have 262144 characters of JSON'],
    ['many nodes', { nodes: many(501, () => ({ id: 'n' })) }, 'nodes', 'may have 500 nodes, not 501'],
    ['many objects', { input: many(1_501, () => ({})) }, 'input', 'may hold 1500 objects, not 1501'],
    ['objects in a node', withNode({ with: many(1_500, () => ({})) }), 'nodes[1]', 'may hold 1500 objects, not 1501'],
    ['expressions', withNode({ with: many(251, (i) => `{{ ${i} }}`) }), 'nodes[1]', '250 expressions, not 251'],
    ['expressions in a text', { summary: '{{ 1 }} '.repeat(251) }, 'summary', '250 expressions, not 251'],
    ['a long expression', { result: `{{ ${'1+'.repeat(10_000)}1 }}` }, 'result', '20000 characters, not 20003'],
    ['patterns', { input: many(201, () => ({ pattern: 'a' })) }, 'input', 'may hold 200 patterns, not 201'],
    ['a long pattern', { input: { pattern: 'a'.repeat(20_001) } }, 'input', 'a pattern may have 20000 characters'],
    ['a node in nodes', withNode(inMap(groupOf({ with: much }))), 'nodes[1].do.nodes[1]', 'not 251'],
    ['what only looks like nodes', withNode({ kind: 'map', nodes: [{ with: much }] }), 'nodes[1]', 'not 251'],
    ['a kind that is no text', withNode({ kind: { toString: 1 }, with: much }), 'nodes[1]', 'not 251'],
    ['a long path', withNode({ when: `a${'.a'.repeat(1_001)}` }), 'nodes[1]', 'an expression may have 1000 dots'],
  ])('is told: %s', (_, definition, path, message) => {
    const fault = findSizeFault(definition, kinds);
    expect([fault?.path, fault?.message]).toEqual([path, expect.stringContaining(message)]);
  });

  it('may be what it may be', () => {
    const nodes = many(500, (i) => ({ id: `n${i}`, with: many(20, (j) => `{{ input.a${j} }}`) }));
    const held = groupOf(
      ...(many(100, () => ({ kind: 'transform', with: many(9, (j) => `{{ input.a${j} }}`) })) as Json[]),
    );
    expect(findSizeFault({ id: 'a', nodes: [held, inMap(held) as Json] }, kinds)).toBeNull();
    const description = `${'A text with dots. '.repeat(2_000)}{{`;
    expect(findSizeFault({ id: 'a', description, nodes, input: { enum: many(2_000, (i) => i) } }, kinds)).toBeNull();
  });
});
