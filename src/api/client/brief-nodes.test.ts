import { describe, expect, it } from 'vitest';
import type { ApiGraphNode } from '../run-plan-types.js';
import { abridgeGraphNode, abridgeNode, completeGraphNode, completeNode } from './brief-nodes.js';

const SILENT = completeNode({ id: 'a', kind: 'transform', status: 'pending' });

describe('brief nodes', () => {
  it('have no fields that say nothing', () => {
    expect(abridgeNode(SILENT)).toEqual({ id: 'a', kind: 'transform', status: 'pending' });
    const said = { status: 'completed', attempt: 1, progress: 100, completed_at: '2026-01-01T00:00:00.000Z' } as const;
    expect(abridgeNode({ ...SILENT, ...said })).toEqual({ id: 'a', kind: 'transform', ...said });
  });

  it('are complete again as they were, with the nodes inside them', () => {
    const inner = { ...SILENT, id: 'a[0].b', status: 'failed', used_fallback: true, message: '' } as const;
    const node = {
      ...SILENT,
      status: 'running',
      items: { total: 2, done: 0, failed: 0 },
      inner: [inner],
    } as const;
    expect(completeNode(abridgeNode(node))).toEqual(node);
  });
});

describe('brief nodes of a graph', () => {
  const usual: ApiGraphNode = {
    id: 'a',
    kind: 'transform',
    needs: [],
    join: 'all',
    conditional: false,
    inner_kind: null,
    nodes: [],
    numbered: false,
  };

  it('have no fields that say what is usual', () => {
    expect(abridgeGraphNode(usual)).toEqual({ id: 'a', kind: 'transform' });
    expect(abridgeGraphNode({ ...usual, needs: ['b'] })).toEqual({ id: 'a', kind: 'transform', needs: ['b'] });
  });

  it('are complete again as they were, with the nodes inside them', () => {
    const inner = { ...usual, id: 'inside', join: 'any', conditional: true } as const;
    const node = { ...usual, kind: 'map', needs: ['b'], inner_kind: 'group', nodes: [inner], numbered: true };
    expect(completeGraphNode(abridgeGraphNode(node))).toEqual(node);
    expect(completeGraphNode(abridgeGraphNode(usual))).toEqual(usual);
  });
});
