import { findExecution, isNodeEnded } from '../../core/run/node-execution.js';
import { isInnerPath, rootOf } from '../../core/run/paths/node-path.js';
import { isTerminal, type Run, type RunParent } from '../../core/run/run.js';
import type { RunStore } from '../../core/ports/store/run-store.js';

/**
 * Whether nothing waits any more for a run that another one started: the process ended after that one had, and before
 * this one was told. A node that has not come to wait yet may still be about to.
 */
export async function isOrphan(store: { readonly runs: Pick<RunStore, 'get'> }, run: Run): Promise<boolean> {
  const { parent, organizationId } = run;
  if (parent === undefined) return false;
  return !isWaitedFor(run, parent, await store.runs.get({ organizationId, runId: parent.runId }));
}

/** Whether the node of the run above that started a run waits for it, or may yet come to. */
export function isWaitedFor(run: Pick<Run, 'id'>, parent: RunParent, above: Run | null): boolean {
  if (above === null || isTerminal(above.status)) return false;
  const node = findExecution(above.nodes, parent.nodeId);
  if (node === undefined) return mayBegin(above, parent.nodeId);
  if (isNodeEnded(node.status)) return false;
  if (node.waitingFor === 'run') return node.childRunId === run.id;
  // It waits to be tried again, or is being tried again, after this one.
  return node.waitingFor !== 'retry' && node.childRunId !== run.id;
}

/** A node inside another is in the record from its start on, which may not be kept when what it has started is. */
function mayBegin({ nodes }: Run, path: string): boolean {
  const root = nodes.find(({ id }) => id === rootOf(path));
  return isInnerPath(path) && root !== undefined && !isNodeEnded(root.status);
}
