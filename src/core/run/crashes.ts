import { isNodeEnded } from './node-execution.js';
import type { Run } from './run.js';

/** How often the process died while a run may have been at work, and how many of its nodes had ended when it last did. */
export interface RunCrashes {
  readonly crashes: number;
  readonly endedNodes: number;
}

/**
 * Counts the death of the process against a run that was unfinished; null when it was not at work. Where a node has ended
 * since the last one, counting begins anew. The start of a node is recorded within milliseconds at first, and before the
 * node works once the run has a crash: so only at first does a run count that was accepted and has shown nothing yet.
 */
export function countCrash(run: Run, before: RunCrashes): RunCrashes | null {
  const isWorking = run.nodes.some(({ status }) => status === 'running');
  const isWaiting = run.nodes.some(({ status }) => status === 'waiting');
  if (!isWorking && (before.crashes > 0 || isWaiting)) return null;
  const endedNodes = run.nodes.filter(({ status }) => isNodeEnded(status)).length;
  return { crashes: endedNodes > before.endedNodes ? 1 : before.crashes + 1, endedNodes };
}
