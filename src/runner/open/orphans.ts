import { isNodeEnded } from '../../core/run/node-execution.js';
import { isTerminal, type Run } from '../../core/run/run.js';
import type { Store } from '../../core/ports/store/store.js';

/**
 * Whether nothing waits any more for a run that another one started: the process ended after that one had, and before
 * this one was told. A node that has not come to wait yet may still be about to.
 */
export async function isOrphan(store: Pick<Store, 'runs'>, run: Run): Promise<boolean> {
  const { parent, organizationId } = run;
  if (parent === undefined) return false;
  const above = await store.runs.get({ organizationId, runId: parent.runId });
  if (above === null || isTerminal(above.status)) return true;
  const node = above.nodes.find(({ id }) => id === parent.nodeId);
  if (node === undefined || isNodeEnded(node.status)) return true;
  if (node.waitingFor === 'run') return node.childRunId !== run.id;
  // It waits to be tried again, or is being tried again, after this one.
  return node.waitingFor === 'retry' || node.childRunId === run.id;
}
