import type { DeleteRunsParams, EndedRun, ListEndedParams } from '../../../core/ports/store/retention-store.js';
import type { RunStatus } from '../../../core/run/run.js';
import type { SqliteConnection } from '../connection/connection.js';
import { ENDED, isUnfinished } from './search/list-runs-sql.js';
import type { RunningTotals } from '../caches/running-totals.js';
import { decodeText, encodeText } from '../connection/text.js';
import type { RunPiecesTable } from './long-texts/run-pieces-table.js';

interface StateRow {
  readonly organization_id: string;
  readonly workflow_id: string;
  readonly status: RunStatus;
  readonly completed_at: number | null;
  readonly parent_status: RunStatus | null;
}

const LIST_ENDED = `
  SELECT id, created_at, completed_at FROM runs INDEXED BY runs_ended
  WHERE organization_id = ? AND status = ? AND ${ENDED} AND id > ? ORDER BY id LIMIT ?`;
const SELECT_STATE = `
  SELECT organization_id, workflow_id, status, completed_at,
    (SELECT status FROM runs AS parents WHERE parents.id = runs.origin ->> '$.parent.runId') AS parent_status
  FROM runs WHERE id = ?`;
const DELETE_RUN = 'DELETE FROM runs WHERE id = ?';
const DELETE_OUTPUT = 'DELETE FROM run_outputs WHERE run_id = ?';
const DELETE_DRIVES = 'DELETE FROM run_drives WHERE run_id = ?';
const DELETE_TERMS = 'DELETE FROM run_terms WHERE run_id = ?';
const DELETE_BUDGET = 'DELETE FROM run_budgets WHERE run_id = ?';
const INSERT_DELETED = 'INSERT INTO deleted_runs (run_id) VALUES (?) ON CONFLICT DO NOTHING';
/** Of those that have texts in pieces; by steps from one to the next, as each may have many. */
const INSERT_UNMADE = `
  WITH RECURSIVE found (id) AS (
    SELECT min(run_id) FROM run_pieces
    UNION ALL
    SELECT (SELECT min(run_id) FROM run_pieces WHERE run_id > found.id) FROM found WHERE found.id IS NOT NULL
  )
  INSERT INTO deleted_runs (run_id)
  SELECT id FROM found WHERE id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM runs WHERE runs.id = found.id)
  ON CONFLICT DO NOTHING`;
const SELECT_DELETED = 'SELECT run_id FROM deleted_runs LIMIT 1';
const DELETE_LOG = `
  DELETE FROM run_log
  WHERE run_id = ?1 AND last_seq IN (SELECT last_seq FROM run_log WHERE run_id = ?1 ORDER BY last_seq LIMIT ?2)`;
const DELETE_DELETED = 'DELETE FROM deleted_runs WHERE run_id = ?';

/**
 * Removes ended runs: their rows at once, their logs bit by bit, so that no transaction takes long however long a log
 * is.
 */
export class DeletedRunsTable {
  readonly #db: SqliteConnection;
  readonly #pieces: RunPiecesTable;
  readonly #totals: RunningTotals;

  constructor(db: SqliteConnection, pieces: RunPiecesTable, totals: RunningTotals) {
    this.#db = db;
    this.#pieces = pieces;
    this.#totals = totals;
  }

  /** Oldest first. */
  listEnded({ organizationId, status, afterId, limit }: ListEndedParams): EndedRun[] {
    const rows = this.#db.all(LIST_ENDED, encodeText(organizationId), status, encodeText(afterId ?? ''), limit) as {
      id: string;
      created_at: number;
      completed_at: number | null;
    }[];
    return rows.map((row) => ({
      id: decodeText(row.id),
      createdAt: row.created_at,
      completedAt: row.completed_at ?? row.created_at,
    }));
  }

  delete({ organizationId, runIds, completedBefore }: DeleteRunsParams): number {
    let deleted = 0;
    for (const runId of runIds) {
      const id = encodeText(runId);
      const row = this.#db.get(SELECT_STATE, id) as StateRow | undefined;
      if (row === undefined || decodeText(row.organization_id) !== organizationId) continue;
      if (isUnfinished(row.status) || (completedBefore !== null && (row.completed_at ?? 0) > completedBefore)) continue;
      // Whoever started it may not have seen yet what became of it.
      if (row.parent_status !== null && isUnfinished(row.parent_status)) continue;
      this.#db.run(DELETE_RUN, id);
      this.#db.run(DELETE_OUTPUT, id);
      this.#db.run(DELETE_DRIVES, id);
      this.#db.run(DELETE_TERMS, id);
      this.#db.run(DELETE_BUDGET, id);
      this.#db.run(INSERT_DELETED, id);
      const workflowId = decodeText(row.workflow_id);
      this.#totals.countRun({ organizationId, workflowId }, row.status, -1);
      deleted += 1;
    }
    return deleted;
  }

  /** For a run that was refused when it was to be made, and what was written of it beforehand. */
  discard(runId: string): void {
    this.#db.run(INSERT_DELETED, encodeText(runId));
  }

  /** The same for those that an earlier process has not come to make. */
  discardUnmade(): void {
    this.#db.run(INSERT_UNMADE);
  }

  /** True when there may be more. */
  purge({ limit }: { readonly limit: number }): boolean {
    // A piece takes as long to delete as a row of the log may.
    for (let left = limit; left > 0;) {
      const row = this.#db.get(SELECT_DELETED) as { run_id: string } | undefined;
      if (row === undefined) return false;
      const pieces = this.#pieces.deleteSome(row.run_id, left);
      const gone = pieces < left ? pieces + this.#db.run(DELETE_LOG, row.run_id, left - pieces) : pieces;
      if (gone < left) this.#db.run(DELETE_DELETED, row.run_id);
      left -= gone + 1;
    }
    return true;
  }
}
