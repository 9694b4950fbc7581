import { isNodeEnded, type NodeExecution } from './node-execution.js';
import type { Run } from './run.js';

/**
 * How often the process died while a run may have been at work, and how many attempts at its nodes had ended when it
 * last did.
 */
export interface RunCrashes {
  readonly crashes: number;
  readonly endedNodes: number;
}

/**
 * Counts the death of the process against a run that was unfinished; null when it was not at work. Where an attempt has
 * ended since the last one, counting starts again. The start of a node is recorded within milliseconds at first: so only
 * at first does a run count that was accepted and has shown nothing yet, or whose nodes waited for their turn. Once it
 * has a crash, it is recorded before a node works (`NodeExecution.cutOffs`), and nothing else counts.
 */
export function countCrash(run: Run, before: RunCrashes): RunCrashes | null {
  const times = crashesSince(run, before);
  const isWorking = run.nodes.some((node) => isAtWork(node, times));
  const isWaiting = run.nodes.some(({ status }) => status === 'waiting');
  if (!isWorking && (before.crashes > 0 || isWaiting)) return null;
  return { crashes: times + 1, endedNodes: countEnded(run) };
}

/** Whether a node may have been at work when a process died, in a run that had been cut off so often before. */
function isAtWork({ status, cutOffs }: NodeExecution, times: number): boolean {
  return status === 'running' && (times === 0 || cutOffs === times);
}

/** The nodes that may have been at work when their run was cut off for the last of so many times. */
export function listCutOff({ nodes }: Run, times: number): readonly NodeExecution[] {
  const running = nodes.filter(({ status }) => status === 'running');
  const marked = running.filter((node) => times > 0 && isAtWork(node, times - 1));
  // Of records from before this was told of each.
  return running.some(({ cutOffs }) => cutOffs !== undefined) ? marked : running;
}

/**
 * Keeps in mind that the work of a run was cut off at least so often by the end of its worker or of the process. The
 * two count together.
 */
export function countCutOff(run: Run, before: RunCrashes, times: number): RunCrashes {
  return { crashes: Math.max(crashesSince(run, before), times), endedNodes: countEnded(run) };
}

/** How often the process died since an attempt at one of the run's nodes has last ended. */
export function crashesSince(run: Run, before: RunCrashes): number {
  return countEnded(run) > before.endedNodes ? 0 : before.crashes;
}

/** What is known of a run that is taken up: it was cut off so often since an attempt at one of its nodes has ended. */
export function crashesAt(run: Run, times: number): RunCrashes {
  return { crashes: times, endedNodes: countEnded(run) };
}

function countEnded(run: Run): number {
  let ended = 0;
  for (const { status, attempt, waitingFor, innerEnded } of run.nodes) {
    ended += innerEnded ?? 0;
    if (isNodeEnded(status)) ended += Math.max(1, attempt);
    else ended += waitingFor === 'retry' ? attempt : Math.max(0, attempt - 1);
  }
  return ended;
}
