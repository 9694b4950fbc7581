import { bare } from './client.js';
import { groupBy } from './group-by.js';
import type { Records } from './records.js';
import type { Verdict } from './verdict.js';
import { FLOWS } from './workload.js';

/** What a run must have cost, given how it ended. */
function priceOf(workflow: string, status: string): number {
  const credits = FLOWS[workflow]?.credits ?? -1;
  if (status === 'completed') return credits;
  // One of two agents.
  return status === 'partial_complete' ? credits / 2 : 0;
}

export function checkLedger(verdict: Verdict, { runs, movements, credits }: Records): void {
  const byRun = groupBy(movements, (movement) => bare(movement.run_id));
  for (const { run, record } of runs.values()) {
    const own = byRun.get(run) ?? [];
    const reserved = own.filter((movement) => movement.kind === 'reserve');
    const settled = own.filter((movement) => movement.kind === 'settle');
    const price = priceOf(record.workflow_id, record.status);
    verdict.hold(
      'runs were reserved for once and settled once',
      own.length === 2 &&
        reserved.length === 1 &&
        reserved[0]?.reserved_delta === record.credits_reserved &&
        settled[0]?.reserved_delta === -record.credits_reserved &&
        settled[0].used_delta === price &&
        record.credits_consumed === price,
      () => `${run} (${record.workflow_id}, ${record.status}): ${JSON.stringify(own)}`,
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
