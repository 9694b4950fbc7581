import { bare } from '../client.js';
import { groupBy } from './group-by.js';
import type { Records } from '../records.js';
import type { Stretch, Stretches } from './stretches.js';
import type { Verdict } from './verdict.js';
import { type Expectation, FLOWS } from '../load/workload.js';

type Priced = Pick<Expectation, 'credits' | 'price'>;

/** What a run must have cost by the end of a stretch, given what it had cost before. */
function priceOf({ credits, price }: Priced, { events, items }: Stretch, before: number): number {
  const end = events.at(-1)?.kind;
  if (end === 'run.completed') {
    if (price === undefined) return credits;
    // In tenths, so that the sum is exact.
    const tenths = Math.round(price.base * 10) + Math.round(price.per_item * 10) * items;
    return Math.max(before, Math.min(credits, Math.ceil(tenths / 10)));
  }
  // One of two agents; what was paid is not given back.
  return end === 'run.partially_completed' ? Math.max(before, credits / 2) : before;
}

/**
 * The movements of a run, each as text: for each of its stretches, what it had not cost yet is reserved and then
 * settled.
 */
function expectedMovements(priced: Priced, stretches: readonly Stretch[]): { movements: string[]; price: number } {
  const movements: string[] = [];
  let price = 0;
  for (const stretch of stretches) {
    const held = priced.credits - price;
    const next = priceOf(priced, stretch, price);
    if (held > 0) movements.push(`reserve ${held} 0`, `settle ${-held} ${next - price}`);
    price = next;
  }
  return { movements, price };
}

/** That a run and those that it has started never had more reserved and used together than their workflow allows. */
function checkShared(verdict: Verdict, runs: Records['runs'], byRun: ReadonlyMap<string, Records['movements']>): void {
  const children = groupBy(runs.values(), ({ record }) => bare(record.parent?.run_id ?? ''));
  for (const { run, record } of runs.values()) {
    const limit = FLOWS[record.workflow_id]?.sharedCredits;
    if (limit === undefined) continue;
    const drawing = [run, ...(children.get(run) ?? []).map((child) => child.run)];
    const moved = drawing.flatMap((id) => byRun.get(id) ?? []);
    const use = moved.reduce((sum, { reserved_delta, used_delta }) => sum + reserved_delta + used_delta, 0);
    const third = record.nodes.find(({ id }) => id === 'three');
    verdict.hold(
      'shared budgets are not exceeded',
      use <= limit && (third?.error?.kind ?? 'budget_exceeded') === 'budget_exceeded' && third?.child_run_id === null,
      () => `${run}: ${use} of ${limit}, and its third node is ${JSON.stringify(third)}`,
    );
  }
}

export function checkLedger(verdict: Verdict, { runs, movements, credits }: Records, stretches: Stretches): void {
  const ofRuns = movements.filter(({ run_id }) => run_id !== null);
  const byRun = groupBy(ofRuns, (movement) => bare(movement.run_id ?? ''));
  for (const { run, record } of runs.values()) {
    const own = byRun.get(run) ?? [];
    const expected = expectedMovements(FLOWS[record.workflow_id] ?? { credits: -1 }, stretches.of(run));
    // The server lists the newest first.
    const moved = own.map(({ kind, reserved_delta, used_delta }) => `${kind} ${reserved_delta} ${used_delta}`);
    verdict.hold(
      'runs were reserved for once and settled once, and anew for each retry',
      JSON.stringify(moved.toReversed()) === JSON.stringify(expected.movements) &&
        record.credits_consumed === expected.price,
      () =>
        `${run} (${record.workflow_id}, ${record.status}): ${JSON.stringify(own)}, expected ${expected.movements.join(', ')}`,
    );
  }
  checkShared(verdict, runs, byRun);
  for (const run of byRun.keys())
    verdict.hold('runs in the ledger are there', runs.has(run), () => `${run} has moved credits and is lost`);
  const reserved = movements.reduce((sum, movement) => sum + movement.reserved_delta, 0);
  const used = movements.reduce((sum, movement) => sum + movement.used_delta, 0);
  verdict.hold(
    'balances are the sum of the ledger',
    reserved === 0 && credits.reserved === reserved && credits.used_this_month === used,
    () => `the ledger adds up to ${reserved} reserved and ${used} used, the account says ${JSON.stringify(credits)}`,
  );
}
