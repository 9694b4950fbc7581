import { isNodeEnded, type NodeExecution } from '../core/node-execution.js';
import type { Plan, PlannedNode } from './plan.js';

/** The nodes that may start now, in the workflow's order: not started yet, and all that they need has ended. */
export function findReady(plan: Plan, executions: readonly NodeExecution[]): PlannedNode[] {
  const ended = new Set<string>();
  const pending = new Set<string>();
  for (const execution of executions) {
    if (isNodeEnded(execution.status)) ended.add(execution.id);
    else if (execution.status === 'pending') pending.add(execution.id);
  }
  if (pending.size === 0) return [];
  return plan.nodes.filter((node) => pending.has(node.id) && node.needs.every((need) => ended.has(need)));
}

/** The node whose failure ends the run: one that failed and was not allowed to. Null when there is none. */
export function findFatalFailure(plan: Plan, executions: readonly NodeExecution[]): NodeExecution | null {
  for (const execution of executions) {
    if (execution.status !== 'failed') continue;
    const planned = plan.nodes.find((node) => node.id === execution.id);
    if (planned?.onError !== 'continue') return execution;
  }
  return null;
}
