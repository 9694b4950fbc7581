import { ErrandError, isErrandError } from '../../../core/errors.js';
import { yieldIfBusy } from '../../../core/event-loop.js';
import type { Idempotency } from '../../../core/ports/store/run-store.js';
import type { Run } from '../../../core/run/run.js';
import type { Principal } from '../../../core/tenant/principal.js';
import { explainShortage } from '../../billing/ledger.js';
import type { BatchOutcome, RunWorkflowParams } from '../../interface/services.js';
import type { ServiceDeps } from '../../use-case/deps.js';
import { checkIdempotencyKey, hashCall } from '../../use-case/make-once.js';
import { requireScope } from '../../use-case/require-scope.js';
import { checkRun, dispatchRun, type PreparedRun, prepareRun } from './accept-run.js';
import { findEarlier, readRequest } from './run-workflow.js';

/** A request that can be accepted, or what came of it already. */
type Item =
  | {
      readonly kind: 'ready';
      readonly index: number;
      readonly prepared: PreparedRun;
      readonly idempotency: Idempotency | null;
    }
  | { readonly kind: 'over'; readonly outcome: BatchOutcome };

/** Runs that one call starts, at most. */
export const MAX_BATCH = 1_000;

/** Starts many runs with one commit. What is wrong with one of them is its own outcome, and stops no other. */
export async function runBatch(
  deps: ServiceDeps,
  caller: Principal,
  requests: readonly RunWorkflowParams[],
): Promise<readonly BatchOutcome[]> {
  requireScope(caller, 'run');
  if (requests.length < 1 || requests.length > MAX_BATCH) {
    throw new ErrandError('invalid_input', `A batch has 1 to ${MAX_BATCH} runs, not ${requests.length}.`);
  }
  await deps.engine.assertAccepting();
  const pinned: (() => void)[] = [];
  try {
    const firstOf = findFirsts(requests);
    const items: Item[] = [];
    for (const [index, request] of requests.entries()) {
      const isFirst = firstOf[index] === index;
      items.push(isFirst ? await prepare(deps, caller, { request, index, pinned }) : OF_AN_EARLIER_ONE);
      const turn = yieldIfBusy();
      if (turn !== null) await turn;
    }
    const outcomes = await commit(deps, caller, items);
    return outcomes.map((outcome, index) =>
      repeatOf(requests, outcomes, { outcome, index, first: firstOf[index] ?? index }),
    );
  } finally {
    for (const release of pinned) release();
  }
}

/** Takes the outcome of the request with the same key: it is asked for twice in one batch. */
const OF_AN_EARLIER_ONE: Item = { kind: 'over', outcome: { kind: 'refused', error: new ErrandError('internal', '') } };

/** For each request, the first with the same idempotency key. */
function findFirsts(requests: readonly RunWorkflowParams[]): readonly number[] {
  const firsts = new Map<string, number>();
  return requests.map(({ idempotencyKey: key }, index) => {
    if (key === undefined) return index;
    const first = firsts.get(key);
    if (first === undefined) firsts.set(key, index);
    return first ?? index;
  });
}

function repeatOf(
  requests: readonly RunWorkflowParams[],
  outcomes: readonly BatchOutcome[],
  { outcome, index, first }: { readonly outcome: BatchOutcome; readonly index: number; readonly first: number },
): BatchOutcome {
  if (first === index) return outcome;
  const [one, other] = [requests[first], requests[index]];
  if (one === undefined || other === undefined || askedOf(one) !== askedOf(other)) {
    const message = `The idempotency key "${other?.idempotencyKey}" is used before in this batch, for something else.`;
    return { kind: 'refused', error: new ErrandError('conflict', message) };
  }
  const same = outcomes[first];
  return same?.kind === 'started' ? { kind: 'repeated', run: same.run } : (same ?? outcome);
}

const askedOf = ({ workflowId, input, instruction }: RunWorkflowParams): string =>
  hashCall([workflowId, input, instruction ?? null]);

interface PrepareParams {
  readonly request: RunWorkflowParams;
  readonly index: number;
  /** What is to be called once the runs are the engine's. */
  readonly pinned: (() => void)[];
}

async function prepare(deps: ServiceDeps, caller: Principal, { request, index, pinned }: PrepareParams): Promise<Item> {
  try {
    const reading = readRequest(deps, caller, request);
    const { asked, accept } = reading instanceof Promise ? await reading : reading;
    const { idempotencyKey: key } = request;
    if (key !== undefined) checkIdempotencyKey(key);
    const idempotency = key === undefined ? null : { key, inputHash: hashCall(asked()) };
    const earlier = idempotency === null ? null : await findEarlier(deps, caller, idempotency);
    if (earlier !== null) return { kind: 'over', outcome: { kind: 'repeated', run: earlier } };
    const params = await checkRun(deps, { ...accept, idempotency });
    const version = { workflowId: params.plan.key, version: params.plan.version };
    deps.catalog.pin(version);
    pinned.push(() => deps.catalog.release(version));
    return { kind: 'ready', index, idempotency, prepared: await prepareRun(deps, params) };
  } catch (error) {
    return { kind: 'over', outcome: refused(error) };
  }
}

/** What is wrong with one request; what is wrong with the server is thrown. */
function refused(error: unknown): BatchOutcome {
  if (isErrandError(error) && error.code !== 'unavailable' && error.code !== 'internal')
    return { kind: 'refused', error };
  throw error;
}

async function commit(deps: ServiceDeps, caller: Principal, items: readonly Item[]): Promise<readonly BatchOutcome[]> {
  const ready = items.filter((item) => item.kind === 'ready');
  const verdicts = await deps.store.runs.commitAll(ready.map(({ prepared }) => prepared.commit));
  for (const { prepared } of ready) prepared.telling?.sent();
  const outcomes = new Map<number, BatchOutcome>();
  for (const [place, { index, prepared, idempotency }] of ready.entries()) {
    const verdict = verdicts[place];
    if (verdict?.ok === true) outcomes.set(index, { kind: 'started', run: await dispatchRun(deps, prepared) });
    else outcomes.set(index, await explain(deps, caller, { run: prepared.run, idempotency, error: verdict?.error }));
    const turn = yieldIfBusy();
    if (turn !== null) await turn;
  }
  return items.map((item, index) => (item.kind === 'over' ? item.outcome : outcomes.get(index)!));
}

/** The same call that got ahead may have taken the key, or the last of the credits. */
async function explain(
  deps: ServiceDeps,
  caller: Principal,
  { run, idempotency, error }: { readonly run: Run; readonly idempotency: Idempotency | null; readonly error: unknown },
): Promise<BatchOutcome> {
  try {
    const winner = idempotency === null ? null : await findEarlier(deps, caller, idempotency);
    return winner === null ? refused(explainShortage(error, run)) : { kind: 'repeated', run: winner };
  } catch (thrown) {
    return refused(thrown);
  }
}
