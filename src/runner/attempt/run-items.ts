import type { StepOutcome } from '../../core/run/events.js';
import { yieldIfBusy } from '../../core/event-loop.js';
import { jsonLengthOf } from '../../core/json-length.js';
import type { Chance } from '../../core/ports/isolation.js';
import { pauseUntil } from '../../core/ports/clock.js';
import { NodeFailure, type RunItemsOptions } from '../../core/handlers/node-kind.js';
import { PAYLOAD_LIMITS } from '../../core/text/payload-limits.js';
import type { PlannedNode, ExpressionScope } from '../../workflow/plan/plan.js';
import { chanceWithin } from '../../workflow/template/volatile.js';
import { reserveItems } from './budgets.js';
import type { InsideAttempt } from './attempt-context.js';
import { attemptNode } from './attempt-node.js';
import { numberedPath } from '../../core/run/paths/node-path.js';
import { LazyAbort } from '../timing/lazy-abort.js';
import type { StepPlace } from './node-steps.js';
import { prepareNode } from './prepare-node.js';
import { computeRetryDelay, describeFailure, type AttemptOutcome, type EndedAttempt } from '../timing/retry.js';
import { restUntilAborted, type Rest } from '../waits/rest.js';
import type { DriveContext, ItemsUnderWay, NodePlace } from './drive-context.js';
import { itemKey, type ItemPlace } from '../../core/run/step-keys.js';

/** Items that end within this time share a commit: nothing depends on any of them before all have ended. */
const COMMIT_ITEMS_WITHIN_MS = 20;

interface RunItemsParams {
  readonly session: DriveContext;
  readonly node: PlannedNode;
  /** Its own; `abort` ends this attempt. */
  readonly place: NodePlace;
  /** What ends the node, and with it items that its attempt has left behind. */
  readonly ends: LazyAbort;
  readonly attempt: number;
  readonly options: RunItemsOptions;
  readonly chance: Chance | undefined;
}

/**
 * Runs a node's inner node over items. Each is a durable step of its own: its outcome is appended to the log as it
 * ends, and an item that ended is not run again. With another attempt at the node, those that had failed are.
 */
export async function runItems(params: RunItemsParams): Promise<readonly StepOutcome[]> {
  const { session, place, options } = params;
  const total = options.items.length;
  if (total > PAYLOAD_LIMITS.items) throw tooManyItems(total);
  const reserved = reserveItems(session, place.id, { total, known: () => countKnown(params) });
  try {
    return await workThrough(params, reserved);
  } finally {
    if (reserved !== null) session.itemsUnderWay.delete(reserved);
  }
}

async function workThrough(params: RunItemsParams, reserved: ItemsUnderWay | null): Promise<readonly StepOutcome[]> {
  const { session, node, place: given, ends, attempt, options, chance } = params;
  const { inner } = node;
  const { abort } = given;
  // An item that waits would have the others' failure wait.
  const items = new LazyAbort(abort);
  const own = node.holds ? { ...given, abort: items } : given;
  if (inner === null) throw holdsNothing();
  // Those of a map around this one are hidden by its own.
  const { item: _, index: __, ...scope } = own.scope();
  const total = options.items.length;
  const outcomes: StepOutcome[] = [];
  let nextIndex = 0;
  let ended = 0;
  let failed = 0;
  /** How much JSON the outputs are so far: together they are the node's output. */
  let length = 0;
  const worker = async (rest: Rest): Promise<void> => {
    while (nextIndex < total && length <= PAYLOAD_LIMITS.output) {
      if (abort.aborted) throw new NodeFailure('Stopped before every item was done', { kind: 'aborted' });
      if (options.stopOnFailure && failed > 0) return;
      if (node.holds && session.mailbox.order.kind !== 'go') await restUntilAborted(abort, rest);
      const index = nextIndex++;
      const item = options.items[index] ?? null;
      const itemPlace = { nodeId: own.id, index, attempt };
      const known = recallItem(session, itemPlace);
      const begun =
        known ??
        runItem({
          session,
          node,
          inner,
          own,
          ends,
          rest,
          place: itemPlace,
          scope: { item, index, ...scope },
          chance: chanceWithin(chance, String(index)),
        });
      const outcome = begun instanceof Promise ? await begun : begun;
      if (reserved !== null && (reserved.isInner ? known === null : outcome.status === 'failed')) reserved.left -= 1;
      outcomes[index] = outcome;
      ended += 1;
      if (outcome.status === 'completed') length += jsonLengthOf(outcome.output) + 1;
      if (outcome.status === 'failed') failed += 1;
      if (failed > 0 && options.stopOnFailure) items.abort(new Error('Another item has failed'));
      session.log.stageItems(own.id, { total, done: ended - failed, failed });
      options.onEnd?.(ended, failed);
      const turn = yieldIfBusy();
      if (turn !== null) await turn;
    }
  };
  const width = Math.max(1, Math.min(options.concurrency, total));
  const isCutShort = (): boolean => failed > 0 && options.stopOnFailure;
  if (node.holds) await workSideBySide(own.rest, width, worker, isCutShort);
  else await Promise.all(Array.from({ length: width }, () => worker(own.rest)));
  if (length > PAYLOAD_LIMITS.output) throw outputsTooLarge(ended, total);
  return outcomes;
}

