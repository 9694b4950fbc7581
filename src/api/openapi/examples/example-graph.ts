import type { ApiGraphNode } from '../../run-plan-types.js';

const NODE = {
  kind: 'code',
  join: 'all',
  conditional: false,
  inner_kind: null,
  nodes: [],
  numbered: false,
} as const;

export const EXAMPLE_GRAPH: readonly ApiGraphNode[] = [
  { ...NODE, id: 'find', needs: [] },
  { ...NODE, id: 'score', needs: ['find'], conditional: true },
];
