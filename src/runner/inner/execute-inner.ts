import { errorMessage } from '../../core/errors.js';
import type { RunEventBody } from '../../core/run/events.js';
import type { NodeExecution } from '../../core/run/node-execution.js';
import type { PlannedNode } from '../../workflow/plan/plan.js';
import { executeNode, type NodeEnd } from '../attempt/execute-node.js';
import type { DriveContext, NodePlace } from '../attempt/drive-context.js';
import type { AttemptOutcome } from '../timing/retry.js';
import { cancelChildOnceKept } from '../attempt/cancel-child.js';
import type { GoingOn } from '../waits/inner-waits.js';
import { isNews } from '../waits/is-news.js';
import { outcomeOfTime } from '../waits/wait-outcome.js';

export interface InnerToExecute {
  readonly session: DriveContext;
  readonly node: PlannedNode;
  readonly place: NodePlace;
}

const AT_ONCE: GoingOn = { known: null, resumed: null };

/**
 * Takes a node that stands inside another one from where its record stands to its end, through all its waits. The last
 * event is returned, not appended. Rejects with what ends it before.
 */
export async function executeInner({ session, node, place }: InnerToExecute): Promise<NodeEnd> {
  const { inside, log, mailbox } = session;
  const inner = inside.nodes;
  const { id, abort } = place;
  for (;;) {
    const waiting = inner.executionOf(id, node.kind.kind);
    const how = waiting.status === 'waiting' ? await untilGoingOn(session, place, waiting) : AT_ONCE;
    const from = inner.executionOf(id, node.kind.kind);
    const event = await tryNode({ session, node, place }, from, how);
    if (abort.aborted) throw abort.reason ?? new Error('aborted');
    if (from.waitingFor === 'run') giveUpChild(session, from);
    if (event.kind !== 'node.waiting' && event.kind !== 'node.retrying') return event;
    log.append(event);
    log.commitWithin(COMMIT_WAITS_WITHIN_MS);
    // It may have ended, or come, before this run knew of it.
    if (event.kind === 'node.waiting' && isNews(event.wait.for)) mailbox.haveLook();
  }
}

const COMMIT_WAITS_WITHIN_MS = 5;

async function tryNode(
  { session, node, place }: InnerToExecute,
  from: NodeExecution,
  how: GoingOn,
): ReturnType<typeof executeNode> {
  try {
    return await executeNode({ session, node, place, from, ...how });
  } catch (error) {
    if (place.abort.aborted) throw error;
    const message = `Errand could not run this node: ${errorMessage(error)}`;
    const attempt = Math.max(1, from.attempt);
    return { kind: 'node.failed', nodeId: place.id, attempt, error: { kind: 'internal', message } };
  }
}

function untilGoingOn(
  { inside: { nodes: inner, waits }, log, mailbox }: DriveContext,
  { id, abort, rest }: NodePlace,
  { kind, waitingFor, waitingUntil }: NodeExecution,
): Promise<GoingOn> {
  const onTime = (): AttemptOutcome | null => {
    const execution = inner.executionOf(id, kind);
    const outcome = outcomeOfTime(execution);
    const isTold = execution.waitingFor === 'answer' || execution.waitingFor === 'event';
    if (isTold && outcome?.status === 'completed') {
      const { attempt } = execution;
      log.append({ kind: 'node.answered', nodeId: id, attempt, answer: outcome.output, by: 'default' });
    }
    return outcome;
  };
  const waited = waits.wait({ path: id, until: waitingUntil, abort, rest, onTime });
  // That run may have ended, or the event come, while nobody waited here.
  if (isNews(waitingFor)) mailbox.haveLook();
  return waited;
}

function giveUpChild(session: DriveContext, execution: NodeExecution): void {
  cancelChildOnceKept(session, execution, 'it took longer than the node that started it waits');
}

/**
 * Records that nodes inside another one were cut short, unless the run itself was: then they are taken up where they
 * stood, or closed with it.
 */
export function cancelInner(session: DriveContext, paths: Iterable<string>, reason: string): void {
  if (session.abort.aborted) return;
  for (const path of paths) {
    const execution = session.inside.nodes.get(path)?.execution;
    if (execution === undefined || (execution.status !== 'running' && execution.status !== 'waiting')) continue;
    session.log.append({ kind: 'node.cancelled', nodeId: path } satisfies RunEventBody);
    cancelChildOnceKept(session, execution, reason);
  }
}
