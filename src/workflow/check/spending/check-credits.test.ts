import { describe, expect, it } from 'vitest';
import { nodeKinds } from '../../../nodes/registry.js';
import { checkDefinition } from '../check-definition.js';

const NODES = [
  { id: 'each', kind: 'map', over: '{{ input.list }}', do: { kind: 'transform' } },
  { id: 'last', kind: 'transform', needs: ['each'] },
];

function faultsOf(fields: object): string[] {
  const definition = { id: 'w', name: 'W', description: 'w', nodes: NODES, ...fields };
  return checkDefinition({ definition, kinds: nodeKinds }).map(({ path, message }) => `${path}: ${message}`);
}

describe('the price of a workflow', () => {
  it.each([
    [{ credits: 5 }],
    [{ credits: { base: 5 } }],
    [{ credits: { base: 5, per_item: 0.125, per_1k_tokens: 2, max: 100 }, charge: 'use' }],
    [{ credits: { per_1k_tokens: 2 }, budget: { tokens: 5_000 } }],
    [{ credits: 5, budget: { credits: 5, cost: 1, shared: true } }],
    [{ credits: { nodes: { each: { per_item: 1 }, last: { base: 2 } }, max: 40 } }],
    [{ credits: { per_item: 1, max: 4 }, nodes: [{ id: 'all', kind: 'group', nodes: NODES }] }],
    [
      {
        credits: { nodes: { all: { per_item: 1 } }, max: 4 },
        nodes: [{ id: 'all', kind: 'switch', cases: [NODES[0]] }],
      },
    ],
  ])('is sound: %j', (fields) => {
    expect(faultsOf(fields)).toEqual([]);
  });

  it.each<[object, RegExp]>([
    [{ credits: '5' }, /^credits: must be a whole number, 0 or more, or a price, not a string/],
    [{ credits: -1 }, /^credits: must be a whole number/],
    [{ credits: { base: 1.5, max: 4 } }, /^credits\.base: must be a whole number/],
    [{ credits: { per_item: 0.0005, max: 4 } }, /^credits\.per_item: .*three decimals/],
    [{ credits: { per_item: -1, max: 4 } }, /^credits\.per_item: must be a number from 0/],
    [{ credits: { per_items: 1, max: 4 } }, /^credits\.per_items: unknown field .*per_item/],
    [{ credits: { per_item: 1 } }, /^credits: needs "max"/],
    [{ credits: { per_1k_tokens: 1 } }, /^credits: needs "max"/],
    [{ credits: { base: 9, per_item: 1, max: 4 } }, /^credits\.max: is less than the 9 credits/],
    [{ credits: { nodes: { nobody: { base: 1 } } } }, /^credits\.nodes\.nobody: there is no node "nobody"/],
    [{ credits: { nodes: { last: { per_item: 1 } }, max: 4 } }, /^credits\.nodes\.last\.per_item: .*"last" is none/],
    [{ credits: { per_item: 1, max: 4 }, nodes: [NODES[1]] }, /^credits\.per_item: .*no node is one/],
    [{ budget: { credits: 5 } }, /^budget\.credits: is for a budget that is "shared: true"/],
    [{ credits: 6, budget: { credits: 5, shared: true } }, /^budget\.credits: is less than the 6 credits/],
    [{ nodes: [{ ...NODES[1], needs: [], budget: { shared: true } }] }, /^nodes\[0\]\.budget\.shared: unknown field/],
    [{ credits: { nodes: [] } }, /^credits\.nodes: must be the rates of nodes/],
    [{ credits: 5, charge: 'use' }, /^charge: charges for use/],
  ])('has a fault: %j', (fields, fault) => {
    expect(faultsOf(fields)).toEqual(expect.arrayContaining([expect.stringMatching(fault)]));
  });
});
