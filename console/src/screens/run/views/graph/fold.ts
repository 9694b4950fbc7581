import type { ApiNode } from '@api/api-types.js';
import type { ApiGraphNode } from '@api/run-plan-types.js';
import type { NodeStatus } from '@core/run/node-execution.js';
import { alone, groupsOf } from './groups.js';
import type { Insides } from './insides.js';
import type { Shape } from './layout.js';

/** One box of the drawing: a node, or several that stand at the same place between the same others. */
export interface Box {
  /** The path of the node, or of the first of the group. */
  readonly id: string;
  readonly nodes: readonly ApiNode[];
  readonly plan: ApiGraphNode;
  /** The boxes beside it that it comes after. */
  readonly after: readonly string[];
  /** What stands in it; null where it is closed, or holds nothing. */
  readonly inside: readonly Box[] | null;
}

/** More boxes say nothing to a person, and take seconds to place. */
export const MAX_DRAWN = 600;

/**
 * Like nodes of a large graph are drawn as one, but those of the groups in `unfolded`, as far as there is room for each.
 * Null where there are too many boxes for a drawing.
 */
export function toBoxes(
  plan: readonly ApiGraphNode[],
  { insides, unfolded }: { readonly insides: Insides; readonly unfolded: ReadonlySet<string> },
): readonly Box[] | null {
  const groups = groupsOf(plan);
  let count = groups.length;
  if (count > MAX_DRAWN) return null;
  const whole = groups.flatMap((group) => {
    const isOpen = unfolded.has(group[0]?.id ?? '') && count + group.length - 1 <= MAX_DRAWN;
    if (!isOpen) return [group];
    count += group.length - 1;
    return alone(group);
  });
  return makeBoxes(whole, { holder: null, insides });
}

function makeBoxes(
  groups: readonly (readonly ApiGraphNode[])[],
  { holder, insides }: { readonly holder: string | null; readonly insides: Insides },
): readonly Box[] {
  const pathOf = (id: string): string => (holder === null ? id : `${holder}.${id}`);
  const boxOf = new Map(groups.flatMap((group) => group.map(({ id }) => [id, group[0]?.id ?? id] as const)));
  return groups.flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const after = new Set(group.flatMap(({ needs }) => needs.flatMap((need) => boxOf.get(need) ?? [])));
    const path = pathOf(first.id);
    const shown = group.length === 1 ? insides.openOf(path, first) : null;
    const box: Box = {
      id: path,
      plan: first,
      after: [...after].map(pathOf),
      nodes: group.map((node) => insides.nodeOf(pathOf(node.id), node)),
      inside: shown === null ? null : makeBoxes(alone(first.nodes), { holder: shown, insides }),
    };
    return [box];
  });
}

/** What of boxes says where they stand. */
export function toShapes(boxes: readonly Box[]): readonly Shape[] {
  return boxes.map(({ id, after, inside }) => ({ id, after, inside: inside === null ? null : toShapes(inside) }));
}

/** Boxes before those that stand in them. */
export function flatten(boxes: readonly Box[]): readonly Box[] {
  return boxes.flatMap((box) => [box, ...(box.inside === null ? [] : flatten(box.inside))]);
}

/** From what needs a look to what does not. */
const WEIGHTS: readonly NodeStatus[] = ['failed', 'running', 'waiting', 'cancelled', 'pending', 'skipped', 'completed'];

/** How a group stands: as the node of it that most needs a look. */
export function statusOf({ nodes }: Box): NodeStatus {
  if (nodes.length === 1) return nodes[0]?.status ?? 'pending';
  return WEIGHTS.find((status) => nodes.some((node) => node.status === status)) ?? 'pending';
}

export function countStatuses({ nodes }: Box): readonly (readonly [NodeStatus, number])[] {
  const counts = new Map<NodeStatus, number>();
  for (const { status } of nodes) counts.set(status, (counts.get(status) ?? 0) + 1);
  return WEIGHTS.flatMap((status) => {
    const count = counts.get(status);
    return count === undefined ? [] : [[status, count] as const];
  });
}
