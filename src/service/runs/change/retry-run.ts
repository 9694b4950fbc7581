import { workflowKeyOfRun } from '../../../core/workflow/workflow-key.js';
import { applyEvent } from '../../../core/run/apply-event.js';
import { renderRunId } from '../../../core/render/run-id.js';
import { ErrandError, isErrandError } from '../../../core/errors.js';
import { type RunEvent, wasPassedOver } from '../../../core/run/events.js';
import type { AuditFact } from '../../../core/tenant/audit.js';
import type { Principal } from '../../../core/tenant/principal.js';
import { isTerminal, type Run } from '../../../core/run/run.js';
import { findRetry, type RetriedNodes } from '../../../workflow/progress/find-retry.js';
import type { RetryRunParams } from '../../interface/services.js';
import type { ServiceDeps } from '../../use-case/deps.js';
import { checkIdempotencyKey } from '../../use-case/make-once.js';
import { runFact } from '../../audit/run-fact.js';
import { requireScope } from '../../use-case/require-scope.js';
import { readRunLog } from '../read-run-log.js';
import { explainShortage, reserveCredits } from '../../billing/ledger.js';
import { getRun } from '../runs.js';

/**
 * Runs again what failed of a run and what depends on it: record, event and reservation are one transaction, like those
 * of a new run.
 */
export async function retryRun(deps: ServiceDeps, caller: Principal, params: RetryRunParams): Promise<Run> {
  requireScope(caller, 'run');
  const { runId, idempotencyKey } = params;
  if (idempotencyKey !== undefined) checkIdempotencyKey(idempotencyKey);
  const seen = await getRun(deps, caller, runId);
  if (isRepeat(seen, params)) return seen;
  try {
    return await recordRetry(deps, caller, { seen, idempotencyKey });
  } catch (error) {
    // The same call may have got ahead.
    const latest = isErrandError(error) ? await getRun(deps, caller, runId) : null;
    if (latest !== null && isRepeat(latest, params)) return latest;
    throw error;
  }
}

function isRepeat({ retries }: Run, { idempotencyKey }: RetryRunParams): boolean {
  return idempotencyKey !== undefined && retries?.idempotencyKey === idempotencyKey;
}

async function recordRetry(
  deps: ServiceDeps,
  caller: Principal,
  { seen, idempotencyKey }: { readonly seen: Run; readonly idempotencyKey: string | undefined },
): Promise<Run> {
  assertRetryable(seen);
  await deps.engine.assertAccepting();
  const nodes = await planRetry(deps, seen);
  const at = Math.max(deps.clock.now(), seen.completedAt ?? 0);
  const call = idempotencyKey === undefined ? {} : { idempotencyKey };
  const event: RunEvent = { kind: 'run.retried', ...nodes, ...call, seq: seen.version + 1, at };
  const run = applyEvent(seen, event);
  const change = { runId: run.id, action: 'run.retry', before: seen.status, after: run.status };
  await record(deps, { run, event, audit: runFact(deps, caller, change) });
  deps.notifier.publish({ runId: run.id, version: run.version, run });
  await deps.engine.dispatch({ run, epoch: null, start: null });
  return run;
}

async function record(
  deps: ServiceDeps,
  { run, event, audit }: { readonly run: Run; readonly event: RunEvent; readonly audit: AuditFact },
): Promise<void> {
  const billingDay = await deps.billingDays.of(run.organizationId);
  const movement = reserveCredits(run, { id: deps.newId(), at: event.at, billingDay });
  const telling = deps.creditAlerts?.prepare(run.organizationId, billingDay);
  const commit = {
    run,
    events: [event],
    epoch: null,
    created: null,
    movement,
    tellMark: telling?.tellMark,
    usage: [],
    rewritten: [],
    clearsOutcome: true,
    audit: [audit],
  };
  try {
    // What was read of it before holds only while nothing has changed.
    if ((await deps.store.runs.commit(commit)) !== 'kept') throw beingRetried();
    telling?.sent();
  } catch (error) {
    throw explainShortage(error, run);
  }
}

function assertRetryable(run: Run): void {
  if (!isTerminal(run.status)) throw new ErrandError('conflict', `The run cannot be retried: it is ${run.status}.`);
  if (run.status === 'completed') {
    throw new ErrandError(
      'conflict',
      'The run cannot be retried: it is completed. Rerun it to have its work done again.',
    );
  }
  if (run.parent !== undefined) {
    throw new ErrandError(
      'conflict',
      `The run cannot be retried by itself: node ${run.parent.nodeId} of run ${renderRunId(run.parent.runId)} started it. Retry that run.`,
    );
  }
}

async function planRetry(deps: ServiceDeps, run: Run): Promise<RetriedNodes> {
  const plan = await deps.catalog.planOf({ workflowId: workflowKeyOfRun(run), version: run.workflowVersion });
  const passedOver = await findPassedOver(deps, run);
  const retry = findRetry({ plan, nodes: run.nodes, passedOver });
  if (retry.resumed.length > 0) return retry;
  throw new ErrandError(
    'conflict',
    'The run cannot be retried: none of its nodes has failed, so the same would come of it. Rerun it, with another input or on a newer version.',
  );
}

/** The nodes whose latest end was to be skipped because the run failed. */
async function findPassedOver(deps: ServiceDeps, run: Run): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const skipped = new Set(run.nodes.filter(({ status }) => status === 'skipped').map(({ id }) => id));
  if (skipped.size === 0) return found;
  for await (const event of readRunLog(deps, run.id)) {
    if (event.kind !== 'node.skipped' || !skipped.has(event.nodeId)) continue;
    if (wasPassedOver(event)) found.add(event.nodeId);
    else found.delete(event.nodeId);
  }
  return found;
}

function beingRetried(): ErrandError {
  return new ErrandError('conflict', 'The run cannot be retried: somebody else is retrying it just now.');
}
