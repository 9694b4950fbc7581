import type { ApiNode } from '@api/api-types.js';
import type { ApiGraphNode } from '@api/run-plan-types.js';
import type { NodeStatus } from '@core/run/node-execution.js';
import { alone, groupsOf, type Group } from './groups.js';
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
  if (unfolded.size === 0) return makeBoxes(groups, { holder: null, insides });
  const whole = groups.flatMap((group) => {
    const isOpen = unfolded.has(group[0]?.id ?? '') && count + group.length - 1 <= MAX_DRAWN;
    if (!isOpen) return [group];
    count += group.length - 1;
    return alone(group);
  });
  return makeBoxes(whole, { holder: null, insides });
}

function makeBoxes(
  groups: readonly Group[],
  { holder, insides }: { readonly holder: string | null; readonly insides: Insides },
): readonly Box[] {
  const pathOf = (id: string): string => (holder === null ? id : `${holder}.${id}`);
  const before = findBefore(groups);
  return groups.flatMap((group, at) => {
    const [first] = group;
    if (first === undefined) return [];
    const path = pathOf(first.id);
    const shown = group.length === 1 ? insides.openOf(path, first) : null;
    const box: Box = {
      id: path,
      plan: first,
      after: (before[at] ?? []).map(pathOf),
      nodes: group.map((node) => insides.nodeOf(pathOf(node.id), node)),
      inside: shown === null ? null : makeBoxes(alone(first.nodes), { holder: shown, insides }),
    };
    return [box];
  });
}

/** The groups of a plan do not change. */
const BEFORE = new WeakMap<readonly Group[], readonly (readonly string[])[]>();

/** Of each group, the first ids of the groups that it comes after. */
function findBefore(groups: readonly Group[]): readonly (readonly string[])[] {
  const known = BEFORE.get(groups);
  if (known !== undefined) return known;
  const groupOf = new Map<string, string>();
  for (const group of groups) for (const { id } of group) groupOf.set(id, group[0]?.id ?? id);
  const before = groups.map((group) => {
    const found = new Set<string>();
    for (const { needs } of group) {
      for (const need of needs) {
        const first = groupOf.get(need);
        if (first !== undefined) found.add(first);
      }
    }
    return [...found];
  });
  BEFORE.set(groups, before);
  return before;
}

/** The shapes of a plan of which nothing is open or unfolded, before its run is known. Null: too many for a drawing. */
export function toFoldedShapes(plan: readonly ApiGraphNode[]): readonly Shape[] | null {
  const groups = groupsOf(plan);
  if (groups.length > MAX_DRAWN) return null;
  const before = findBefore(groups);
  return groups.map((group, at) => ({ id: group[0]?.id ?? '', after: before[at] ?? [], inside: null }));
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
