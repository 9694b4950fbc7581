import type { NodeKind } from '../../../core/handlers/node-kind.js';
import type { Fields } from './check-fields.js';

/** Undefined where there is none, whatever stands in the place of its name. */
export function kindOf(kinds: ReadonlyMap<string, NodeKind>, node: Fields): NodeKind | undefined {
  const { kind } = node;
  return typeof kind === 'string' ? kinds.get(kind) : undefined;
}
