import { ErrandError } from '../../../core/errors.js';
import type { CreditAccount, TellMark } from '../../../core/ports/store/credit-store.js';
import type { Delivery } from '../../../core/webhooks/delivery.js';
import type { CommitRunParams, CommitVerdict } from '../../../core/ports/store/run-store.js';
import type { CreditMovement } from '../../../core/run/credits.js';
import type { SharedBudget } from '../../../core/models/shared-budget.js';
import { runBudgetsTable } from '../tables/credits/run-budgets-table.js';
import { useBudgets } from '../../rows/credits/use-budgets.js';
import { moveCredits, type Moved } from '../../rows/credits/move-credits.js';
import { judgeCommit } from '../../rows/judge-commit.js';
import type { Sql } from '../connection/sql.js';
import { auditTable } from '../tables/audit-table.js';
import { creditsTable } from '../tables/credits-table.js';
import { eventsTable } from '../tables/events/events-table.js';
import { modelUsageTable } from '../tables/model-usage-table.js';
import { runCountsTable, type CountChange } from '../tables/run-counts-table.js';
import { dayChangesOf } from './day-changes.js';
import { writeMail } from './write-mail.js';
import { runDaysTable } from '../tables/run-days-table.js';
import { runLogTable } from '../tables/run-log-table.js';
import { runTermsTable } from '../tables/search/run-terms-table.js';
import { deliveriesTable } from '../tables/webhooks/deliveries-table.js';
import { isWrittenWhole, runsTable, type RunState } from '../tables/runs-table.js';

/** A commit that is kept, and what it goes on from; null when it makes its run. */
interface Kept {
  readonly params: CommitRunParams;
  readonly state: RunState | null;
}

/**
 * Writes all that several commits hold, each of another run, with one statement for each table; tells of each what
 * became of it. Throws when one of them cannot be written: then none is. Locks are taken in one order (runs, accounts,
 * trails), so that two batches never wait for each other.
 */
export async function writeCommits(
  sql: Sql,
  batch: readonly CommitRunParams[],
  shard: number,
): Promise<CommitVerdict[]> {
  const states = await lockRuns(sql, batch);
  const verdicts = batch.map((params): CommitVerdict => judge(states, params));
  const accounts = await lockAccounts(sql, batch, verdicts);
  const budgets = await lockBudgets(sql, batch, verdicts);
  const changedBudgets = new Set<string>();
  const moved = new Set<string>();
  const movements: CreditMovement[] = [];
  const told: Delivery[] = [];
  const kept: Kept[] = [];
  batch.forEach((params, index) => {
    if (!isKept(verdicts[index])) return;
    try {
      const used = useBudgets(params, budgetsOf(params, budgets));
      if (params.movement !== null) {
        const { movement, deliveries } = move(accounts, params.movement, params.tellMark);
        movements.push(movement);
        told.push(...deliveries);
        moved.add(params.movement.organizationId);
      }
      for (const budget of used) {
        budgets.set(budget.runId, budget);
        changedBudgets.add(budget.runId);
      }
      kept.push({ params, state: states.get(params.run.id) ?? null });
    } catch (error) {
      verdicts[index] = { ok: false, error };
    }
  });
  const changed = [...moved].flatMap((organizationId) => accounts.get(organizationId) ?? []);
  const runs = await prepareRuns(kept);
  const days = await dayChangesOf(sql, kept);
  await sendTogether([
    ...writeRuns(sql, kept, runs, shard),
    ...writeMovements(sql, movements, changed),
    runBudgetsTable.save(
      sql,
      [...changedBudgets].flatMap((runId) => budgets.get(runId) ?? []),
    ),
    ...(days.length > 0 ? [runDaysTable.add(sql, days, shard)] : []),
    writeUsage(sql, kept),
    writeDeliveries(sql, kept, told),
    writeMail(sql, kept),
    writeTerms(sql, kept),
  ]);
  for (const { params } of kept) await writeEventChanges(sql, params);
  await writeAudit(sql, kept);
  return verdicts;
}

