import type { ApiNode } from '@api/api-types.js';

/** What people call a node; one inside others by what it stands in: `review › draft`, `each[3] › fetch`. */
export function nameOf(node: Pick<ApiNode, 'id' | 'label'>): string {
  return node.label ?? node.id.replaceAll('.', ' › ');
}

/** What it is called where it is seen what it stands in. */
export function lastNameOf({ id, label }: Pick<ApiNode, 'id' | 'label'>): string {
  return label ?? id.slice(id.lastIndexOf('.') + 1);
}
