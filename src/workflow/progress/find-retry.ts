import type { NodeExecution } from '../../core/run/node-execution.js';
import { findAncestors } from '../plan/graph.js';
import type { Plan } from '../plan/plan.js';

/** Nodes that are to run again, in the workflow's order. */
export interface RetriedNodes {
  /** Those that the trouble began with: they failed, were cut short, or never got their turn. */
  readonly resumed: readonly string[];
  /** Those that depend on one of them, whatever they had come to. */
  readonly reset: readonly string[];
}

/** What a retry of an ended run runs again. `passedOver`: the nodes that were skipped only because the run ended before their turn. */
export function findRetry(params: {
  readonly plan: Plan;
  readonly nodes: readonly NodeExecution[];
  readonly passedOver: ReadonlySet<string>;
}): RetriedNodes {
  const { plan, nodes, passedOver } = params;
  const troubled = new Set<string>();
  for (const { id, status } of nodes) {
    if (status === 'failed' || status === 'cancelled' || passedOver.has(id)) troubled.add(id);
  }
  const resumed: string[] = [];
  const reset: string[] = [];
  const graph = new Map(plan.nodes.map((node) => [node.id, node.needs]));
  for (const { id } of plan.nodes) {
    if (dependsOnAny(findAncestors(graph, id), troubled)) reset.push(id);
    else if (troubled.has(id)) resumed.push(id);
  }
  return { resumed, reset };
}

/** The node and all that depend on it. */
export function findDownstream(plan: Plan, nodeId: string): ReadonlySet<string> {
  const graph = new Map(plan.nodes.map((node) => [node.id, node.needs]));
  const found = plan.nodes.filter(({ id }) => id === nodeId || findAncestors(graph, id).has(nodeId));
  return new Set(found.map(({ id }) => id));
}

function dependsOnAny(ancestors: ReadonlySet<string>, ids: ReadonlySet<string>): boolean {
  for (const id of ids) if (ancestors.has(id)) return true;
  return false;
}
