import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ancestry, findDescendants, type Graph } from './graph.js';

/** Graphs whose nodes need only earlier ones. */
const graphs = fc
  .array(fc.array(fc.nat({ max: 40 }), { maxLength: 4 }), { minLength: 1, maxLength: 40 })
  .map<Graph>(
    (drawn) =>
      new Map(drawn.map((each, index) => [`n${index}`, index === 0 ? [] : each.map((need) => `n${need % index}`)])),
  );

function needs(graph: Graph, id: string, ancestor: string): boolean {
  return (graph.get(id) ?? []).some((need) => need === ancestor || needs(graph, need, ancestor));
}

describe('Ancestry', () => {
  it('tells which nodes a node needs, directly or not', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const ancestry = new Ancestry(graph);
        for (const id of graph.keys()) {
          for (const other of graph.keys()) expect(ancestry.has(id, other)).toBe(needs(graph, id, other));
        }
      }),
      { numRuns: 30 },
    );
  });

  it('comes to an end where nodes need each other in a circle', () => {
    const ancestry = new Ancestry(
      new Map([
        ['a', ['b']],
        ['b', ['a']],
      ]),
    );
    expect(ancestry.has('b', 'a')).toBe(true);
    expect(ancestry.has('nobody', 'a')).toBe(false);
  });
});

describe('findDescendants', () => {
  it('finds all that depends on one of the nodes', () => {
    fc.assert(
      fc.property(graphs, fc.nat(), (graph, pick) => {
        const ids = [...graph.keys()];
        const root = ids[pick % ids.length] ?? '';
        expect(findDescendants(graph, [root])).toEqual(new Set(ids.filter((id) => needs(graph, id, root))));
      }),
      { numRuns: 30 },
    );
  });
});
