import type { ListRunsQuery } from '../../../core/ports/store/run-store.js';
import type { RunStatus } from '../../../core/run/run.js';
import { encodeText } from '../../rows/text.js';
import { plannedOnce } from '../connection/prepared.js';
import { first, type Sql } from '../connection/sql.js';

export interface CountChange {
  readonly organizationId: string;
  readonly workflowId: string;
  readonly status: RunStatus;
  readonly delta: number;
}

/** Summed first, as a statement changes a row once; in one order, so that two statements never wait for each other. */
const ADD = plannedOnce(`
  INSERT INTO run_counts AS kept (organization_id, workflow_id, status, shard, count)
  SELECT organization_id, workflow_id, status, $5::bigint, sum(delta)
  FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) AS changed (organization_id, workflow_id, status, delta)
  GROUP BY organization_id, workflow_id, status HAVING sum(delta) <> 0
  ORDER BY organization_id COLLATE "C", workflow_id COLLATE "C", status COLLATE "C"
  ON CONFLICT (organization_id, workflow_id, status, shard) DO UPDATE SET count = kept.count + excluded.count`);

export const runCountsTable = {
  /** `shard`: of the writer, which shares its rows with nobody. */
  async add(sql: Sql, changes: readonly CountChange[], shard: number): Promise<void> {
    await sql.run(ADD, [
      changes.map(({ organizationId }) => encodeText(organizationId)),
      changes.map(({ workflowId }) => encodeText(workflowId)),
      changes.map(({ status }) => status),
      changes.map(({ delta }) => delta),
      shard,
    ]);
  },

  async count(sql: Sql, { organizationId, workflowId, status }: ListRunsQuery): Promise<number> {
    const values = [encodeText(organizationId)];
    let filter = 'organization_id = $1';
    if (workflowId !== undefined) filter += ` AND workflow_id = $${values.push(encodeText(workflowId))}`;
    if (status !== undefined) filter += ` AND status = $${values.push(status)}`;
    const text = `SELECT coalesce(sum(count), 0)::bigint AS total FROM run_counts WHERE ${filter}`;
    return ((await first(sql, text, values)) as { total: number }).total;
  },
};
