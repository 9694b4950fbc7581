import { isNodeEnded, type NodeExecution, type WaitReason } from '../../../core/run/node-execution.js';
import { listAgents, isTerminal, type Run } from '../../../core/run/run.js';

/**
 * A look at the run costs little, so a run of a second is looked at within it, and one of an hour not more often than
 * is of use.
 */
const MIN_MS = 500;
const MAX_MS = 10_000;
/** A run that waits for a moment far off need not be looked at before. */
const MAX_SLEEP_MS = 60_000;

/** When it is worth looking at the run again: whole milliseconds from now; 0 for a run that has ended. */
export function computePollAfterMs(run: Run, now: number): number {
  if (isTerminal(run.status)) return 0;
  const sleepMs = remainingWait(run, now);
  if (sleepMs !== null) return clamp(sleepMs, MAX_SLEEP_MS);
  const elapsedMs = Math.max(0, now - (run.startedAt ?? run.createdAt));
  const done = computePercent(run) / 100;
  // Five looks over what is left; over as long as it has taken, when nothing tells how much that is.
  const leftMs = done > 0.05 ? (elapsedMs * (1 - done)) / done : elapsedMs;
  return clamp(leftMs / 5, MAX_MS);
}

/**
 * How long until the first of the nodes goes on, when all that could go on wait for a moment; null when one of them may
 * go on before.
 */
export function remainingWait(run: Run, now: number): number | null {
  const active = run.nodes.filter((node) => node.status === 'running' || node.status === 'waiting');
  const moments = active.flatMap(({ status, waitingFor, waitingUntil }) =>
    status === 'waiting' && (waitingFor === undefined || !BY_OTHERS.has(waitingFor)) && waitingUntil !== null
      ? [waitingUntil]
      : [],
  );
  return moments.length === 0 || moments.length < active.length ? null : Math.min(...moments) - now;
}

/** What may end before its moment. */
const BY_OTHERS: ReadonlySet<WaitReason> = new Set(['answer', 'run', 'event']);

function clamp(ms: number, longest: number): number {
  return Math.round(Math.min(longest, Math.max(MIN_MS, ms)) / 100) * 100;
}

/**
 * How far the run is, 0 to 100: the average of what its agents report, or of all its nodes when it has none. Never
 * falls; 100 is an ended run's.
 */
export function computePercent(run: Run): number {
  if (isTerminal(run.status)) return 100;
  const counted = countedNodes(run);
  const sum = counted.reduce((total, node) => total + (isNodeEnded(node.status) ? 100 : node.progress), 0);
  return Math.min(99, Math.floor(sum / Math.max(1, counted.length)));
}

export function countedNodes(run: Run): readonly NodeExecution[] {
  const agents = listAgents(run);
  return agents.length === 0 ? run.nodes : agents;
}
