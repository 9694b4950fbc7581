import { ErrandError } from '../../../core/errors.js';
import type { CreditAccount } from '../../../core/ports/store/credit-store.js';
import type { CommitOutcome, CommitRunParams } from '../../../core/ports/store/run-store.js';
import type { CreditMovement } from '../../../core/run/credits.js';
import { judgeCommit } from '../../rows/judge-commit.js';
import type { Sql } from '../connection/sql.js';
import { creditsTable } from '../tables/credits-table.js';
import { modelUsageTable } from '../tables/model-usage-table.js';
import { runCountsTable, type CountChange } from '../tables/run-counts-table.js';
import { runLogTable } from '../tables/run-log-table.js';
import { deliveriesTable } from '../tables/webhooks/deliveries-table.js';
import { isWrittenWhole, runsTable, type RunState } from '../tables/runs-table.js';

export type Verdict =
  { readonly ok: true; readonly outcome: CommitOutcome } | { readonly ok: false; readonly error: unknown };

/** A commit that is kept, and what it goes on from; null when it makes its run. */
interface Kept {
  readonly params: CommitRunParams;
  readonly state: RunState | null;
}

/**
 * Writes all that several commits hold, each of another run, with one statement for each table; tells of each what
 * became of it. Throws when one of them cannot be written: then none is. Locks are taken in one order (runs, accounts),
 * so that two batches never wait for each other.
 */
export async function writeCommits(sql: Sql, batch: readonly CommitRunParams[], shard: number): Promise<Verdict[]> {
  const states = await lockRuns(sql, batch);
  const verdicts = batch.map((params): Verdict => judge(states, params));
  const accounts = await lockAccounts(sql, batch, verdicts);
  const moved = new Set<string>();
  const movements: CreditMovement[] = [];
  const kept: Kept[] = [];
  batch.forEach((params, index) => {
    if (!isKept(verdicts[index])) return;
    try {
      if (params.movement !== null) {
        movements.push(move(accounts, params.movement));
        moved.add(params.movement.organizationId);
      }
      kept.push({ params, state: states.get(params.run.id) ?? null });
    } catch (error) {
      verdicts[index] = { ok: false, error };
    }
  });
  await writeRuns(sql, kept, shard);
  if (movements.length > 0) {
    await creditsTable.insertMovements(sql, movements);
    await creditsTable.updateAccounts(
      sql,
      [...moved].flatMap((organizationId) => accounts.get(organizationId) ?? []),
    );
  }
  await writeUsage(sql, kept);
  await writeDeliveries(sql, kept);
  return verdicts;
}

async function lockRuns(sql: Sql, batch: readonly CommitRunParams[]): Promise<Map<string, RunState>> {
  const ids = batch.filter(({ created }) => created === null).map(({ run }) => run.id);
  const states = ids.length === 0 ? [] : await runsTable.lock(sql, ids);
  return new Map(states.map((state) => [state.id, state]));
}

function judge(states: ReadonlyMap<string, RunState>, params: CommitRunParams): Verdict {
  if (params.created !== null) return { ok: true, outcome: 'kept' };
  try {
    return { ok: true, outcome: judgeCommit(states.get(params.run.id) ?? null, params) };
  } catch (error) {
    return { ok: false, error };
  }
}

function isKept(verdict: Verdict | undefined): boolean {
  return verdict?.ok === true && verdict.outcome === 'kept';
}

async function lockAccounts(
  sql: Sql,
  batch: readonly CommitRunParams[],
  verdicts: readonly Verdict[],
): Promise<Map<string, CreditAccount>> {
  const ids = new Set<string>();
  batch.forEach(({ movement }, index) => {
    if (movement !== null && isKept(verdicts[index])) ids.add(movement.organizationId);
  });
  const accounts = ids.size === 0 ? [] : await creditsTable.lockAccounts(sql, [...ids]);
  return new Map(accounts.map((account) => [account.organizationId, account]));
}

/** Changes the account in `accounts`; gives the movement with the month in which it counts. */
function move(accounts: Map<string, CreditAccount>, movement: CreditMovement): CreditMovement {
  const { organizationId, kind, reservedDelta, usedDelta } = movement;
  const found = accounts.get(organizationId);
  if (found === undefined) {
    throw new ErrandError('not_found', `Organization ${organizationId} has no credit account.`);
  }
  // A clock that went back to an earlier month must not undo the later one's usage: it counts in the later one.
  const account = movement.month > found.month ? { ...found, used: 0, month: movement.month } : found;
  const { monthlyLimit, reserved, used, month } = account;
  if (kind === 'reserve' && monthlyLimit - used - reserved < reservedDelta) {
    throw new ErrandError('insufficient_credits', `Fewer than ${reservedDelta} credits are available.`);
  }
  accounts.set(organizationId, { ...account, reserved: reserved + reservedDelta, used: used + usedDelta });
  return { ...movement, month };
}

async function writeRuns(sql: Sql, kept: readonly Kept[], shard: number): Promise<void> {
  if (kept.length === 0) return;
  const made = kept.flatMap(({ params: { run, created } }) => (created === null ? [] : [{ run, ...created }]));
  if (made.length > 0) await runsTable.insert(sql, made);
  const [whole, versions] = changesOf(kept);
  if (whole.length > 0) await runsTable.update(sql, whole);
  if (versions.length > 0) await runsTable.updateVersions(sql, versions);
  await runLogTable.append(
    sql,
    kept.map(({ params: { run, events } }) => ({ organizationId: run.organizationId, runId: run.id, events })),
  );
  const counts = kept.flatMap(countChanges);
  if (counts.length > 0) await runCountsTable.add(sql, counts, shard);
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

/** A statement takes 65,535 values at most. */
const DELIVERIES_AT_ONCE = 1_000;

async function writeDeliveries(sql: Sql, kept: readonly Kept[]): Promise<void> {
  const deliveries = kept.flatMap(({ params }) => params.deliveries ?? []);
  for (let index = 0; index < deliveries.length; index += DELIVERIES_AT_ONCE)
    await deliveriesTable.insert(sql, deliveries.slice(index, index + DELIVERIES_AT_ONCE));
}
