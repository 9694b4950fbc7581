import type { Chance } from '../../core/ports/isolation.js';
import type { RunEventBody } from '../../core/run/events.js';
import type { NodeExecution } from '../../core/run/node-execution.js';
import { isInnerPath } from '../../core/run/paths/node-path.js';
import type { PlannedNode } from '../../workflow/plan/plan.js';
import { chanceWithin } from '../../workflow/template/volatile.js';
import type { LazyAbort } from '../timing/lazy-abort.js';
import type { InsideAttempt } from './attempt-context.js';
import { attemptNode } from './attempt-node.js';
import { prepareNode, type PreparedNode } from './prepare-node.js';
import { computeRetryDelay, describeFailure, type AttemptOutcome, type FailedAttempt } from '../timing/retry.js';
import { runItems } from './run-items.js';
import { chanceNow, type DriveContext, type NodePlace } from './drive-context.js';
import { attemptKey } from '../../core/run/step-keys.js';
import { assertSize } from '../../workflow/plan/to-json.js';

export type NodeEnd = Extract<RunEventBody, { kind: 'node.completed' | 'node.failed' | 'node.skipped' }>;
/** Where a node stops for a while: nothing of it is held in memory until it goes on. */
export type NodePause = Extract<RunEventBody, { kind: 'node.waiting' | 'node.retrying' }>;

/**
 * That a node has started is told with its end where that comes within so long: a commit of its own costs the server as
 * much as the call of a short handler.
 */
const STARTED_WITHIN_MS = 20;

export interface ExecuteNodeParams {
  readonly session: DriveContext;
  readonly node: PlannedNode;
  readonly place: NodePlace;
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
  const { session, node, place, from, known, resumed } = params;
  const nodeId = place.id;
  if (known !== null) return afterAttempt({ session, node, place, attempt: from.attempt, outcome: known });
  const goesOn = from.status === 'running' || resumed !== null || from.waitingFor === 'nodes';
  const attempt = from.status === 'waiting' && !goesOn ? from.attempt + 1 : Math.max(1, from.attempt);
  const chance = node.volatile ? fixChance(session, from) : undefined;
  let prepared: PreparedNode;
  try {
    const scope = place.scope();
    // Once started, a node is past its condition.
    const { when } = node;
    if (
      from.status === 'pending' &&
      when !== null &&
      (await when.evaluate(scope, chanceWithin(chance, 'when'))) !== true
    ) {
      return { kind: 'node.skipped', nodeId, reason: 'its condition does not hold', ...kindOf(params) };
    }
    const preparing = prepareNode({ node, scope, chance, secrets: session.secrets });
    prepared = preparing instanceof Promise ? await preparing : preparing;
  } catch (thrown) {
    const failed = await failNode({ session, node, place }, attempt, describeFailure(thrown, session.secrets));
    return failed.kind === 'node.failed' ? { ...failed, ...kindOf(params) } : failed;
  }
  const isFixed = chance === undefined || chance.at === from.fixedAt;
  // With the start, so that who resumes finds either both or none.
  if (node.holds && !goesOn) session.holding.reopen(session, node, nodeId);
  session.log.append(startedEvent(params, attempt, isFixed ? null : chance.at));
  // What the values come from is on disk before anybody sees them.
  if (session.isSuspect || !isFixed) await session.log.commit();
  else session.log.commitWithin(STARTED_WITHIN_MS);
  // What the attempt came to before it waited is no longer its outcome.
  const key = resumed === null ? attemptKey(nodeId, attempt) : `${attemptKey(nodeId, attempt)}, ${resumed}`;
  const answered = session.memory.recall(key);
  const beganAt = node.holds ? ((goesOn ? from.attemptAt : undefined) ?? session.clock.now()) : null;
  const outcome =
    answered?.status === 'completed' ? answered : await attemptOf({ session, node, place, prepared, attempt, beganAt });
  return afterAttempt({ session, node, place, attempt, outcome });
}

/** With the first that is told of a node inside another, or of its next attempt: nothing else tells it. */
function kindOf({ node, place, from }: ExecuteNodeParams): { readonly nodeKind?: string } {
  const isNew = from.status !== 'running' && from.waitingFor !== 'nodes';
  return isNew && isInnerPath(place.id) ? { nodeKind: node.kind.kind } : NOTHING;
}

