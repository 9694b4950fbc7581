import type { FieldSpec } from '../../core/handlers/node-kind.js';

export const DEFAULT_CONCURRENCY = 10;

/** A field that holds nodes. */
export function heldNodes(description: string): FieldSpec {
  return { description, schema: { type: 'array' }, required: true, role: 'nodes' };
}

export const resultOfNodes: FieldSpec = {
  description: 'The output: a template that sees the nodes at their end.',
  schema: {},
  role: 'outcome',
};

export const heldConcurrency: FieldSpec = {
  description: `How many of them work at the same time; ${DEFAULT_CONCURRENCY} when not given.`,
  schema: { type: 'integer', minimum: 1, maximum: 1_000 },
  role: 'plain',
};

export function describeDone(ended: number, total: number): string {
  return `${ended} of ${total} nodes done`;
}

/** The nodes in such a field, as they are written; what is no node is told elsewhere. */
export function heldFields(nodes: unknown): readonly { readonly [field: string]: unknown }[] {
  if (!Array.isArray(nodes)) return [];
  return (nodes as readonly unknown[]).map((node) =>
    typeof node === 'object' && node !== null ? (node as { readonly [field: string]: unknown }) : {},
  );
}

export function hasNeeds({ needs }: { readonly [field: string]: unknown }): boolean {
  return needs !== undefined && !(Array.isArray(needs) && needs.length === 0);
}
