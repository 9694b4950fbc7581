import type { ClaimParams, DriveStore, HeldRun } from '../../../core/ports/store/drive-store.js';
import type { BegunDrive, RunKey } from '../../../core/ports/store/run-store.js';
import { countCrash } from '../../../core/run/crashes.js';
import { decodeText, encodeText } from '../../rows/text.js';
import { plannedOnce } from '../connection/prepared.js';
import type { Sql } from '../connection/sql.js';
import { KEPT, type KeptRow, runsTable, UNFINISHED } from './runs-table.js';

interface ClaimedRow extends KeptRow {
  readonly driver_before: string | null;
}

interface KeyRow {
  readonly id: string;
  readonly organization_id: string;
}

/** Before the call of a process that goes on with its runs, and has lost the call. */
const PARTED = 'parted:';

/** Locked in one order, so that two calls never wait for each other. */
const CLAIM = plannedOnce(`
  WITH free AS (
    SELECT runs.id AS run_id, runs.driver AS driver_before FROM runs
    JOIN unnest($2::text[], $3::text[], $4::bigint[]) AS wanted (run_id, organization_id, epoch)
      ON wanted.run_id = runs.id AND wanted.organization_id = runs.organization_id
    WHERE ${UNFINISHED} AND (
      runs.driver IN ($1, '${PARTED}' || $1)
      OR (runs.driver IS NULL AND (wanted.epoch IS NULL OR wanted.epoch = runs.epoch))
    )
    ORDER BY runs.id FOR NO KEY UPDATE OF runs
  )
  UPDATE runs SET epoch = runs.epoch + 1, driver = $1 FROM free WHERE runs.id = free.run_id
  RETURNING ${KEPT}, driver_before`);
const CLAIM_AGAIN = `
  UPDATE runs SET epoch = epoch + 1
  WHERE id = $1 AND organization_id = $2 AND driver IN ($3, '${PARTED}' || $3) AND epoch = $4 AND ${UNFINISHED}
  RETURNING *`;
const PART = `
  WITH held AS (
    SELECT id AS run_id FROM runs WHERE id = ANY($2::text[]) AND driver IN ($1, '${PARTED}' || $1)
    ORDER BY id FOR NO KEY UPDATE
  )
  UPDATE runs SET driver = '${PARTED}' || $1 FROM held WHERE id = run_id`;
const RELEASE = `
  WITH held AS (
    SELECT runs.id AS run_id, given.wake_at AS next_at FROM runs
    JOIN unnest($2::text[], $3::bigint[]) AS given (run_id, wake_at) ON given.run_id = runs.id
    WHERE driver IN ($1, '${PARTED}' || $1) ORDER BY runs.id FOR NO KEY UPDATE OF runs
  )
  UPDATE runs SET driver = NULL, wake_at = held.next_at FROM held WHERE id = run_id`;
const LIST_OVERDUE = `
  SELECT id, organization_id FROM runs WHERE ${UNFINISHED} AND driver IS NULL AND wake_at < $1 AND id > $2 ORDER BY id LIMIT $3`;
const LIST_HELD = `
  SELECT runs.id, runs.organization_id, runs.epoch FROM unnest($1::text[], $2::text[]) AS given (call, run_id)
  JOIN runs ON runs.id = given.run_id WHERE runs.driver IN (given.call, '${PARTED}' || given.call) AND ${UNFINISHED}`;
const LIST_CALLS = `SELECT DISTINCT driver FROM runs WHERE ${UNFINISHED} AND driver IS NOT NULL`;
const ABANDON = `
  WITH lost AS (
    SELECT id AS run_id FROM runs WHERE ${UNFINISHED} AND driver IN ($1, '${PARTED}' || $1)
    ORDER BY id FOR NO KEY UPDATE
  )
  UPDATE runs SET driver = NULL FROM lost WHERE id = run_id RETURNING id, organization_id`;
const LIST_UNCLAIMED = `
  SELECT id, organization_id FROM runs WHERE status = 'pending' AND driver IS NULL ORDER BY id LIMIT $1`;

/** Which call drives which run: columns of `runs`. */
export const runDrives = {
  async claim(sql: Sql, { call, wanted }: ClaimParams): Promise<BegunDrive[]> {
    const rows = await sql.all(CLAIM, [
      call,
      wanted.map(({ runId }) => encodeText(runId)),
      wanted.map(({ organizationId }) => encodeText(organizationId)),
      wanted.map(({ epoch }) => epoch),
    ]);
    const begun: BegunDrive[] = [];
    for (const row of rows as ClaimedRow[]) begun.push(await begin(sql, row, row.driver_before === call));
    return begun;
  },

  async claimAgain(
    sql: Sql,
    { organizationId, runId, call, epoch }: Parameters<DriveStore['claimAgain']>[0],
  ): Promise<BegunDrive | null> {
    const rows = await sql.all(CLAIM_AGAIN, [encodeText(runId), encodeText(organizationId), call, epoch]);
    const [row] = rows as KeptRow[];
    return row === undefined ? null : begin(sql, row, false);
  },

  async release(sql: Sql, { call, runs }: Parameters<DriveStore['release']>[0]): Promise<void> {
    await sql.run(RELEASE, [call, runs.map(({ runId }) => encodeText(runId)), runs.map(({ wakeAt }) => wakeAt)]);
  },

  async listOverdue(sql: Sql, params: Parameters<DriveStore['listOverdue']>[0]): Promise<RunKey[]> {
    const { before, afterId, limit } = params;
    return ((await sql.all(LIST_OVERDUE, [before, encodeText(afterId ?? ''), limit])) as KeyRow[]).map(toKey);
  },

  async part(sql: Sql, { call, runIds }: Parameters<DriveStore['part']>[0]): Promise<void> {
    await sql.run(PART, [call, runIds.map(encodeText)]);
  },

  async listHeld(sql: Sql, { runs }: Parameters<DriveStore['listHeld']>[0]): Promise<HeldRun[]> {
    const rows = await sql.all(LIST_HELD, [runs.map(({ call }) => call), runs.map(({ runId }) => encodeText(runId))]);
    return (rows as (KeyRow & { epoch: number })[]).map((row) => ({ ...toKey(row), epoch: row.epoch }));
  },

  async listCalls(sql: Sql): Promise<string[]> {
    const rows = (await sql.all(LIST_CALLS)) as { driver: string }[];
    return [...new Set(rows.map(({ driver }) => (driver.startsWith(PARTED) ? driver.slice(PARTED.length) : driver)))];
  },

  async abandon(sql: Sql, { call }: { readonly call: string }): Promise<RunKey[]> {
    return ((await sql.all(ABANDON, [call])) as KeyRow[]).map(toKey);
  },

  async listUnclaimed(sql: Sql, { limit }: { readonly limit: number }): Promise<RunKey[]> {
    const rows = await sql.all(LIST_UNCLAIMED, [limit]);
    return (rows as KeyRow[]).map(toKey);
  },
};

function toKey(row: KeyRow): RunKey {
  return { runId: decodeText(row.id), organizationId: decodeText(row.organization_id) };
}

async function begin(sql: Sql, row: KeptRow, hasDied: boolean): Promise<BegunDrive> {
  const begun = await runsTable.begun(sql, row);
  const crashes = hasDied ? countCrash(begun.run, { crashes: row.crashes, endedNodes: row.ended_nodes }) : null;
  if (crashes === null) return begun;
  await runsTable.setCrashes(sql, begun.run.id, crashes);
  return { ...begun, crashes: crashes.crashes };
}