function startedEvent(
  params: ExecuteNodeParams,
  attempt: number,
  fixedAt: number | null,
): Extract<RunEventBody, { kind: 'node.started' }> {
  const { node, place } = params;
  // As most are: an object that others are spread into costs ten times as much.
  if (fixedAt === null && !node.holds && !isInnerPath(place.id)) {
    return { kind: 'node.started', nodeId: place.id, attempt };
  }
  return {
    kind: 'node.started',
    nodeId: place.id,
    attempt,
    ...kindOf(params),
    ...(node.holds ? { holds: true } : NOTHING),
    ...(fixedAt === null ? NOTHING : { fixedAt }),
  };
}

const NOTHING = {};

/** What the node's expressions have chance and time from: the same in every attempt. */
function fixChance(session: DriveContext, { id, fixedAt }: NodeExecution): Chance {
  return { seed: `${session.info.id} ${id}`, at: fixedAt ?? session.clock.now() };
}

type PlacedNode = Pick<ExecuteNodeParams, 'session' | 'node' | 'place'>;

function afterAttempt(
  params: PlacedNode & { readonly attempt: number; readonly outcome: AttemptOutcome },
): NodeEnd | NodePause | Promise<NodeEnd> {
  const { session, place, attempt, outcome } = params;
  const nodeId = place.id;
  switch (outcome.status) {
    case 'completed':
      return { kind: 'node.completed', nodeId, attempt, output: outcome.output };
    case 'waiting':
      return { kind: 'node.waiting', nodeId, attempt, wait: outcome.wait };
    case 'failed': {
      const until = retryMoment(params, attempt, outcome);
      if (until === null) return failNode(params, attempt, outcome);
      if (outcome.anew === true) session.memory.setGeneration(nodeId, attempt + 1);
      return { kind: 'node.retrying', nodeId, attempt, error: outcome.error, until, ...anewOf(outcome) };
    }
  }
}

/** The end of a node that failed for good: failed, or completed with what its definition puts in its place. */
async function failNode(
  { session, node, place }: PlacedNode,
  attempt: number,
  failed: Pick<FailedAttempt, 'error' | 'anew'>,
): Promise<NodeEnd> {
  const nodeId = place.id;
  const { error } = failed;
  if (node.fallback === null || place.abort.aborted) {
    return { kind: 'node.failed', nodeId, attempt, error, ...anewOf(failed) };
  }
  try {
    const made = await assertSize(
      await node.fallback.evaluate({ ...place.scope(), error }, chanceNow(session, `fallback of ${nodeId}`)),
    );
    const output = await session.secrets.jsonInTurns(made);
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
  params: PlacedNode & { readonly prepared: PreparedNode; readonly attempt: number; readonly beganAt: number | null },
): Promise<AttemptOutcome> {
  const { session, node, place, prepared, attempt, beganAt } = params;
  const { id } = place;
  return attemptNode({
    session,
    node,
    progressNodeId: id,
    parent: place.abort,
    beganAt,
    steps: { nodeId: id, place: id, generation: session.memory.generationOf(id) },
    prepared,
    attempt,
    idempotencyKey: `${session.info.id}:${id}`,
    place,
    inside: INSIDE_NODE,
  });
}

/** One for all attempts: each has what it needs in its parameters. */
const INSIDE_NODE: InsideAttempt = {
  runItems: ({ session, node, attempt, prepared: { chance }, place, parent: ends }, options, abort) =>
    runItems({ session, node, place: within(place, abort), ends, attempt, options, chance }),
  runNodes: ({ session, node, place }, options, abort) =>
    session.holding.runNodes({ session, node, place: within(place, abort) }, options),
  runRounds: ({ session, node, place }, options, abort) =>
    session.holding.runRounds({ session, node, place: within(place, abort) }, options),
};

function within(place: NodePlace | null, abort: LazyAbort): NodePlace {
  if (place === null) throw new Error('An item has no place of its own');
  return { ...place, abort };
}

/**
 * When the next attempt may start; null when there is to be none (also when the run is ending: that is no reason to
 * wait).
 */
function retryMoment({ session, node, place }: PlacedNode, attempt: number, outcome: FailedAttempt): number | null {
  if (place.abort.aborted) return null;
  const delayMs = computeRetryDelay({ policy: node.retry, attempt, outcome, random: session.random() });
  return delayMs === null ? null : session.clock.now() + delayMs;
}
