import type { ApiNode } from '@api/api-types.js';

/** What people call a node; one inside others by what it stands in: `review › draft`, `each[3] › fetch`. */
export function nameOf(node: Pick<ApiNode, 'id' | 'label'>): string {
  return node.label ?? node.id.replaceAll('.', ' › ');
}
