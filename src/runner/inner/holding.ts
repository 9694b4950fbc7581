import { NodeFailure } from '../../core/handlers/node-kind.js';
import type { NodeExecution } from '../../core/run/node-execution.js';
import { heldPath, numberedPath } from '../../core/run/paths/node-path.js';
import { findRetry } from '../../workflow/progress/find-retry.js';
import type { PlannedBody } from '../../workflow/plan/plan.js';
import type { DriveContext, Holding } from '../attempt/drive-context.js';
import type { NodeEnd } from '../attempt/execute-node.js';
import type { EndedAttempt } from '../timing/retry.js';
import { cancelInner, executeInner } from './execute-inner.js';
import { Frame } from './frame.js';
import { bodyOf, outputOf, runRounds } from './rounds.js';

/** How nodes inside others are run. */
export const holding: Holding = {
  async runNodes({ session, node, place }, options) {
    const body = bodyOf(node);
    const { id: path, abort, rest } = place;
    const end = await new Frame({ session, body, path, scope: place.scope(), abort, rest, options }).run();
    return { output: await outputOf({ session, body, path }, end), telling: end.telling };
  },

  runRounds,

  async runItem({ session, node, place }, { path, scope, rest }) {
    const { inner } = node;
    if (inner === null) throw new NodeFailure('This node holds no inner node', { kind: 'invalid_config' });
    const { abort } = place;
    // It has failed, or was cut short, in an earlier attempt at its node.
    const before = session.inside.nodes.get(path)?.execution.status;
    if (before === 'failed' || before === 'cancelled') {
      session.log.append({ kind: 'node.reopened', nodeId: place.id, resumed: [path], reset: [] });
    }
    const unlisten = abort.onAbort(({ message }) => cancelInner(session, [path], message));
    try {
      const own = { id: path, scope: () => scope, abort, rest };
      return toEnded(await executeInner({ session, node: inner, place: own }));
    } finally {
      unlisten();
    }
  },

  reopen(session, node, path) {
    const { body } = node;
    if (body === null) return;
    const last = session.inside.nodes.lastRoundOf(path);
    if (last?.isLast === true && !last.isDone) {
      // All rounds that there may be have not been enough: they begin again.
      session.log.append({ kind: 'node.reopened', nodeId: path, resumed: [], reset: [path] });
      return;
    }
    const round = numberedPath(path, (last?.round ?? 0) + 1);
    const inRounds = session.inside.nodes.heldBy(round).length > 0;
    const again = findAgain(session, body, inRounds ? round : path);
    if (again.resumed.length + again.reset.length === 0) return;
    session.log.append({ kind: 'node.reopened', nodeId: path, ...again });
  },
};

function toEnded(event: NodeEnd): EndedAttempt {
  switch (event.kind) {
    case 'node.completed':
      return { status: 'completed', output: event.output };
    case 'node.failed':
      return { status: 'failed', error: event.error, retryable: true, retryAfterMs: null };
    case 'node.skipped':
      return { status: 'completed', output: null };
  }
}

/** Which of the nodes that a node holds run again in its next attempt, as paths. */
function findAgain(
  session: DriveContext,
  body: PlannedBody,
  holder: string,
): { readonly resumed: readonly string[]; readonly reset: readonly string[] } {
  const nodes = body.nodes.map(({ id, kind }): NodeExecution => {
    const execution = session.inside.nodes.executionOf(heldPath(holder, id), kind.kind);
    const isCutShort = execution.status === 'running' || execution.status === 'waiting';
    return { ...execution, id, ...(isCutShort ? { status: 'cancelled' } : {}) };
  });
  const { resumed, reset } = findRetry({ plan: body, nodes, passedOver: new Set() });
  const hasBegun = (id: string): boolean => nodes.some((node) => node.id === id && node.status !== 'pending');
  return {
    resumed: resumed.map((id) => heldPath(holder, id)),
    reset: reset.filter(hasBegun).map((id) => heldPath(holder, id)),
  };
}