/** Rests while all of the workers do. `isCutShort`: whether a worker may end without having come to an end. */
async function workSideBySide(
  rest: Rest,
  width: number,
  worker: (rest: Rest) => Promise<void>,
  isCutShort: () => boolean,
): Promise<void> {
  const children = Array.from({ length: width }, () => rest.child());
  let left = width;
  const working = Promise.all(
    children.map(async (child) => {
      try {
        await worker(child);
      } catch (error) {
        if (!isCutShort()) throw error;
      } finally {
        // The last is awake until it is told below that all have ended.
        left -= 1;
        if (left > 0) child.close();
      }
    }),
  );
  rest.rest();
  try {
    await working;
  } finally {
    rest.wake();
    for (const child of children) child.close();
  }
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
  readonly node: PlannedNode;
  readonly inner: PlannedNode;
  /** Where its node stands. */
  readonly own: NodePlace;
  readonly ends: LazyAbort;
  readonly rest: Rest;
  readonly scope: ExpressionScope;
  readonly chance: Chance | undefined;
  readonly place: ItemPlace;
}

async function runItem(params: ItemToRun): Promise<StepOutcome> {
  const { session, node, own, ends, place, rest, scope } = params;
  const { nodeId, index } = place;
  const key = itemKey(place);
  if (node.holds) {
    const item = { path: numberedPath(nodeId, index), scope, rest };
    const outcome = toOutcome(await session.holding.runItem({ session, node, place: own }, item));
    session.memory.rememberWithin(COMMIT_ITEMS_WITHIN_MS, { nodeId, key, outcome, usage: null });
    return outcome;
  }
  const outcome = await attemptItem(params);
  // One that the run's end cut short is not an outcome.
  if (!ends.aborted) {
    session.memory.rememberWithin(COMMIT_ITEMS_WITHIN_MS, { nodeId, key, outcome, usage: null });
  }
  return outcome;
}

function toOutcome(ended: EndedAttempt): StepOutcome {
  return ended.status === 'completed' ? ended : { status: 'failed', error: ended.error };
}

/** What the item has come to, or gave in an earlier attempt at its node; null when it is to be run. */
function recallItem(session: DriveContext, place: ItemPlace): StepOutcome | null {
  return session.memory.recall(itemKey(place)) ?? recallCompleted(session, place);
}

function countKnown({ session, place, attempt, options }: RunItemsParams): number {
  return options.items.filter((_, index) => recallItem(session, { nodeId: place.id, index, attempt }) !== null).length;
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
  const { session, inner, place, ends } = item;
  const key = itemKey({ ...place, attempt: 1 });
  let generation = 1;
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await attemptOnce(item, attempt, { nodeId: place.nodeId, place: key, generation });
    if (outcome.status === 'completed') return outcome;
    if (outcome.status === 'waiting') return CANNOT_WAIT;
    const delayMs = computeRetryDelay({ policy: inner.retry, attempt, outcome, random: session.random() });
    if (delayMs === null || ends.aborted) return { status: 'failed', error: outcome.error };
    if (outcome.anew === true) generation = attempt + 1;
    await pauseUntil(session.clock, session.clock.now() + delayMs, ends.signal);
  }
}

const CANNOT_WAIT: StepOutcome = {
  status: 'failed',
  error: { kind: 'invalid_config', message: 'A node inside another one cannot wait' },
};

async function attemptOnce(
  { session, inner, ends, scope, chance }: ItemToRun,
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
      parent: ends,
      beganAt: null,
      prepared,
      attempt,
      idempotencyKey: `${session.info.id}:${steps.place}`,
      steps,
      place: null,
      inside: INSIDE_ITEM,
    });
  } catch (thrown) {
    return describeFailure(thrown, session.secrets);
  }
}

const INSIDE_ITEM: InsideAttempt = {
  runItems: () => Promise.reject(holdsNothing()),
  runNodes: () => Promise.reject(holdsNothing()),
  runRounds: () => Promise.reject(holdsNothing()),
};

function holdsNothing(): NodeFailure {
  return new NodeFailure('This node holds no inner node', { kind: 'invalid_config' });
}
