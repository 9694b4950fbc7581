import type { FieldSpec } from '../../core/handlers/node-kind.js';
import { isJsonObject, type JsonObject } from '../../core/json.js';
import type { NodeKinds } from '../../workflow/check/check-node.js';
import type { RunGraphNode } from '../../core/workflow/graph-node.js';

/** The graph of a definition that may have faults: as much of it as can be made out. */
export function sketchGraph(definition: unknown, kinds: NodeKinds): readonly RunGraphNode[] {
  return isJsonObject(definition) ? sketchNodes(definition['nodes'], kinds) : [];
}

function sketchNodes(nodes: unknown, kinds: NodeKinds): readonly RunGraphNode[] {
  if (!Array.isArray(nodes)) return [];
  return (nodes as readonly unknown[]).flatMap((node) =>
    isJsonObject(node) && typeof node['id'] === 'string' ? [sketchNode(node, node['id'], kinds)] : [],
  );
}

function sketchNode(node: JsonObject, id: string, kinds: NodeKinds): RunGraphNode {
  const { kind, needs, join, when } = node;
  const inner = heldBy(node, 'node', kinds);
  const innerKind = isJsonObject(inner) && typeof inner['kind'] === 'string' ? inner['kind'] : null;
  const body = heldBy(node, 'nodes', kinds) ?? (isJsonObject(inner) ? heldBy(inner, 'nodes', kinds) : undefined);
  const fields = Object.values(fieldsOf(node, kinds));
  return {
    id,
    kind: typeof kind === 'string' ? kind : '',
    needs: Array.isArray(needs) ? needs.filter((need): need is string => typeof need === 'string') : [],
    join: join === 'any' ? 'any' : 'all',
    conditional: when !== undefined,
    innerKind,
    nodes: sketchNodes(body, kinds),
    numbered: innerKind !== null || fields.some(({ inRounds }) => inRounds === true),
  };
}

function fieldsOf(node: JsonObject, kinds: NodeKinds): { readonly [field: string]: FieldSpec } {
  const { kind } = node;
  return (typeof kind === 'string' ? kinds.get(kind)?.fields : undefined) ?? {};
}

function heldBy(node: JsonObject, role: FieldSpec['role'], kinds: NodeKinds): unknown {
  const field = Object.entries(fieldsOf(node, kinds)).find(([, spec]) => spec.role === role)?.[0];
  return field === undefined ? undefined : node[field];
}
