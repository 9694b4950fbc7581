import type { DayAmount, DayChange, EndedFacts } from '../../../core/estimates/run-days.js';
import type { ListDaysParams } from '../../../core/ports/store/day-store.js';
import { toListItem, type RunListRow } from '../../rows/run-row.js';
import { encodeText } from '../../rows/text.js';
import { plannedOnce } from '../connection/prepared.js';
import { first, type Sql } from '../connection/sql.js';
import { LISTED } from './runs-table.js';

/** Summed first, as a statement changes a row once; in one order, so that two statements never wait for each other. */
const ADD = plannedOnce(`
  INSERT INTO run_days AS kept (organization_id, workflow_id, day, measure, shard, amount)
  SELECT organization_id, workflow_id, day, measure, $6::bigint, sum(amount)
  FROM unnest($1::text[], $2::text[], $3::bigint[], $4::text[], $5::bigint[])
    AS changed (organization_id, workflow_id, day, measure, amount)
  GROUP BY organization_id, workflow_id, day, measure HAVING sum(amount) <> 0
  ORDER BY organization_id COLLATE "C", workflow_id COLLATE "C", day, measure COLLATE "C"
  ON CONFLICT (organization_id, workflow_id, day, measure, shard) DO UPDATE SET amount = kept.amount + excluded.amount`);
const LIST = `
  SELECT day, measure, sum(amount)::bigint AS amount FROM run_days
  WHERE organization_id = $1 AND workflow_id = $2 AND day >= $3
  GROUP BY day, measure HAVING sum(amount) <> 0 ORDER BY day, measure`;
const PURGE = `
  WITH gone AS (
    DELETE FROM run_days WHERE ctid = ANY(ARRAY(SELECT ctid FROM run_days WHERE day < $1 LIMIT $2)) RETURNING 1
  )
  SELECT count(*)::bigint AS gone FROM gone`;
const SELECT_ENDED = plannedOnce(`SELECT ${LISTED} FROM runs WHERE id = ANY($1::text[])`);

export const runDaysTable = {
  /** `shard`: of the writer, which shares its rows with nobody. */
  async add(sql: Sql, changes: readonly DayChange[], shard: number): Promise<void> {
    await sql.run(ADD, [
      changes.map(({ organizationId }) => encodeText(organizationId)),
      changes.map(({ workflowId }) => encodeText(workflowId)),
      changes.map(({ day }) => day),
      changes.map(({ measure }) => measure),
      changes.map(({ amount }) => amount),
      shard,
    ]);
  },

  /** What runs have come to that have ended, by their ids. */
  async findEnded(sql: Sql, runIds: readonly string[]): Promise<ReadonlyMap<string, EndedFacts>> {
    if (runIds.length === 0) return new Map();
    const rows = (await sql.all(SELECT_ENDED, [runIds.map(encodeText)])) as RunListRow[];
    return new Map(rows.map(toListItem).map((item) => [item.id, item]));
  },

  async list(sql: Sql, { organizationId, workflowId, fromDay }: ListDaysParams): Promise<readonly DayAmount[]> {
    const rows = await sql.all(LIST, [encodeText(organizationId), encodeText(workflowId), fromDay]);
    return (rows as DayAmount[]).map(({ day, measure, amount }) => ({ day, measure, amount }));
  },

  async purge(
    sql: Sql,
    { beforeDay, limit }: { readonly beforeDay: number; readonly limit: number },
  ): Promise<boolean> {
    const row = (await first(sql, PURGE, [beforeDay, limit])) as { readonly gone: number } | undefined;
    return row?.gone === limit;
  },
};
