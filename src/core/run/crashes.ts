import { isNodeEnded } from './node-execution.js';
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
 * ended since the last one, counting starts again. The start of a node is recorded within milliseconds at first, and
 * before the node works once the run has a crash: so only at first does a run count that was accepted and has shown
 * nothing yet.
 */
export function countCrash(run: Run, before: RunCrashes): RunCrashes | null {
  const isWorking = run.nodes.some(({ status }) => status === 'running');
  const isWaiting = run.nodes.some(({ status }) => status === 'waiting');
  if (!isWorking && (before.crashes > 0 || isWaiting)) return null;
  return { crashes: crashesSince(run, before) + 1, endedNodes: countEnded(run) };
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

function countEnded(run: Run): number {
  let ended = 0;
  for (const { status, attempt, waitingFor, innerEnded } of run.nodes) {
    ended += innerEnded ?? 0;
    if (isNodeEnded(status)) ended += Math.max(1, attempt);
    else ended += waitingFor === 'retry' ? attempt : Math.max(0, attempt - 1);
  }
  return ended;
}
