import type { NodeExecution } from '../../core/run/node-execution.js';
import type { Plan, PlannedNode } from '../../workflow/plan/plan.js';

/** The nodes whose waits are over. */
export function findDue(plan: Plan, executions: readonly NodeExecution[], now: number): PlannedNode[] {
  const due = executions.filter(({ status, waitingUntil }) => {
    return status === 'waiting' && waitingUntil !== null && waitingUntil <= now;
  });
  return due.length === 0 ? [] : plan.nodes.filter((node) => due.some(({ id }) => id === node.id));
}

/** When the first of the nodes that wait goes on by itself. */
export function nextWake(nodes: readonly NodeExecution[]): number | null {
  return nodes.reduce<number | null>((first, node) => {
    return node.status === 'waiting' ? earlier(first, node.waitingUntil) : first;
  }, null);
}

/** Null is never. */
export function earlier(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}
