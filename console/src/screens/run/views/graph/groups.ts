import type { ApiGraphNode } from '@api/run-plan-types.js';

export type Group = readonly ApiGraphNode[];

/** Graphs up to this size are drawn node by node. */
const MAX_UNFOLDED = 60;
/** With more groups than this, nodes that are less alike are one. */
const MAX_ALIKE = 250;
/** Fewer like ones are not folded. */
const MIN_GROUP = 4;

/** A plan does not change, and is grouped once. */
const GROUPS = new WeakMap<readonly ApiGraphNode[], readonly Group[]>();

/** The nodes of a plan, like ones of a large plan together, in the order of the first of each group. */
export function groupsOf(plan: readonly ApiGraphNode[]): readonly Group[] {
  const known = GROUPS.get(plan);
  if (known !== undefined) return known;
  const grouping = makeGroups(plan);
  let step = grouping.next();
  while (step.done !== true) step = grouping.next();
  GROUPS.set(plan, step.value);
  return step.value;
}

/** Groups the nodes of a plan step by step, so that the page is never busy for long. Calls `done`, unless it is stopped. */
export function prepareGroups(plan: readonly ApiGraphNode[], done: () => void): () => void {
  const grouping = makeGroups(plan);
  let timer = setTimeout(goOn);
  function goOn(): void {
    const step = GROUPS.has(plan) ? null : grouping.next();
    if (step?.done === false) {
      timer = setTimeout(goOn);
      return;
    }
    if (step !== null) GROUPS.set(plan, step.value as readonly Group[]);
    done();
  }
  return () => clearTimeout(timer);
}

export function alone(nodes: readonly ApiGraphNode[]): readonly Group[] {
  return nodes.map((node) => [node]);
}

/** Yields where it may pause. */
function* makeGroups(plan: readonly ApiGraphNode[]): Generator<undefined, readonly Group[]> {
  if (plan.length <= MAX_UNFOLDED) return alone(plan);
  const followers = listFollowers(plan);
  yield;
  // Between the same others.
  const alike = groupBy(plan, ({ id, needs }) => `${needs.toSorted().join()} ${(followers.get(id) ?? []).join()}`);
  if (alike.length <= MAX_ALIKE) return alike;
  yield;
  // As far from the beginning and from the end: the same steps of chains that run beside each other.
  const fromStart = measureDepths(plan, ({ needs }) => needs);
  yield;
  const fromEnd = measureDepths(plan.toReversed(), ({ id }) => followers.get(id) ?? []);
  yield;
  const coarse = groupBy(
    plan,
    ({ id, kind, inner_kind: inner }) => `${kind} ${inner} ${fromStart.get(id)} ${fromEnd.get(id)}`,
  );
  return coarse.length < alike.length ? coarse : alike;
}

function groupBy(plan: readonly ApiGraphNode[], placeOf: (node: ApiGraphNode) => string): readonly Group[] {
  const groups = new Map<string, ApiGraphNode[]>();
  for (const node of plan) {
    const place = placeOf(node);
    const known = groups.get(place);
    if (known === undefined) groups.set(place, [node]);
    else known.push(node);
  }
  return [...groups.values()].flatMap((group) => (group.length < MIN_GROUP ? alone(group) : [group]));
}

/** Of each node, those that need it. */
function listFollowers(plan: readonly ApiGraphNode[]): ReadonlyMap<string, readonly string[]> {
  const followers = new Map<string, string[]>();
  for (const { id, needs } of plan) {
    for (const need of needs) {
      const known = followers.get(need);
      if (known === undefined) followers.set(need, [id]);
      else known.push(id);
    }
  }
  return followers;
}

/** How many steps each node is away from one that comes after none. A definition may name its nodes in any order. */
function measureDepths(
  nodes: readonly ApiGraphNode[],
  afterOf: (node: ApiGraphNode) => readonly string[],
): ReadonlyMap<string, number> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const depths = new Map<string, number>();
  for (const node of nodes) {
    // No recursion: a chain may be longer than the stack.
    const open = [node];
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      const unknown = afterOf(top).flatMap((id) => (depths.has(id) ? [] : (byId.get(id) ?? [])));
      if (unknown.length > 0) {
        open.push(...unknown);
        continue;
      }
      const after = afterOf(top).map((id) => depths.get(id) ?? 0);
      depths.set(top.id, after.length === 0 ? 0 : 1 + Math.max(...after));
      open.pop();
    }
  }
  return depths;
}
