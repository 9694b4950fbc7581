import type { StepOutcome } from '../core/events.js';
import type { Json } from '../core/json.js';
import { NodeFailure, type RunItemsOptions } from '../core/node-kind.js';
import type { PlannedNode, Scope } from '../workflow/plan.js';
import { attemptNode } from './attempt-node.js';
import { prepareNode } from './prepare-node.js';
import { computeRetryDelay, describeFailure, type AttemptOutcome } from './retry.js';
import { scopeOf, type Session } from './session.js';
import { itemKey } from './step-keys.js';

/**
 * Runs a node's inner node over items. Each item is a durable step under `<node>[<index>]`: its outcome is appended to the log as it ends
 * and an item that ended is not run again.
 */
export async function runItems(params: {
  readonly session: Session;
  readonly node: PlannedNode;
  readonly options: RunItemsOptions;
  readonly signal: AbortSignal;
}): Promise<readonly StepOutcome[]> {
  const { session, node, options, signal } = params;
  const { inner } = node;
  if (inner === null) throw new NodeFailure('This node holds no inner node', { kind: 'invalid_config' });
  const scope = scopeOf(session);
  const outcomes: StepOutcome[] = [];
  let nextIndex = 0;
  let ended = 0;
  let failed = 0;
  const worker = async (): Promise<void> => {
    while (nextIndex < options.items.length) {
      if (signal.aborted) throw new NodeFailure('Stopped before every item was done', { kind: 'aborted' });
      if (options.stopOnFailure && failed > 0) return;
      const index = nextIndex++;
      const item = options.items[index] ?? null;
      const outcome = await runItem({ session, node, inner, scope: { ...scope, item, index }, index });
      outcomes[index] = outcome;
      ended += 1;
      if (outcome.status === 'failed') failed += 1;
      options.onEnd?.(ended, failed);
    }
  };
  const width = Math.max(1, Math.min(options.concurrency, options.items.length));
  await Promise.all(Array.from({ length: width }, worker));
  return outcomes;
}

async function runItem(params: {
  readonly session: Session;
  readonly node: PlannedNode;
  readonly inner: PlannedNode;
  readonly scope: Scope & { readonly item: Json; readonly index: number };
  readonly index: number;
}): Promise<StepOutcome> {
  const { session, node, index } = params;
  const key = itemKey(node.id, index);
  let done = false;
  const outcome = await session.durable.step<StepOutcome>(key, async () => {
    done = true;
    return attemptItem(params, key);
  });
  // A remembered outcome is in the log already; one that the run's end cut short is not an outcome.
  if (done && !session.abort.signal.aborted) {
    session.log.append({ kind: 'step.completed', nodeId: node.id, key, outcome });
    session.log.commitInBackground();
  }
  return outcome;
}

async function attemptItem(
  { session, inner, scope }: { readonly session: Session; readonly inner: PlannedNode; readonly scope: Scope },
  key: string,
): Promise<StepOutcome> {
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await attemptOnce(session, inner, scope, key, attempt);
    if (outcome.status === 'completed') return outcome;
    if (outcome.status === 'waiting') return CANNOT_WAIT;
    const delayMs = computeRetryDelay({ policy: inner.retry, attempt, outcome, random: session.random() });
    if (delayMs === null || session.abort.signal.aborted) return { status: 'failed', error: outcome.error };
    await session.durable.sleep(`${key}#${attempt}`, session.clock.now() + delayMs);
  }
}

const CANNOT_WAIT: StepOutcome = {
  status: 'failed',
  error: { kind: 'invalid_config', message: 'A node inside another one cannot wait' },
};

async function attemptOnce(
  session: Session,
  inner: PlannedNode,
  scope: Scope,
  key: string,
  attempt: number,
): Promise<AttemptOutcome> {
  try {
    const prepared = await prepareNode(inner, scope);
    return await attemptNode({
      session,
      node: inner,
      reportsAs: null,
      prepared,
      attempt,
      idempotencyKey: `${session.info.id}:${key}`,
      runItems: () => Promise.reject(new NodeFailure('A map cannot hold a map', { kind: 'invalid_config' })),
    });
  } catch (thrown) {
    return describeFailure(thrown);
  }
}
