import type { OtherCall } from '../load/other-calls.js';
import type { Records } from '../records.js';
import type { Verdict } from './verdict.js';

/** A server keeps the latest hundred, among them those whose answers were lost, and in the order of their making. */
const KEPT_JOBS = 90;

/** That each top-up is in the ledger once, and that each bulk job has come to its end. */
export function checkOthers(verdict: Verdict, others: readonly OtherCall[], { movements, bulkJobs }: Records): void {
  const topUps = movements.filter(({ kind }) => kind === 'top_up');
  const kept = new Set(others.filter(({ kind }) => kind === 'bulk_job').slice(-KEPT_JOBS));
  for (const other of others) {
    const { kind, key, body, jobId } = other;
    if (kind === 'bulk_job') {
      if (!kept.has(other)) continue;
      const job = bulkJobs.find(({ id }) => id === jobId);
      verdict.hold(
        'bulk jobs acknowledged have come to their end',
        job?.status === 'completed' && job.refused === 0,
        () => `${key} (${jobId}): ${JSON.stringify(job)}`,
      );
      continue;
    }
    const rows = topUps.filter((row) => row.idempotency_key === key);
    verdict.hold(
      'top-ups acknowledged are in the ledger once',
      rows.length === 1 && rows[0]?.topped_up_delta === body['credits'],
      () => `${key} of ${String(body['credits'])}: ${JSON.stringify(rows)}`,
    );
  }
  const keys = new Set(others.map(({ key }) => key));
  for (const row of topUps)
    verdict.hold('top-ups there were asked for', keys.has(row.idempotency_key ?? ''), () => JSON.stringify(row));
}
