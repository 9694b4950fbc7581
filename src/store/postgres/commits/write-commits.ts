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
import { allDone } from '../connection/all-done.js';
import type { Conclude } from '../connection/pool.js';
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
 * budgets, trails), so that two batches never wait for each other, and held for as few answers as can be: others wait
 * for those of accounts. `conclude`: what is done about the last statements; they are waited for when not given.
 */
export async function writeCommits(
  sql: Sql,
  batch: readonly CommitRunParams[],
  shard: number,
  conclude: Conclude = async (statements) => void (await allDone(statements)),
): Promise<CommitVerdict[]> {
  const [states, accounts, budgets] = await allDone([
    lockRuns(sql, batch),
    lockAccounts(sql, batch),
    lockBudgets(sql, batch),
  ]);
  const { verdicts, kept, changed } = decide(batch, { states, accounts, budgets });
  const runs = await prepareRuns(kept);
  const days = await dayChangesOf(sql, kept);
  const written = [
    ...writeRuns(sql, kept, runs, shard),
    ...writeMovements(sql, changed),
    runBudgetsTable.save(sql, changed.budgets),
    ...(days.length > 0 ? [runDaysTable.add(sql, days, shard)] : []),
    writeUsage(sql, kept),
    writeDeliveries(sql, kept, changed.told),
    writeMail(sql, kept),
    writeTerms(sql, kept),
  ];
  if (!kept.some(hasMore)) {
    await conclude(written);
    return verdicts;
  }
  await allDone(written);
  for (const { params } of kept) await writeEventChanges(sql, params);
  await writeAudit(sql, kept);
  return verdicts;
}

/** What nobody else changes before the transaction has ended, by run or organization. */
interface Locked {
  readonly states: ReadonlyMap<string, RunState>;
  readonly accounts: Map<string, CreditAccount>;
  readonly budgets: Map<string, SharedBudget>;
}

/** What commits change beside their runs. */
interface Changed {
  readonly movements: readonly CreditMovement[];
  readonly accounts: readonly CreditAccount[];
  readonly budgets: readonly SharedBudget[];
  /** Webhooks that are told of accounts. */
  readonly told: readonly Delivery[];
}

/** Which of them are kept, one after the other, and what that changes; `locked` is brought up to date. */
function decide(
  batch: readonly CommitRunParams[],
  { states, accounts, budgets }: Locked,
): { verdicts: CommitVerdict[]; kept: Kept[]; changed: Changed } {
  const changedBudgets = new Set<string>();
  const moved = new Set<string>();
  const movements: CreditMovement[] = [];
  const told: Delivery[] = [];
  const kept: Kept[] = [];
  const verdicts = batch.map((params): CommitVerdict => {
    const verdict = judge(states, params);
    if (!isKept(verdict)) return verdict;
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
      return verdict;
    } catch (error) {
      return { ok: false, error };
    }
  });
  const found = <T>(ids: ReadonlySet<string>, all: ReadonlyMap<string, T>): T[] =>
    [...ids].flatMap((id) => all.get(id) ?? []);
  return {
    verdicts,
    kept,
    changed: { movements, accounts: found(moved, accounts), budgets: found(changedBudgets, budgets), told },
  };
}

function writeMovements(sql: Sql, { movements, accounts }: Changed): Promise<void>[] {
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

async function lockAccounts(sql: Sql, batch: readonly CommitRunParams[]): Promise<Map<string, CreditAccount>> {
  const ids = new Set(batch.flatMap(({ movement }) => (movement === null ? [] : [movement.organizationId])));
  const accounts = ids.size === 0 ? [] : await creditsTable.lockAccounts(sql, [...ids]);
  return new Map(accounts.map((account) => [account.organizationId, account]));
}

/** The shared budgets that these commits draw from, by their runs. Most draw from none. */
async function lockBudgets(sql: Sql, batch: readonly CommitRunParams[]): Promise<Map<string, SharedBudget>> {
  const ids = new Set(batch.flatMap(({ run }) => run.sharedBudgets ?? []));
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
  const found = kept.flatMap(({ params: { run, terms = [] } }) =>
    terms.length === 0 ? [] : [{ organizationId: run.organizationId, runId: run.id, terms }],
  );
  await allDone([
    ...(cleared.length > 0 ? [runTermsTable.clearOutcome(sql, cleared)] : []),
    ...(found.length > 0 ? [runTermsTable.insert(sql, found)] : []),
  ]);
}

/** Whether it changes what waits for the answers to what was written before. */
function hasMore({ params: { eventChanges, audit, rewritten } }: Kept): boolean {
  return eventChanges !== undefined || rewritten.length > 0 || (audit !== undefined && audit.length > 0);
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
  const parts = Math.ceil(deliveries.length / DELIVERIES_AT_ONCE);
  const partOf = (index: number): Delivery[] =>
    deliveries.slice(index * DELIVERIES_AT_ONCE, (index + 1) * DELIVERIES_AT_ONCE);
  await allDone(Array.from({ length: parts }, (_, index) => deliveriesTable.insert(sql, partOf(index))));
}
