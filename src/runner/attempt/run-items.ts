import type { StepOutcome } from '../../core/run/events.js';
import { yieldIfBusy } from '../../core/event-loop.js';
import { jsonLengthOf } from '../../core/json-length.js';
import type { Chance } from '../../core/ports/isolation.js';
import { pauseUntil } from '../../core/ports/clock.js';
import { NodeFailure, type RunItemsOptions } from '../../core/handlers/node-kind.js';
import { PAYLOAD_LIMITS } from '../../core/text/payload-limits.js';
import type { PlannedNode, ExpressionScope } from '../../workflow/plan/plan.js';
import { chanceWithin } from '../../workflow/template/volatile.js';
import { attemptNode } from './attempt-node.js';
import type { LazyAbort } from '../timing/lazy-abort.js';
import type { StepPlace } from './node-steps.js';
import { prepareNode } from './prepare-node.js';
import { computeRetryDelay, describeFailure, type AttemptOutcome } from '../timing/retry.js';
import { createScope, type DriveContext } from './drive-context.js';
import { itemKey, type ItemPlace } from '../../core/run/step-keys.js';

/** Items that end within this time share a commit: nothing depends on any of them before all have ended. */
const COMMIT_ITEMS_WITHIN_MS = 20;

/**
 * Runs a node's inner node over items. Each is a durable step of its own: its outcome is appended to the log as it
 * ends, and an item that ended is not run again. With another attempt at the node, those that had failed are.
 */
export async function runItems(params: {
  readonly session: DriveContext;
  readonly node: PlannedNode;
  readonly attempt: number;
  readonly options: RunItemsOptions;
  readonly abort: LazyAbort;
  readonly chance: Chance | undefined;
}): Promise<readonly StepOutcome[]> {
  const { session, node, attempt, options, abort, chance } = params;
  const { inner } = node;
  if (inner === null) throw new NodeFailure('This node holds no inner node', { kind: 'invalid_config' });
  const scope = createScope(session);
  const total = options.items.length;
  if (total > PAYLOAD_LIMITS.items) throw tooManyItems(total);
  const outcomes: StepOutcome[] = [];
  let nextIndex = 0;
  let ended = 0;
  let failed = 0;
  /** How much JSON the outputs are so far: together they are the node's output. */
  let length = 0;
  const worker = async (): Promise<void> => {
    while (nextIndex < total && length <= PAYLOAD_LIMITS.output) {
      if (abort.aborted) throw new NodeFailure('Stopped before every item was done', { kind: 'aborted' });
      if (options.stopOnFailure && failed > 0) return;
      const index = nextIndex++;
      const item = options.items[index] ?? null;
      const place = { nodeId: node.id, index, attempt };
      const own = { scope: { item, index, ...scope }, chance: chanceWithin(chance, String(index)) };
      const outcome = await runItem({ session, inner, place, ...own });
      outcomes[index] = outcome;
      ended += 1;
      if (outcome.status === 'completed') length += jsonLengthOf(outcome.output) + 1;
      if (outcome.status === 'failed') failed += 1;
      session.log.stageItems(node.id, { total, done: ended - failed, failed });
      options.onEnd?.(ended, failed);
      const turn = yieldIfBusy();
      if (turn !== null) await turn;
    }
  };
  const width = Math.max(1, Math.min(options.concurrency, total));
  await Promise.all(Array.from({ length: width }, worker));
  if (length > PAYLOAD_LIMITS.output) throw outputsTooLarge(ended, total);
  return outcomes;
}

function tooManyItems(total: number): NodeFailure {
  const message = `There are ${total} items; at most ${PAYLOAD_LIMITS.items} are taken. Split them over several runs.`;
  return new NodeFailure(message, { kind: 'too_many_items', retryable: false });
}

function outputsTooLarge(ended: number, total: number): NodeFailure {
  return new NodeFailure(
    `The outputs of ${ended} of the ${total} items are more than the ${PAYLOAD_LIMITS.output} characters of JSON that are kept. ` +
      'Return less for each, or references to where it is.',
    { kind: 'output_too_large', retryable: false },
  );
}

interface ItemToRun {
  readonly session: DriveContext;
  readonly inner: PlannedNode;
  readonly scope: ExpressionScope;
  readonly chance: Chance | undefined;
  readonly place: ItemPlace;
}

async function runItem(params: ItemToRun): Promise<StepOutcome> {
  const { session, place } = params;
  const { nodeId } = place;
  const key = itemKey(place);
  const known = session.memory.recall(key) ?? recallCompleted(session, place);
  if (known !== null) return known;
  const outcome = await attemptItem(params);
  // One that the run's end cut short is not an outcome.
  if (!session.abort.aborted) {
    session.memory.rememberWithin(COMMIT_ITEMS_WITHIN_MS, { nodeId, key, outcome, usage: null });
  }
  return outcome;
}

/** What the item gave in an earlier attempt at its node; null when it has not completed in any. */
function recallCompleted({ memory }: DriveContext, place: ItemPlace): StepOutcome | null {
  for (let attempt = place.attempt - 1; attempt > 0; attempt -= 1) {
    const before = memory.recall(itemKey({ ...place, attempt }));
    if (before?.status === 'completed') return before;
  }
  return null;
}

async function attemptItem(item: ItemToRun): Promise<StepOutcome> {
  const { session, inner, place } = item;
  const key = itemKey({ ...place, attempt: 1 });
  let generation = 1;
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await attemptOnce(item, attempt, { nodeId: place.nodeId, place: key, generation });
    if (outcome.status === 'completed') return outcome;
    if (outcome.status === 'waiting') return CANNOT_WAIT;
    const delayMs = computeRetryDelay({ policy: inner.retry, attempt, outcome, random: session.random() });
    if (delayMs === null || session.abort.aborted) return { status: 'failed', error: outcome.error };
    if (outcome.anew === true) generation = attempt + 1;
    await pauseUntil(session.clock, session.clock.now() + delayMs, session.abort.signal);
  }
}

const CANNOT_WAIT: StepOutcome = {
  status: 'failed',
  error: { kind: 'invalid_config', message: 'A node inside another one cannot wait' },
};

async function attemptOnce(
  { session, inner, scope, chance }: ItemToRun,
  attempt: number,
  steps: StepPlace,
): Promise<AttemptOutcome> {
  try {
    const preparing = prepareNode({ node: inner, scope, chance, secrets: session.secrets });
    const prepared = preparing instanceof Promise ? await preparing : preparing;
    return await attemptNode({
      session,
      node: inner,
      progressNodeId: null,
      prepared,
      attempt,
      idempotencyKey: `${session.info.id}:${steps.place}`,
      steps,
      runItems: () => Promise.reject(new NodeFailure('A map cannot hold a map', { kind: 'invalid_config' })),
    });
  } catch (thrown) {
    return describeFailure(thrown, session.secrets);
  }
}
