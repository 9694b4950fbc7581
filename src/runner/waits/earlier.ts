import type { NodeExecution } from '../../core/run/node-execution.js';

/** When the first of the waiting nodes is due; null when none waits for a time. */
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
