import type { Steps } from '../../core/event-loop.js';
import type { Json } from '../../core/json.js';
import { checkExpressions, type Reader } from './check-expressions.js';
import { type Fields, isFields } from './fields/check-fields.js';
import { checkHeldNode, checkNode, isTooDeep, MAX_NODE_DEPTH, type BodyToCheck, type NodeKinds } from './check-node.js';
import type { Faults } from './fields/faults.js';
import { Ancestry, findCycles, type Graph } from '../plan/graph.js';
import { parseCondition, parseTemplate } from '../template/template.js';
import { type DefinitionPath, formatPath, showType } from '../schema/value-text.js';

interface GraphToCheck {
  readonly nodes: readonly unknown[];
  readonly at: DefinitionPath;
  readonly kinds: NodeKinds;
  /** Who reads where the nodes stand; null for those of the workflow. */
  readonly outer: Reader | null;
  readonly secrets: ReadonlySet<string>;
  readonly faults: Faults;
}

const NOBODY: Reader = {
  nodeId: null,
  inItems: false,
  nodeIds: new Set(),
  hasEnded: () => false,
  findUndecided: () => null,
};

/** Nodes that may need each other, a step for each. */
export function* checkGraph(params: GraphToCheck): Steps<void> {
  const { nodes, at, kinds, outer, secrets, faults } = params;
  const graph = makeGraph(nodes);
  const ancestry = new Ancestry(graph);
  const own = new Set(graph.keys());
  const around = outer ?? NOBODY;
  const nodeIds = outer === null ? own : new Set([...outer.nodeIds, ...own]);
  yield;
  for (const [index, node] of nodes.entries()) {
    const place = [...at, index];
    const id = readId(node);
    const self = id ?? '';
    const isUndecided = (other: string): boolean =>
      other !== self && !ancestry.has(self, other) && !ancestry.has(other, self);
    const reader: Reader = {
      ...around,
      nodeId: id,
      nodeIds,
      hasEnded: (other) => ancestry.has(self, other) || around.hasEnded(other),
      findUndecided: () => [...own].find(isUndecided) ?? around.findUndecided(),
    };
    const bodies: BodyToCheck[] = [];
    const checked = { node, at: place, kinds, reader, secrets, faults, bodies };
    if (outer === null) checkNode(checked);
    else checkHeldNode(checked);
    if (isFields(node)) checkNeeds(node, place, own, faults);
    yield;
    for (const body of bodies) yield* checkBody(body);
  }
  checkIdsAreUnique(nodes, at, around.nodeIds, faults);
  tellCycles(nodes, at, graph, faults);
}

function tellCycles(nodes: readonly unknown[], at: DefinitionPath, graph: Graph, faults: Faults): void {
  for (const cycle of findCycles(graph)) {
    const [first = ''] = cycle;
    const index = nodes.findIndex((node) => readId(node) === first);
    const told =
      cycle.length === 1
        ? `"${first}" needs itself`
        : `nodes need each other in a circle: ${[...cycle, first].join(' -> ')}`;
    faults.add([...at, index, 'needs'], told, readNeeds(nodes[index]));
  }
}

/** The nodes that a node holds, and what is made of them. */
function* checkBody({ nodes, at, outcomes, inRounds, node }: BodyToCheck): Steps<void> {
  const { kinds, reader, secrets, faults } = node;
  if (!Array.isArray(nodes)) {
    faults.add(at, `must be a list of nodes, not ${showType(nodes)}`, nodes);
    return;
  }
  if (nodes.length === 0) faults.add(at, 'must hold at least one node', nodes);
  if (isTooDeep(at)) {
    faults.add(at, `nodes stand in each other at most ${MAX_NODE_DEPTH} deep`);
    return;
  }
  const outer: Reader = { ...reader, nodeId: null, holder: reader.nodeId, ...(inRounds ? { inRounds } : {}) };
  yield* checkGraph({ nodes, at, kinds, outer, secrets, faults });
  const own = new Set(nodes.flatMap((held) => readId(held) ?? []));
  const atEnd: Reader = {
    ...outer,
    nodeIds: new Set([...outer.nodeIds, ...own]),
    hasEnded: (other) => own.has(other) || outer.hasEnded(other),
  };
  for (const { value, at: place, isCondition } of outcomes) {
    if (isCondition && typeof value !== 'string') {
      faults.add(place, `must be an expression, not ${showType(value)}`, value);
      continue;
    }
    const template = isCondition ? parseCondition(value as string) : parseTemplate(value as Json);
    checkExpressions(template, place, inRounds && isCondition ? { ...atEnd, afterRound: true } : atEnd, faults);
  }
}

function makeGraph(nodes: readonly unknown[]): Graph {
  const ids = new Set(nodes.flatMap((node) => readId(node) ?? []));
  const graph = new Map<string, readonly string[]>();
  for (const node of nodes) {
    const id = readId(node);
    if (id !== null)
      graph.set(
        id,
        readNeeds(node).filter((need) => ids.has(need)),
      );
  }
  return graph;
}

export function readId(node: unknown): string | null {
  return isFields(node) && typeof node['id'] === 'string' ? node['id'] : null;
}

function readNeeds(node: unknown): readonly string[] {
  const needs = isFields(node) ? node['needs'] : undefined;
  return Array.isArray(needs) ? needs.filter((need) => typeof need === 'string') : [];
}

/** Of more than there are nodes, each is told what is wrong with it up to so many. */
const MAX_NEEDS_TOLD = 100;

function checkNeeds(node: Fields, at: DefinitionPath, nodeIds: ReadonlySet<string>, faults: Faults): void {
  const needs = node['needs'];
  if (needs === undefined) return;
  if (!Array.isArray(needs)) {
    faults.add([...at, 'needs'], `must be a list of node ids, not ${showType(needs)}`, needs);
    return;
  }
  if (needs.length > Math.max(MAX_NEEDS_TOLD, nodeIds.size)) {
    faults.add([...at, 'needs'], `names ${needs.length} nodes; there are ${nodeIds.size}`);
    return;
  }
  for (const [index, need] of (needs as readonly unknown[]).entries()) {
    const place = [...at, 'needs', index];
    if (typeof need !== 'string') faults.add(place, `must be a node's id, not ${showType(need)}`, need);
    else if (!nodeIds.has(need)) faults.add(place, `no node has this id${faults.didYouMean(need, nodeIds)}`, need);
    else if (needs.indexOf(need) !== index) faults.add(place, 'is there twice', need);
  }
}

function checkIdsAreUnique(
  nodes: readonly unknown[],
  at: DefinitionPath,
  outside: ReadonlySet<string>,
  faults: Faults,
): void {
  const first = new Map<string, number>();
  for (const [index, node] of nodes.entries()) {
    const id = readId(node);
    if (id === null) continue;
    const before = first.get(id);
    if (before !== undefined) {
      const told = formatPath([...at, before]);
      faults.add([...at, index, 'id'], `another node has this id already: ${told}`, id);
      continue;
    }
    first.set(id, index);
    if (outside.has(id)) faults.add([...at, index, 'id'], 'a node outside has this id already', id);
  }
}
