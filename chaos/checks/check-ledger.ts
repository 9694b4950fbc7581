import { bare } from '../client.js';
import { groupBy } from './group-by.js';
import type { Records } from '../records.js';
import type { Stretch, Stretches } from './stretches.js';
import type { Verdict } from './verdict.js';
import { FLOWS } from '../load/workload.js';

/** What a run must have cost by one of its ends, given what it had cost before. */
function priceOf(credits: number, end: string | undefined, before: number): number {
  if (end === 'run.completed') return credits;
  // One of two agents; what was paid is not given back.
  return end === 'run.partially_completed' ? Math.max(before, credits / 2) : before;
}

/**
 * The movements of a run, each as text: for each of its stretches, what it had not cost yet is reserved and then
 * settled.
 */
function expectedMovements(credits: number, stretches: readonly Stretch[]): { movements: string[]; price: number } {
  const movements: string[] = [];
  let price = 0;
  for (const { events } of stretches) {
    const held = credits - price;
    const next = priceOf(credits, events.at(-1)?.kind, price);
    if (held > 0) movements.push(`reserve ${held} 0`, `settle ${-held} ${next - price}`);
    price = next;
  }
  return { movements, price };
}

export function checkLedger(verdict: Verdict, { runs, movements, credits }: Records, stretches: Stretches): void {
  const byRun = groupBy(movements, (movement) => bare(movement.run_id));
  for (const { run, record } of runs.values()) {
    const own = byRun.get(run) ?? [];
    const expected = expectedMovements(FLOWS[record.workflow_id]?.credits ?? -1, stretches.of(run));
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
