import { changesOfDays, type DayChange } from '../../../core/estimates/run-days.js';
import { isTerminal, type Run, type RunStatus } from '../../../core/run/run.js';
import { workflowKeyOfRun } from '../../../core/workflow/workflow-key.js';
import type { Sql } from '../connection/sql.js';
import { runDaysTable } from '../tables/run-days-table.js';

interface KeptCommit {
  readonly params: { readonly run: Run };
  /** What it goes on from; null when it makes its run. */
  readonly state: { readonly status: RunStatus } | null;
}

/** What commits change of the figures of days. Before they are written: what runs that are retried had come to is read. */
export async function dayChangesOf(sql: Sql, kept: readonly KeptCommit[]): Promise<readonly DayChange[]> {
  const ended = kept.flatMap(({ params, state }) =>
    state !== null && isTerminal(state.status) ? [params.run.id] : [],
  );
  const before = await runDaysTable.findEnded(sql, ended);
  return kept.flatMap(({ params: { run } }) => {
    const earlier = before.get(run.id) ?? null;
    return earlier !== null || isTerminal(run.status) ? changesOfDays(earlier, run, workflowKeyOfRun(run)) : [];
  });
}
