import type { Plan, PlannedNode } from '../../workflow/plan/plan.js';

/** A node, named as trials name it: `each/do` for what a map runs, `review.draft` for a node of a group. */
export interface NamedNode {
  readonly name: string;
  readonly node: PlannedNode;
}

/** All nodes of a workflow, those inside others after what they stand in. */
export function listNodeNames({ nodes }: Pick<Plan, 'nodes'>): readonly NamedNode[] {
  return nodes.flatMap((node) => namesOf(node, node.id));
}

function namesOf(node: PlannedNode, name: string): NamedNode[] {
  const { inner, body } = node;
  const held = (body?.nodes ?? []).flatMap((one) => namesOf(one, `${name}.${one.id}`));
  return [{ name, node }, ...(inner === null ? [] : namesOf(inner, `${name}/do`)), ...held];
}

/** The name of the node that has this path in a run. All items of a map, and all rounds, have one name. */
export function nameOfPath(path: string): string {
  return path.replaceAll(/\/(nodes|cases|branches)\//g, '.').replaceAll(/\[\d+\]/g, '/do');
}