/**
 * Statements on one connection, which are carried out in the order in which they were sent, none of which needs the
 * answer to another. Throws as the first that failed: those behind it fail for that alone.
 */
async function sendTogether(statements: readonly Promise<unknown>[]): Promise<void> {
  for (const result of await Promise.allSettled(statements)) if (result.status === 'rejected') throw result.reason;
}

function writeMovements(
  sql: Sql,
  movements: readonly CreditMovement[],
  accounts: readonly CreditAccount[],
): Promise<void>[] {
  if (movements.length === 0) return [];
  return [creditsTable.insertMovements(sql, movements), creditsTable.updateAccounts(sql, accounts)];
}

async function lockRuns(sql: Sql, batch: readonly CommitRunParams[]): Promise<Map<string, RunState>> {
  const ids = batch.filter(({ created }) => created === null).map(({ run }) => run.id);
  const states = ids.length === 0 ? [] : await runsTable.lock(sql, ids);
  return new Map(states.map((state) => [state.id, state]));
}

function judge(states: ReadonlyMap<string, RunState>, params: CommitRunParams): CommitVerdict {
  if (params.created !== null) return { ok: true, outcome: 'kept' };
  try {
    return { ok: true, outcome: judgeCommit(states.get(params.run.id) ?? null, params) };
  } catch (error) {
    return { ok: false, error };
  }
}

function isKept(verdict: CommitVerdict | undefined): boolean {
  return verdict?.ok === true && verdict.outcome === 'kept';
}

async function lockAccounts(
  sql: Sql,
  batch: readonly CommitRunParams[],
  verdicts: readonly CommitVerdict[],
): Promise<Map<string, CreditAccount>> {
  const ids = new Set<string>();
  batch.forEach(({ movement }, index) => {
    if (movement !== null && isKept(verdicts[index])) ids.add(movement.organizationId);
  });
  const accounts = ids.size === 0 ? [] : await creditsTable.lockAccounts(sql, [...ids]);
  return new Map(accounts.map((account) => [account.organizationId, account]));
}

/** The shared budgets that these commits draw from, by their runs. Most draw from none. */
async function lockBudgets(
  sql: Sql,
  batch: readonly CommitRunParams[],
  verdicts: readonly CommitVerdict[],
): Promise<Map<string, SharedBudget>> {
  const ids = new Set(batch.flatMap(({ run }, index) => (isKept(verdicts[index]) ? (run.sharedBudgets ?? []) : [])));
  const budgets = ids.size === 0 ? [] : await runBudgetsTable.lock(sql, [...ids]);
  return new Map(budgets.map((budget) => [budget.runId, budget]));
}

function budgetsOf({ run }: CommitRunParams, budgets: ReadonlyMap<string, SharedBudget>): readonly SharedBudget[] {
  return (run.sharedBudgets ?? []).flatMap((runId) => budgets.get(runId) ?? []);
}

/** Changes the account in `accounts`; gives the movement as it is kept, and what others are to be told of it. */
function move(accounts: Map<string, CreditAccount>, movement: CreditMovement, tellMark: TellMark | undefined): Moved {
  const { organizationId } = movement;
  const found = accounts.get(organizationId);
  if (found === undefined) {
    throw new ErrandError('not_found', `Organization ${organizationId} has no credit account.`);
  }
  const moved = moveCredits(found, movement, tellMark);
  accounts.set(organizationId, moved.account);
  return moved;
}

type PreparedRuns = Awaited<ReturnType<typeof prepareRuns>>;

/** What may be long is made before anything is sent, as that takes more than a turn of the event loop. */
async function prepareRuns(kept: readonly Kept[]) {
  const made = kept.flatMap(({ params: { run, created } }) => (created === null ? [] : [{ run, ...created }]));
  const [whole, versions] = changesOf(kept);
  const logs = kept.map(({ params: { run, events } }) => ({
    organizationId: run.organizationId,
    runId: run.id,
    events,
  }));
  return {
    made,
    versions,
    inserted: made.length === 0 ? null : await runsTable.prepareInsert(made),
    updated: whole.length === 0 ? null : await runsTable.prepareUpdate(whole),
    logs: logs.length === 0 ? null : await runLogTable.prepare(logs),
  };
}

