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

/** Whether the nodes of a plan are grouped already. */
export function isGrouped(plan: readonly ApiGraphNode[]): boolean {
  return GROUPS.has(plan);
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
  const links = linkNodes(plan);
  yield;
  // Between the same others.
  const placeOf = (at: number): string => `${links.needs[at]?.join()} ${links.followers[at]?.join()}`;
  const alike = groupBy(plan, placeOf, MAX_ALIKE);
  if (alike !== null && alike.length <= MAX_ALIKE) return alike;
  yield;
  // As far from the beginning and from the end: the same steps of chains that run beside each other.
  const order = orderNodes(links);
  const fromStart = measureDepths(order, links.needs);
  const fromEnd = measureDepths(order.toReversed(), links.followers);
  yield;
  const coarse = groupBy(plan, (at, { kind, inner_kind: inner }) => {
    return `${kind} ${inner} ${fromStart[at]} ${fromEnd[at]}`;
  });
  if (coarse.length <= MAX_ALIKE) return coarse;
  yield;
  const whole = alike ?? groupBy(plan, placeOf);
  return coarse.length < whole.length ? coarse : whole;
}

type PlaceOf = (at: number, node: ApiGraphNode) => string;

/** Null when they are at more than `atMost` places. */
function groupBy(plan: readonly ApiGraphNode[], placeOf: PlaceOf): readonly Group[];
function groupBy(plan: readonly ApiGraphNode[], placeOf: PlaceOf, atMost: number): readonly Group[] | null;
function groupBy(
  plan: readonly ApiGraphNode[],
  placeOf: PlaceOf,
  atMost = Number.POSITIVE_INFINITY,
): readonly Group[] | null {
  const groups = new Map<string, ApiGraphNode[]>();
  for (const [at, node] of plan.entries()) {
    const place = placeOf(at, node);
    const known = groups.get(place);
    if (known !== undefined) known.push(node);
    else if (groups.size === atMost) return null;
    else groups.set(place, [node]);
  }
  return [...groups.values()].flatMap((group) => (group.length < MIN_GROUP ? alone(group) : [group]));
}

/** Of each node, by its place in the plan, the places of those that it needs and of those that need it, in order. */
interface Links {
  readonly needs: readonly (readonly number[])[];
  readonly followers: readonly (readonly number[])[];
}

function linkNodes(plan: readonly ApiGraphNode[]): Links {
  const places = new Map<string, number>();
  for (const [at, { id }] of plan.entries()) places.set(id, at);
  const followers: number[][] = plan.map(() => []);
  const needs = plan.map((node, at) => {
    const found: number[] = [];
    for (const id of node.needs) {
      const need = places.get(id);
      if (need === undefined) continue;
      found.push(need);
      followers[need]?.push(at);
    }
    return found.length < 2 ? found : found.toSorted((one, other) => one - other);
  });
  return { needs, followers };
}

/** Each node after those that it needs. Those of a cycle, which a text that is being written may have, are left out. */
function orderNodes({ needs, followers }: Links): readonly number[] {
  const missing = needs.map(({ length }) => length);
  const order = [...missing.keys()].filter((at) => missing[at] === 0);
  for (const at of order) {
    for (const follower of followers[at] ?? []) {
      const left = (missing[follower] ?? 0) - 1;
      missing[follower] = left;
      if (left === 0) order.push(follower);
    }
  }
  return order;
}

/** How many steps each node is away from one that comes after none, by its place in the plan. */
function measureDepths(order: readonly number[], after: readonly (readonly number[])[]): readonly number[] {
  const depths = after.map(() => 0);
  for (const at of order) {
    for (const before of after[at] ?? []) depths[at] = Math.max(depths[at] ?? 0, 1 + (depths[before] ?? 0));
  }
  return depths;
}
