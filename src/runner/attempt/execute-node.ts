import type { Chance } from '../../core/ports/isolation.js';
import type { RunEventBody } from '../../core/run/events.js';
import type { NodeExecution } from '../../core/run/node-execution.js';
import type { PlannedNode } from '../../workflow/plan/plan.js';
import { chanceWithin } from '../../workflow/template/volatile.js';
import { attemptNode } from './attempt-node.js';
import { prepareNode, type PreparedNode } from './prepare-node.js';
import { computeRetryDelay, describeFailure, type AttemptOutcome, type FailedAttempt } from '../timing/retry.js';
import { runItems } from './run-items.js';
import { chanceNow, createScope, type DriveContext } from './drive-context.js';
import { attemptKey } from '../../core/run/step-keys.js';
import { assertSize } from '../../workflow/plan/to-json.js';

export type NodeEnd = Extract<RunEventBody, { kind: 'node.completed' | 'node.failed' | 'node.skipped' }>;
/** Where a node stops for a while: nothing of it is held in memory until it goes on. */
export type NodePause = Extract<RunEventBody, { kind: 'node.waiting' | 'node.retrying' }>;

export interface ExecuteNodeParams {
  readonly session: DriveContext;
  readonly node: PlannedNode;
  readonly from: NodeExecution;
  /** What its latest attempt has come to, when that is known: it had waited. */
  readonly known: AttemptOutcome | null;
  /** The step whose outcome its latest attempt has waited for, and is to go on with. */
  readonly resumed: string | null;
}

/**
 * Takes one node from where its record stands to its end or its next wait: condition, input, an attempt. The last event
 * is returned, not appended: the driver appends it unless the run has ended meanwhile.
 */
export async function executeNode(params: ExecuteNodeParams): Promise<NodeEnd | NodePause> {
  const { session, node, from, known, resumed } = params;
  const nodeId = node.id;
  if (known !== null) return afterAttempt({ session, node, attempt: from.attempt, outcome: known });
  const attempt = from.status === 'waiting' && resumed === null ? from.attempt + 1 : Math.max(1, from.attempt);
  const chance = node.volatile ? fixChance(session, from) : undefined;
  let prepared: PreparedNode;
  try {
    const scope = createScope(session);
    // Once started, a node is past its condition.
    const { when } = node;
    if (
      from.status === 'pending' &&
      when !== null &&
      (await when.evaluate(scope, chanceWithin(chance, 'when'))) !== true
    ) {
      return { kind: 'node.skipped', nodeId, reason: 'its condition does not hold' };
    }
    const preparing = prepareNode({ node, scope, chance, secrets: session.secrets });
    prepared = preparing instanceof Promise ? await preparing : preparing;
  } catch (thrown) {
    return failNode(session, node, attempt, describeFailure(thrown, session.secrets));
  }
  const isFixed = chance === undefined || chance.at === from.fixedAt;
  const started = { kind: 'node.started', nodeId, attempt } as const;
  session.log.append(isFixed ? started : { ...started, fixedAt: chance.at });
  // What the values come from is on disk before anybody sees them.
  if (session.isSuspect || !isFixed) await session.log.commit();
  else session.log.commitWithin(5);
  // What the attempt came to before it waited is no longer its outcome.
  const key = resumed === null ? attemptKey(nodeId, attempt) : `${attemptKey(nodeId, attempt)}, ${resumed}`;
  const answered = session.memory.recall(key);
  const outcome = answered?.status === 'completed' ? answered : await attemptOf(session, node, prepared, attempt);
  return afterAttempt({ session, node, attempt, outcome });
}

/** What the node's expressions have chance and time from: the same in every attempt. */
function fixChance(session: DriveContext, { id, fixedAt }: NodeExecution): Chance {
  return { seed: `${session.info.id} ${id}`, at: fixedAt ?? session.clock.now() };
}

function afterAttempt(params: {
  readonly session: DriveContext;
  readonly node: PlannedNode;
  readonly attempt: number;
  readonly outcome: AttemptOutcome;
}): NodeEnd | NodePause | Promise<NodeEnd> {
  const { session, node, attempt, outcome } = params;
  const nodeId = node.id;
  switch (outcome.status) {
    case 'completed':
      return { kind: 'node.completed', nodeId, attempt, output: outcome.output };
    case 'waiting':
      return { kind: 'node.waiting', nodeId, attempt, wait: outcome.wait };
    case 'failed': {
      const until = retryMoment(session, node, attempt, outcome);
      if (until === null) return failNode(session, node, attempt, outcome);
      if (outcome.anew === true) session.generations.set(nodeId, attempt + 1);
      return { kind: 'node.retrying', nodeId, attempt, error: outcome.error, until, ...anewOf(outcome) };
    }
  }
}

/** The end of a node that failed for good: failed, or completed with what its definition puts in its place. */
async function failNode(
  session: DriveContext,
  node: PlannedNode,
  attempt: number,
  failed: Pick<FailedAttempt, 'error' | 'anew'>,
): Promise<NodeEnd> {
  const nodeId = node.id;
  const { error } = failed;
  if (node.fallback === null || session.abort.aborted) {
    return { kind: 'node.failed', nodeId, attempt, error, ...anewOf(failed) };
  }
  try {
    const output = await assertSize(
      await node.fallback.evaluate({ ...createScope(session), error }, chanceNow(session, `fallback of ${nodeId}`)),
    );
    return { kind: 'node.completed', nodeId, attempt, output, fallbackFor: error };
  } catch (thrown) {
    const message = `${error.message} (and its fallback failed: ${describeFailure(thrown, session.secrets).error.message})`;
    return { kind: 'node.failed', nodeId, attempt, error: { kind: error.kind, message }, ...anewOf(failed) };
  }
}

function anewOf({ anew }: Pick<FailedAttempt, 'anew'>): { readonly anew?: true } {
  return anew === true ? { anew } : {};
}

function attemptOf(
  session: DriveContext,
  node: PlannedNode,
  prepared: PreparedNode,
  attempt: number,
): Promise<AttemptOutcome> {
  return attemptNode({
    session,
    node,
    progressNodeId: node.id,
    steps: { nodeId: node.id, place: node.id, generation: session.generations.get(node.id) ?? 1 },
    prepared,
    attempt,
    idempotencyKey: `${session.info.id}:${node.id}`,
    runItems: (options, abort) => runItems({ session, node, attempt, options, abort, chance: prepared.chance }),
  });
}

/**
 * When the next attempt may start; null when there is to be none (also when the run is ending: that is no reason to
 * wait).
 */
function retryMoment(session: DriveContext, node: PlannedNode, attempt: number, outcome: FailedAttempt): number | null {
  if (session.abort.aborted) return null;
  const delayMs = computeRetryDelay({ policy: node.retry, attempt, outcome, random: session.random() });
  return delayMs === null ? null : session.clock.now() + delayMs;
}