function writeRuns(sql: Sql, kept: readonly Kept[], prepared: PreparedRuns, shard: number): Promise<void>[] {
  const { made, versions, inserted, updated, logs } = prepared;
  const counts = kept.flatMap(countChanges);
  return [
    ...(inserted === null ? [] : [runsTable.insert(sql, made, inserted)]),
    ...(updated === null ? [] : [runsTable.update(sql, updated)]),
    ...(versions.length > 0 ? [runsTable.updateVersions(sql, versions)] : []),
    ...(logs === null ? [] : [runLogTable.append(sql, logs)]),
    ...(counts.length > 0 ? [runCountsTable.add(sql, counts, shard)] : []),
    rewriteLogs(sql, kept),
  ];
}

async function rewriteLogs(sql: Sql, kept: readonly Kept[]): Promise<void> {
  for (const { params } of kept) {
    if (params.rewritten.length > 0) await runLogTable.rewrite(sql, params.run.id, params.rewritten);
  }
}

function changesOf(kept: readonly Kept[]) {
  const whole: { run: CommitRunParams['run']; isTakenOver: boolean }[] = [];
  const versions: CommitRunParams['run'][] = [];
  for (const { params, state } of kept) {
    const { run, epoch } = params;
    if (state === null) continue;
    if (epoch === null || isWrittenWhole(run, state)) whole.push({ run, isTakenOver: epoch === null });
    else versions.push(run);
  }
  return [whole, versions] as const;
}

function countChanges({ params: { run }, state }: Kept): CountChange[] {
  const { organizationId, workflowId, status } = run;
  if (state?.status === status) return [];
  const added = { organizationId, workflowId, status, delta: 1 };
  return state === null ? [added] : [added, { ...added, status: state.status, delta: -1 }];
}

async function writeUsage(sql: Sql, kept: readonly Kept[]): Promise<void> {
  const uses = kept.flatMap(({ params: { run, usage } }) =>
    usage.map((use) => ({ ...use, organizationId: run.organizationId })),
  );
  if (uses.length > 0) await modelUsageTable.add(sql, uses);
}

async function writeTerms(sql: Sql, kept: readonly Kept[]): Promise<void> {
  const cleared = kept.flatMap(({ params: { run, clearsOutcome } }) => (clearsOutcome === true ? [run.id] : []));
  if (cleared.length > 0) await runTermsTable.clearOutcome(sql, cleared);
  const found = kept.flatMap(({ params: { run, terms = [] } }) =>
    terms.length === 0 ? [] : [{ organizationId: run.organizationId, runId: run.id, terms }],
  );
  if (found.length > 0) await runTermsTable.insert(sql, found);
}

async function writeEventChanges(sql: Sql, { run, eventChanges }: CommitRunParams): Promise<void> {
  if (eventChanges === undefined) return;
  await eventsTable.change(sql, { organizationId: run.organizationId, runId: run.id }, eventChanges);
}

/** Last: who holds the lock of a trail waits for no other lock. */
async function writeAudit(sql: Sql, kept: readonly Kept[]): Promise<void> {
  const all = kept.flatMap(({ params: { run, audit } }) =>
    audit === undefined || audit.length === 0 ? [] : [{ organizationId: run.organizationId, facts: audit }],
  );
  if (all.length > 0) await auditTable.record(sql, all);
}

/** A statement takes 65,535 values at most. */
const DELIVERIES_AT_ONCE = 1_000;

async function writeDeliveries(sql: Sql, kept: readonly Kept[], told: readonly Delivery[]): Promise<void> {
  const deliveries = [...kept.flatMap(({ params }) => params.deliveries ?? []), ...told];
  for (let index = 0; index < deliveries.length; index += DELIVERIES_AT_ONCE)
    await deliveriesTable.insert(sql, deliveries.slice(index, index + DELIVERIES_AT_ONCE));
}
