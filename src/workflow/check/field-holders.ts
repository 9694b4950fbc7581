import type { NodeKind } from '../../core/handlers/node-kind.js';
import type { DefinitionPath } from '../schema/value-text.js';
import { type Fields, isFields } from './fields/check-fields.js';
import { kindOf } from './fields/kind-of.js';

/**
 * A part of a node that has fields of its kind: the node itself, an item of one of its lists, or a node that it holds.
 */
export interface FieldHolder {
  /** Where in the node. */
  readonly at: DefinitionPath;
  readonly specs: NodeKind['fields'];
  readonly values: Fields;
  /** The same when it is a node, else null. */
  readonly node: Fields | null;
  /** An item of a list. */
  readonly listed: boolean;
}

export function findFieldHolders(kinds: ReadonlyMap<string, NodeKind>, node: Fields): FieldHolder[] {
  const specs = kindOf(kinds, node)?.fields ?? {};
  const held = Object.entries(specs).flatMap(([field, { role, items }]): FieldHolder[] => {
    const value = node[field];
    if (role === 'node' && isFields(value)) return within([field], findFieldHolders(kinds, value));
    if (!Array.isArray(value)) return [];
    return (value as readonly unknown[]).flatMap((item, index): FieldHolder[] => {
      if (!isFields(item)) return [];
      if (role === 'nodes') return within([field, index], findFieldHolders(kinds, item));
      return items === undefined ? [] : [{ at: [field, index], specs: items, values: item, node: null, listed: true }];
    });
  });
  return [{ at: [], specs, values: node, node, listed: false }, ...held];
}

function within(at: DefinitionPath, holders: readonly FieldHolder[]): FieldHolder[] {
  return holders.map((holder) => ({ ...holder, at: [...at, ...holder.at] }));
}
