import { expect, it } from 'vitest';
import { nodeKinds } from '../../nodes/registry.js';
import { checkDefinition } from '../../workflow/check/check-definition.js';

const a = { id: 'a', kind: 'transform' };

function faultsOf(...nodes: readonly object[]): string[] {
  const definition = { id: 'w', name: 'W', description: 'w', nodes };
  return checkDefinition({ definition, kinds: nodeKinds }).map(({ path, message }) => `${path}: ${message}`);
}

it('nodes inside a group are checked as those of a workflow', () => {
  expect(
    faultsOf(a, {
      id: 'g',
      kind: 'group',
      needs: ['a'],
      nodes: [
        { id: 'b', kind: 'transform', needs: ['c'], with: '{{ nodes.a.output }}', role: 'b' },
        { id: 'b', kind: 'transform', needs: ['c', 'nope'] },
        { id: 'c', kind: 'transform', needs: ['b'], with: '{{ nodes.g.output }}' },
        { id: 'd', kind: 'odd', needs: ['d'] },
        { id: 'a', kind: 'transform', with: '{{ nodes.c.output }}', when: 'item = 1' },
      ],
      result: '{{ nodes.c.output }} {{ nodes.z.output }}',
    }),
  ).toEqual([
    'nodes[1].nodes[0].role: "role" belongs to the node that this one stands in',
    'nodes[1].nodes[1].needs[1]: no node has this id',
    'nodes[1].nodes[2].with: reads the node "g", inside which it stands, and which has not ended by then',
    'nodes[1].nodes[3].kind: no such node kind; there are ' + [...nodeKinds.keys()].join(', '),
    'nodes[1].nodes[4].with: reads the node "c", which may not have ended by then; add "c" to the needs of this node',
    'nodes[1].nodes[4].when: "item" is there only for each item, inside a map\'s "do"',
    'nodes[1].nodes[1].id: another node has this id already: nodes[1].nodes[0]',
    'nodes[1].nodes[4].id: a node outside has this id already',
    'nodes[1].nodes[0].needs: nodes need each other in a circle: b -> c -> b',
    'nodes[1].nodes[3].needs: "d" needs itself',
    'nodes[1].result: reads the node "z", which does not exist',
  ]);
});

it('nodes outside a group do not see those inside, and it needs some', () => {
  expect(
    faultsOf(
      { id: 'g', kind: 'group', nodes: [a] },
      { id: 'x', kind: 'transform', needs: ['g', 'a'], with: '{{ nodes.a.output }}' },
      { id: 'h', kind: 'group', nodes: [] },
      { id: 'i', kind: 'group', nodes: 'a' },
      { id: 'j', kind: 'group' },
    ),
  ).toEqual([
    'nodes[1].with: reads the node "a", which does not exist',
    'nodes[1].needs[1]: no node has this id',
    'nodes[2].nodes: must hold at least one node',
    'nodes[3].nodes: must be a list of nodes, not a string',
    'nodes[4]: the required field "nodes" is missing',
  ]);
});

it('nodes stand in each other only so deep', () => {
  const nested = (depth: number): object =>
    depth === 0 ? a : { id: `g${depth}`, kind: 'group', nodes: [nested(depth - 1)] };
  expect(faultsOf(nested(5))).toEqual([]);
  expect(faultsOf(nested(6))).toEqual([expect.stringContaining('nodes stand in each other at most 5 deep')]);
});

it('rounds, cases and branches have rules of their own', () => {
  const { kind } = a;
  expect(
    faultsOf(
      {
        id: 'r',
        kind: 'repeat',
        nodes: [{ id: 'b', kind, with: '{{ previous }} {{ round }} {{ output }}' }],
        until: 5,
      },
      { id: 't', kind: 'repeat', nodes: [a], until: 'nodes.a.output = output.x', at_most: 0, result: '{{ output }}' },
      {
        id: 's',
        kind: 'switch',
        cases: [
          { id: 'c', kind },
          { id: 'd', kind, when: 'true', needs: ['c'] },
        ],
      },
      {
        id: 'v',
        kind: 'race',
        branches: [
          { id: 'e', kind, needs: ['f'] },
          { id: 'f', kind, with: '{{ round }}' },
        ],
      },
    ),
  ).toEqual([
    'nodes[0]: the required field "at_most" is missing',
    'nodes[0].nodes[0].with: looks up "output", but an expression sees only input, nodes, organization, run, round, previous',
    'nodes[0].until: must be an expression, not a number',
    'nodes[1].at_most: must be >= 1, but is 0',
    'nodes[1].result: looks up "output", but an expression sees only input, nodes, organization, run, round, previous',
    'nodes[2].cases[0]: needs a "when": without one, no case after it can run',
    'nodes[2].cases[1].needs: one case does not need another: one of them runs',
    'nodes[3].branches[0].needs: one branch does not need another: they begin at the same time',
    'nodes[3].branches[1].with: "round" is there only in the rounds of a repeat',
  ]);
});
