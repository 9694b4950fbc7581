import type { NodeKind } from '../../core/handlers/node-kind.js';
import type { DefinitionPath } from '../schema/value-text.js';
import { type Fields, isFields } from './check-fields.js';

/**
 * A part of a node that has fields of its kind: the node itself, an item of one of its lists, or a node that it holds.
 */
export interface FieldHolder {
  /** Where in the node. */
  readonly at: DefinitionPath;
  readonly specs: NodeKind['fields'];
  readonly values: Fields;
  /** An item of a list. */
  readonly listed: boolean;
}

export function findFieldHolders(kinds: ReadonlyMap<string, NodeKind>, node: Fields): FieldHolder[] {
  const specs = kinds.get(String(node['kind']))?.fields ?? {};
  const held = Object.entries(specs).flatMap(([field, { role, items }]): FieldHolder[] => {
    const value = node[field];
    if (role === 'node' && isFields(value)) return within(field, findFieldHolders(kinds, value));
    if (items === undefined || !Array.isArray(value)) return [];
    return (value as readonly unknown[]).flatMap((item, index) =>
      isFields(item) ? [{ at: [field, index], specs: items, values: item, listed: true }] : [],
    );
  });
  return [{ at: [], specs, values: node, listed: false }, ...held];
}

function within(field: string, holders: readonly FieldHolder[]): FieldHolder[] {
  return holders.map((holder) => ({ ...holder, at: [field, ...holder.at] }));
}
