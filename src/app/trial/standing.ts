import type { Run } from '../../core/run/run.js';
import { isTerminal } from '../../core/run/run.js';
import { isNodeEnded, type NodeExecution } from '../../core/run/node-execution.js';
import type { Plan } from '../../workflow/plan/plan.js';

/** How a run stands while its clock stands still. */
export type Standing =
  /** Nothing happens any more unless somebody answers, or the time moves. */
  | { readonly kind: 'settled' }
  /** It goes on by itself. */
  | { readonly kind: 'working' }
  /** A failed attempt is to be made again at `until` (epoch milliseconds). */
  | { readonly kind: 'retrying'; readonly until: number }
  /** The next thing to happen is the end of a run that it started. */
  | { readonly kind: 'child'; readonly runId: string };

/** How a run stands, from its record alone. Of several things that a run waits for, retries come first. */
export function standingOf(run: Run, plan: Plan, now: number): Standing {
  if (isTerminal(run.status)) return { kind: 'settled' };
  const byId = new Map(run.nodes.map((node) => [node.id, node]));
  const isFree = ({ needs }: { readonly needs: readonly string[] }): boolean =>
    needs.every((id) => isNodeEnded(byId.get(id)?.status ?? 'pending'));
  if (plan.nodes.some((node) => isAtWork(byId.get(node.id), now) || (isPending(byId.get(node.id)) && isFree(node)))) {
    return { kind: 'working' };
  }
  const waiting = run.nodes.filter(({ status }) => status === 'waiting');
  const retries = waiting.flatMap(({ waitingFor, waitingUntil }) =>
    waitingFor === 'retry' && waitingUntil !== null ? [waitingUntil] : [],
  );
  if (retries.length > 0) return { kind: 'retrying', until: Math.min(...retries) };
  const child = waiting.find(({ waitingFor, childRunId }) => waitingFor === 'run' && childRunId !== undefined);
  if (child?.childRunId !== undefined) return { kind: 'child', runId: child.childRunId };
  return waiting.length > 0 ? { kind: 'settled' } : { kind: 'working' };
}

function isPending(node: NodeExecution | undefined): boolean {
  return node?.status === 'pending';
}

function isAtWork(node: NodeExecution | undefined, now: number): boolean {
  if (node?.status === 'running') return true;
  return node?.status === 'waiting' && node.waitingUntil !== null && node.waitingUntil <= now;
}
