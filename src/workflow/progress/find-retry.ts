import type { NodeExecution } from '../../core/run/node-execution.js';
import { findDescendants, type Graph } from '../plan/graph.js';
import type { PlannedGraph } from './ready.js';

/** Nodes that are to run again, in the workflow's order. */
export interface RetriedNodes {
  /** Those that the trouble began with: they failed, were cut short, or never got their turn. */
  readonly resumed: readonly string[];
  /** Those that depend on one of them, whatever they had come to. */
  readonly reset: readonly string[];
}

/**
 * What a retry of an ended run runs again. `passedOver`: the nodes that were skipped only because the run ended before
 * their turn.
 */
export function findRetry(params: {
  readonly plan: PlannedGraph;
  readonly nodes: readonly NodeExecution[];
  readonly passedOver: ReadonlySet<string>;
}): RetriedNodes {
  const { plan, nodes, passedOver } = params;
  const troubled = new Set<string>();
  for (const { id, status } of nodes) {
    if (status === 'failed' || status === 'cancelled' || passedOver.has(id)) troubled.add(id);
  }
  const dependent = findDescendants(graphOf(plan), troubled);
  const ids = plan.nodes.map(({ id }) => id);
  return {
    resumed: ids.filter((id) => troubled.has(id) && !dependent.has(id)),
    reset: ids.filter((id) => dependent.has(id)),
  };
}

/** The node and all that depend on it. */
export function findDownstream(plan: PlannedGraph, nodeId: string): ReadonlySet<string> {
  const dependent = findDescendants(graphOf(plan), [nodeId]);
  return new Set(plan.nodes.map(({ id }) => id).filter((id) => id === nodeId || dependent.has(id)));
}

function graphOf(plan: PlannedGraph): Graph {
  return new Map(plan.nodes.map((node) => [node.id, node.needs]));
}
