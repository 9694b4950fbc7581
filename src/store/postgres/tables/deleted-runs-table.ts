import type { DeleteRunsParams, EndedRun, ListEndedParams } from '../../../core/ports/store/retention-store.js';
import type { RunStatus } from '../../../core/run/run.js';
import { decodeText, encodeText } from '../../rows/text.js';
import { first, type Sql } from '../connection/sql.js';
import { runCountsTable } from './run-counts-table.js';

interface EndedRow {
  readonly id: string;
  readonly created_at: number;
  readonly completed_at: number | null;
}

const LIST_ENDED = `
  SELECT id, created_at, completed_at FROM runs
  WHERE organization_id = $1 AND status = $2 AND id > $3 ORDER BY id LIMIT $4`;
/** Whoever started a run may not have seen yet what became of it: it stays as long as that one goes on. */
const DELETE = `
  WITH gone AS (
    DELETE FROM runs WHERE organization_id = $1 AND id = ANY($2::text[]) AND status NOT IN ('pending', 'running')
      AND ($3::bigint IS NULL OR coalesce(completed_at, 0) <= $3)
      AND NOT EXISTS (
        SELECT 1 FROM runs AS parents
        WHERE parents.id = runs.origin::json #>> '{parent,runId}' AND parents.status IN ('pending', 'running')
      )
    RETURNING id, workflow_id, status
  ), found AS (
    DELETE FROM run_terms WHERE run_id IN (SELECT id FROM gone)
  ), bounded AS (
    DELETE FROM run_budgets WHERE run_id IN (SELECT id FROM gone)
  ), noted AS (
    INSERT INTO deleted_runs (organization_id, run_id) SELECT $1, id FROM gone ON CONFLICT DO NOTHING
  )
  SELECT workflow_id, status FROM gone`;
const SELECT_DELETED = 'SELECT run_id FROM deleted_runs LIMIT 1';
const DELETE_LOG = `
  DELETE FROM run_log
  WHERE run_id = $1 AND last_seq IN (SELECT last_seq FROM run_log WHERE run_id = $1 ORDER BY last_seq LIMIT $2)`;
const DELETE_DELETED = 'DELETE FROM deleted_runs WHERE run_id = $1';

/**
 * Removes ended runs: their rows at once, their logs bit by bit, so that no transaction takes long however long a log
 * is.
 */
export const deletedRunsTable = {
  /** Oldest first. */
  async listEnded(sql: Sql, { organizationId, status, afterId, limit }: ListEndedParams): Promise<EndedRun[]> {
    const rows = await sql.all(LIST_ENDED, [encodeText(organizationId), status, encodeText(afterId ?? ''), limit]);
    return (rows as EndedRow[]).map((row) => ({
      id: decodeText(row.id),
      createdAt: row.created_at,
      completedAt: row.completed_at ?? row.created_at,
    }));
  },

  /** In a transaction. */
  async delete(
    sql: Sql,
    { organizationId, runIds, completedBefore }: DeleteRunsParams,
    shard: number,
  ): Promise<number> {
    const rows = await sql.all(DELETE, [encodeText(organizationId), runIds.map(encodeText), completedBefore]);
    const gone = rows as readonly { readonly workflow_id: string; readonly status: RunStatus }[];
    const changes = gone.map(({ workflow_id: workflowId, status }) => ({
      organizationId,
      workflowId: decodeText(workflowId),
      status,
      delta: -1,
    }));
    if (changes.length > 0) await runCountsTable.add(sql, changes, shard);
    return gone.length;
  },

  /** In a transaction. True when there may be more. */
  async purge(sql: Sql, { limit }: { readonly limit: number }): Promise<boolean> {
    for (let left = limit; left > 0;) {
      const row = (await first(sql, SELECT_DELETED, [])) as { run_id: string } | undefined;
      if (row === undefined) return false;
      const gone = await sql.run(DELETE_LOG, [row.run_id, left]);
      if (gone < left) await sql.run(DELETE_DELETED, [row.run_id]);
      left -= gone + 1;
    }
    return true;
  },
};
