import { isNodeEnded, type NodeExecution, type NodeStatus } from '../../core/run/node-execution.js';
import type { PlannedNode } from '../plan/plan.js';

/** Nodes that may need each other: those of a workflow, or those that a node holds. */
export interface PlannedGraph {
  readonly nodes: readonly PlannedNode[];
}

/**
 * By a node's place in the plan, the places of what it needs. A run's nodes are in the same order, and these are looked
 * at again after each of their events: a set by id for each look would cost a long graph most of its time.
 */
const needPlaces = new WeakMap<PlannedGraph, readonly (readonly number[])[]>();

function findNeedPlaces(plan: PlannedGraph): readonly (readonly number[])[] {
  let places = needPlaces.get(plan);
  if (places === undefined) {
    const byId = new Map(plan.nodes.map(({ id }, place) => [id, place]));
    places = plan.nodes.map(({ needs }) => needs.map((need) => byId.get(need) ?? -1));
    needPlaces.set(plan, places);
  }
  return places;
}

/** The nodes that may start now, in the workflow's order: not started yet, and all that they need has ended. */
export function findReady(plan: PlannedGraph, executions: readonly NodeExecution[]): PlannedNode[] {
  const places = findNeedPlaces(plan);
  // What is not to run at all was told by `findUnwanted` before.
  return plan.nodes.filter(
    (_, place) => executions[place]?.status === 'pending' && haveEnded(places[place] ?? [], executions),
  );
}

/** The nodes whose waits are over. */
export function findDue(plan: PlannedGraph, executions: readonly NodeExecution[], now: number): PlannedNode[] {
  return plan.nodes.filter((_, place) => {
    const execution = executions[place];
    if (execution?.status !== 'waiting') return false;
    return execution.waitingUntil !== null && execution.waitingUntil <= now;
  });
}

function haveEnded(places: readonly number[], executions: readonly NodeExecution[]): boolean {
  for (const place of places) if (!isNodeEnded(executions[place]?.status ?? 'pending')) return false;
  return true;
}

/** A node that is not to run, and why, for people. */
export interface UnwantedNode {
  readonly nodeId: string;
  readonly reason: string;
}

/**
 * The nodes that are to be skipped because of needs that were: with `join: all` one is enough, with `any` it takes all
 * of them. Those that are skipped for one of these in turn are among them.
 */
export function findUnwanted(plan: PlannedGraph, executions: readonly NodeExecution[]): UnwantedNode[] {
  if (!executions.some((execution) => execution.status === 'skipped')) return [];
  const statuses = new Map(executions.map(({ id, status }) => [id, status]));
  const found: UnwantedNode[] = [];
  for (let before = -1; before < found.length;) {
    before = found.length;
    for (const node of plan.nodes) {
      const reason = statuses.get(node.id) === 'pending' ? reasonToSkip(node, statuses) : null;
      if (reason === null) continue;
      statuses.set(node.id, 'skipped');
      found.push({ nodeId: node.id, reason });
    }
  }
  return found;
}

function reasonToSkip({ needs, join }: PlannedNode, statuses: ReadonlyMap<string, NodeStatus>): string | null {
  const statusOf = (need: string): NodeStatus => statuses.get(need) ?? 'pending';
  const skipped = needs.filter((need) => statusOf(need) === 'skipped');
  const [first] = skipped;
  if (first === undefined || !needs.every((need) => isNodeEnded(statusOf(need)))) return null;
  if (skipped.length === needs.length)
    return needs.length === 1 ? `${first} was skipped` : 'all that it needs was skipped';
  return join === 'all' ? `${first} was skipped` : null;
}

/** The node whose failure ends the run: one that failed and was not allowed to. Null when there is none. */
export function findFatalFailure(plan: PlannedGraph, executions: readonly NodeExecution[]): NodeExecution | null {
  for (const execution of executions) {
    if (execution.status !== 'failed') continue;
    const planned = plan.nodes.find((node) => node.id === execution.id);
    if (planned?.onError !== 'continue') return execution;
  }
  return null;
}
