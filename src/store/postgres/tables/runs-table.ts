import { ErrandError } from '../../../core/errors.js';
import { applyEvent } from '../../../core/run/apply-event.js';
import type { RunEvent } from '../../../core/run/events.js';
import { countCutOff, crashesSince, type RunCrashes } from '../../../core/run/crashes.js';
import { isAgent } from '../../../core/run/node-execution.js';
import { outputJson } from '../../../core/run/output-json.js';
import type { Run, RunListItem, RunStatus } from '../../../core/run/run.js';
import {
  FIRST_EPOCH,
  type BegunDrive,
  type CreatedRun,
  type FindByIdempotencyKeyParams,
  type FindChildParams,
  type ListRunsQuery,
  type ListRunVersionsParams,
  type ListUnfinishedParams,
  type RunKey,
  type RunVersion,
} from '../../../core/ports/store/run-store.js';
import { readEvents } from '../../rows/log-rows.js';
import { nodesText } from '../../rows/nodes-text.js';
import { originText, outcomeText, toListItem, toRun, type RunListRow, type RunRow } from '../../rows/run-row.js';
import { type RunVersionRow, toRunVersion, VERSION_COLUMNS } from '../../rows/workflows/run-version-row.js';
import { decodeText, encodeText } from '../../rows/text.js';
import { ConstraintError } from '../connection/errors.js';
import { packTexts, textAt } from '../connection/packed-texts.js';
import { plannedOnce, plannedOnceAnywhere } from '../connection/prepared.js';
import { first, type Sql, type SqlValue } from '../connection/sql.js';
import { runCountsTable } from './run-counts-table.js';

export interface KeptRow extends RunRow {
  readonly row_version: number;
  readonly epoch: number;
  readonly crashes: number;
  readonly ended_nodes: number;
}

/** What is kept of a run, as far as a commit of it has to know. */
export interface RunState {
  readonly id: string;
  readonly version: number;
  /** The `seq` of the newest event that the row holds whole. */
  readonly rowVersion: number;
  readonly status: RunStatus;
  readonly epoch: number;
}

/** A run as a commit makes it. */
export interface NewRun extends CreatedRun {
  readonly run: Run;
}

/** A run as a commit leaves it. `isTakenOver`: its driver does not drive it any more, and what crashed is forgotten. */
export interface ChangedRun {
  readonly run: Run;
  readonly isTakenOver: boolean;
}

/** A run as it was read. */
export interface MarkedRun {
  readonly run: Run;
  /** Of its row: another one has come of a change. */
  readonly mark: string;
  /** Characters of what it was read from. */
  readonly length: number;
}

export const UNFINISHED = "status IN ('pending', 'running')";
export const LISTED = `id, organization_id, workflow_id, workflow_version, workflow_name, status, version, credits_reserved,
  credits_consumed, agent_count, created_at, started_at, completed_at, origin, outcome`;
/** The columns of a `KeptRow`. */
export const KEPT = `${LISTED}, input_hash, nodes, output, row_version, epoch, crashes, ended_nodes`;
const INSERT = plannedOnce(`
  INSERT INTO runs (id, organization_id, workflow_id, workflow_version, workflow_name, status, version, row_version, epoch,
    crashes, ended_nodes, credits_reserved, credits_consumed, agent_count, created_at, started_at, completed_at,
    idempotency_key, input_hash, parent_run_id, child_key, origin, outcome, nodes, output)
  SELECT id, organization_id, workflow_id, workflow_version, workflow_name, status, version, version, ${FIRST_EPOCH}, 0, 0,
    credits_reserved, credits_consumed, agent_count, created_at, started_at, completed_at, idempotency_key, input_hash,
    parent_run_id, child_key, origin, outcome, ${textAt('$20', 'nodes_place', 'nodes_length')},
    ${textAt('$20', 'output_place', 'output_length')}
  FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::bigint[], $8::bigint[],
    $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::text[], $15::text[], $16::text[],
    $17::text[], $18::text[], $19::text[], $21::int[], $22::int[], $23::int[], $24::int[])
    AS made (id, organization_id, workflow_id, workflow_version, workflow_name, status, version, credits_reserved,
      credits_consumed, agent_count, created_at, started_at, completed_at, idempotency_key, input_hash, parent_run_id,
      child_key, origin, outcome, nodes_place, nodes_length, output_place, output_length)`);
const UPDATE_WHOLE = plannedOnce(`
  UPDATE runs SET version = changed.version, row_version = changed.version, status = changed.status,
    credits_reserved = changed.credits_reserved, credits_consumed = changed.credits_consumed,
    started_at = changed.started_at, completed_at = changed.completed_at, outcome = changed.outcome,
    nodes = ${textAt('$10', 'nodes_place', 'nodes_length')}, output = ${textAt('$10', 'output_place', 'output_length')},
    epoch = runs.epoch + CASE WHEN changed.is_taken_over THEN 1 ELSE 0 END,
    driver = CASE WHEN changed.is_taken_over THEN NULL ELSE runs.driver END,
    crashes = CASE WHEN changed.is_taken_over THEN 0 ELSE runs.crashes END,
    ended_nodes = CASE WHEN changed.is_taken_over THEN 0 ELSE runs.ended_nodes END
  FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::text[],
    $9::boolean[], $11::int[], $12::int[], $13::int[], $14::int[])
    AS changed (id, version, status, credits_reserved, credits_consumed, started_at, completed_at, outcome, is_taken_over,
      nodes_place, nodes_length, output_place, output_length)
  WHERE runs.id = changed.id`);
const UPDATE_VERSION = plannedOnce(`
  UPDATE runs SET version = changed.version FROM unnest($1::text[], $2::bigint[]) AS changed (id, version)
  WHERE runs.id = changed.id`);
/** In one order, so that two transactions never wait for each other. */
const LOCK = plannedOnce(`
  SELECT id, version, row_version, status, epoch FROM runs WHERE id = ANY($1::text[]) ORDER BY id FOR NO KEY UPDATE`);
const BEGIN_DRIVE = 'UPDATE runs SET epoch = epoch + 1 WHERE id = $1 AND organization_id = $2 RETURNING *';
const SELECT_BY_ID = 'SELECT * FROM runs WHERE id = $1 AND organization_id = $2';
const SELECT_ITEM = `SELECT ${LISTED} FROM runs WHERE id = $1 AND organization_id = $2`;
/** Every change of a row gives it another: `xmin` is the transaction that has written it. */
const MARK = `runs.xmin || ' ' || runs.version AS mark`;
const SELECT_MARKS = plannedOnceAnywhere(`SELECT id, ${MARK} FROM runs WHERE id = ANY($1::text[])`);
const SELECT_EACH = `
  SELECT runs.*, ${MARK}, wanted.place
  FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS wanted (run_id, organization_id, place)
  JOIN runs ON runs.id = wanted.run_id AND runs.organization_id = wanted.organization_id`;
const SELECT_BY_KEY = 'SELECT * FROM runs WHERE organization_id = $1 AND idempotency_key = $2';
const SELECT_CHILD = 'SELECT * FROM runs WHERE parent_run_id = $1 AND child_key = $2 AND organization_id = $3';
const LIST_UNFINISHED = `SELECT * FROM runs WHERE ${UNFINISHED} AND id > $1 ORDER BY id LIMIT $2`;
const LIST_CRASHED = `SELECT id FROM runs WHERE ${UNFINISHED} AND crashes >= $1 ORDER BY id`;
const LIST_VERSIONS = `
  SELECT ${VERSION_COLUMNS} FROM runs WHERE $1::text IS NULL OR id <= $1 ORDER BY id DESC LIMIT $2`;
const SET_CRASHES = 'UPDATE runs SET crashes = $2, ended_nodes = $3 WHERE id = $1';
const LOG_AFTER = `
  SELECT events FROM run_log WHERE run_id = $1 AND last_seq > $2 AND last_seq <= $3 ORDER BY last_seq`;

/**
 * The row of a run with more nodes may lag behind its log by twice as many events: writing all of them anew costs more.
 */
const FEW_NODES = 32;

/** Whether a commit writes the row of a run whole, or its version alone. */
export function isWrittenWhole(run: Run, kept: RunState): boolean {
  const lag = run.version - kept.rowVersion;
  return run.status !== kept.status || run.nodes.length <= FEW_NODES || lag > 2 * run.nodes.length;
}

export const runsTable = {
  /** Those of them that are there, which nobody else changes until the transaction ends. */
  async lock(sql: Sql, runIds: readonly string[]): Promise<RunState[]> {
    const rows = (await sql.all(LOCK, [runIds.map(encodeText)])) as KeptRow[];
    return rows.map(({ id, version, row_version: rowVersion, status, epoch }) => ({
      id: decodeText(id),
      version,
      rowVersion,
      status,
      epoch,
    }));
  },

  /** What `insert` is given, made over several turns of the event loop where there is much of it. */
  async prepareInsert(made: readonly NewRun[]): Promise<readonly SqlValue[]> {
    return [...columns(made.map(insertedRow)), ...(await packRecords(made))];
  },

  /** Throws `conflict` when one of them cannot be made. */
  async insert(sql: Sql, made: readonly NewRun[], prepared: readonly SqlValue[]): Promise<void> {
    try {
      await sql.run(INSERT, prepared);
    } catch (error) {
      throw error instanceof ConstraintError ? conflictOf(made, error) : error;
    }
  },

  /** What `update` is given, made over several turns of the event loop where there is much of it. */
  async prepareUpdate(changed: readonly ChangedRun[]): Promise<readonly SqlValue[]> {
    return [...columns(changed.map(updatedRow)), ...(await packRecords(changed))];
  },

  async update(sql: Sql, prepared: readonly SqlValue[]): Promise<void> {
    await sql.run(UPDATE_WHOLE, prepared);
  },

  async updateVersions(sql: Sql, runs: readonly Run[]): Promise<void> {
    await sql.run(UPDATE_VERSION, [runs.map(({ id }) => encodeText(id)), runs.map(({ version }) => version)]);
  },

  async beginDrive(sql: Sql, { organizationId, runId }: RunKey): Promise<BegunDrive | null> {
    const row = await first(sql, BEGIN_DRIVE, [encodeText(runId), encodeText(organizationId)]);
    return row === undefined ? null : runsTable.begun(sql, row as KeptRow);
  },

  async begun(sql: Sql, row: KeptRow): Promise<BegunDrive> {
    const { epoch, crashes, ended_nodes: endedNodes } = row;
    const run = await newest(sql, row);
    return { run, epoch, crashes: crashesSince(run, { crashes, endedNodes }) };
  },

  async noteCutOff(sql: Sql, { organizationId, runId, times }: RunKey & { readonly times: number }): Promise<void> {
    const row = await first(sql, `${SELECT_BY_ID} FOR UPDATE`, [encodeText(runId), encodeText(organizationId)]);
    if (row === undefined) return;
    const { crashes, ended_nodes: endedNodes } = row as KeptRow;
    await runsTable.setCrashes(
      sql,
      runId,
      countCutOff(await newest(sql, row as KeptRow), { crashes, endedNodes }, times),
    );
  },

  async get(sql: Sql, key: RunKey): Promise<Run | null> {
    return (await runsTable.getEach(sql, [key]))[0]?.run ?? null;
  },

  async getItem(sql: Sql, { organizationId, runId }: RunKey): Promise<RunListItem | null> {
    const row = await first(sql, SELECT_ITEM, [encodeText(runId), encodeText(organizationId)]);
    return row === undefined ? null : toListItem(row as RunListRow);
  },

  /** For each key, in their order. */
  async getEach(sql: Sql, keys: readonly RunKey[]): Promise<(MarkedRun | null)[]> {
    const ids = keys.map(({ runId }) => encodeText(runId));
    const organizations = keys.map(({ organizationId }) => encodeText(organizationId));
    const rows = (await sql.all(SELECT_EACH, [ids, organizations])) as (KeptRow & { place: number; mark: string })[];
    const runs = new Map<number, MarkedRun>();
    for (const row of rows) {
      runs.set(row.place - 1, { ...(await readNewest(sql, row)), mark: row.mark });
    }
    return keys.map((_, index) => runs.get(index) ?? null);
  },

  /** The marks of the rows that are there, by run id. */
  async findMarks(sql: Sql, runIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const rows = (await sql.all(SELECT_MARKS, [runIds.map(encodeText)])) as { id: string; mark: string }[];
    return new Map(rows.map(({ id, mark }) => [decodeText(id), mark]));
  },

  async findByIdempotencyKey(
    sql: Sql,
    { organizationId, key }: FindByIdempotencyKeyParams,
  ): Promise<{ run: Run; inputHash: string } | null> {
    const row = await first(sql, SELECT_BY_KEY, [encodeText(organizationId), encodeText(key)]);
    if (row === undefined) return null;
    return { run: await newest(sql, row as KeptRow), inputHash: decodeText((row as KeptRow).input_hash ?? '') };
  },

  async findChild(sql: Sql, { organizationId, parentRunId, key }: FindChildParams): Promise<Run | null> {
    const row = await first(sql, SELECT_CHILD, [encodeText(parentRunId), encodeText(key), encodeText(organizationId)]);
    return row === undefined ? null : newest(sql, row as KeptRow);
  },

  /** Newest first. */
  async list(sql: Sql, query: ListRunsQuery): Promise<{ runs: RunListItem[]; total: number }> {
    const { organizationId, workflowId, status, beforeId, limit, offset } = query;
    const values: SqlValue[] = [encodeText(organizationId), limit, offset];
    let filter = 'organization_id = $1';
    if (workflowId !== undefined) filter += ` AND workflow_id = $${values.push(encodeText(workflowId))}`;
    if (status !== undefined) filter += ` AND status = $${values.push(status)}`;
    if (beforeId !== undefined) filter += ` AND id < $${values.push(encodeText(beforeId))}`;
    const rows = await sql.all(
      `SELECT ${LISTED} FROM runs WHERE ${filter} ORDER BY id DESC LIMIT $2 OFFSET $3`,
      values,
    );
    return { runs: (rows as RunListRow[]).map(toListItem), total: await runCountsTable.count(sql, query) };
  },

  async listUnfinished(sql: Sql, { afterId, limit }: ListUnfinishedParams): Promise<Run[]> {
    const rows = (await sql.all(LIST_UNFINISHED, [encodeText(afterId ?? ''), limit])) as KeptRow[];
    const runs: Run[] = [];
    for (const row of rows) runs.push(await newest(sql, row));
    return runs;
  },

  async listCrashed(sql: Sql, { atLeast }: { readonly atLeast: number }): Promise<string[]> {
    return ((await sql.all(LIST_CRASHED, [atLeast])) as { id: string }[]).map(({ id }) => decodeText(id));
  },

  async listVersions(sql: Sql, { upTo, limit }: ListRunVersionsParams): Promise<RunVersion[]> {
    const rows = await sql.all(LIST_VERSIONS, [upTo === null ? null : encodeText(upTo), limit]);
    return (rows as RunVersionRow[]).map(toRunVersion);
  },

  /** With what a death of the process counts against them by; a page at a time. */
  async listCounted(sql: Sql, params: ListUnfinishedParams): Promise<{ run: Run; before: RunCrashes }[]> {
    const rows = (await sql.all(LIST_UNFINISHED, [encodeText(params.afterId ?? ''), params.limit])) as KeptRow[];
    const counted: { run: Run; before: RunCrashes }[] = [];
    for (const row of rows) {
      counted.push({ run: await newest(sql, row), before: { crashes: row.crashes, endedNodes: row.ended_nodes } });
    }
    return counted;
  },

  async setCrashes(sql: Sql, runId: string, { crashes, endedNodes }: RunCrashes): Promise<void> {
    await sql.run(SET_CRASHES, [encodeText(runId), crashes, endedNodes]);
  },
};

async function newest(sql: Sql, row: KeptRow): Promise<Run> {
  return (await readNewest(sql, row)).run;
}

/** The record of a run, with what its log holds beyond its row, and how many characters these are. */
async function readNewest(sql: Sql, row: KeptRow): Promise<{ readonly run: Run; readonly length: number }> {
  const run = toRun({ ...row, version: row.row_version });
  const length = [row.nodes, row.output, row.origin, row.outcome].reduce((sum, text) => sum + (text?.length ?? 0), 0);
  if (row.row_version === row.version) return { run, length };
  const rows = (await sql.all(LOG_AFTER, [row.id, row.row_version, row.version])) as { events: string }[];
  const events: RunEvent[] = [];
  for (const one of rows) events.push(...(await readEvents(one)));
  const later = events.filter(({ seq }) => seq > row.row_version);
  return {
    run: later.reduce(applyEvent, run),
    length: rows.reduce((sum, one) => sum + one.events.length, length),
  };
}

type Scalar = string | number | boolean | null;

function insertedRow({ run, idempotency, childKey }: NewRun): readonly Scalar[] {
  return [
    encodeText(run.id),
    encodeText(run.organizationId),
    encodeText(run.workflowId),
    run.workflowVersion,
    encodeText(run.workflowName),
    run.status,
    run.version,
    run.creditsReserved,
    run.creditsConsumed,
    run.nodes.filter(isAgent).length,
    run.createdAt,
    run.startedAt,
    run.completedAt,
    idempotency === null ? null : encodeText(idempotency.key),
    idempotency === null ? null : encodeText(idempotency.inputHash),
    childKey === null ? null : encodeText(run.parent?.runId ?? ''),
    childKey === null ? null : encodeText(childKey),
    originText(run),
    outcomeText(run),
  ];
}

function updatedRow({ run, isTakenOver }: ChangedRun): readonly Scalar[] {
  return [
    encodeText(run.id),
    run.version,
    run.status,
    run.creditsReserved,
    run.creditsConsumed,
    run.startedAt,
    run.completedAt,
    outcomeText(run),
    isTakenOver,
  ];
}

/** Their nodes and outputs, which may be long: the bytes, then the places and lengths of either. */
async function packRecords(all: readonly { readonly run: Run }[]): Promise<SqlValue[]> {
  const nodes = all.map(({ run }) => nodesText(run.nodes));
  const outputs = all.map(({ run }) => outputJson(run));
  const { bytes, places, lengths } = await packTexts([...nodes, ...outputs]);
  const count = all.length;
  return [bytes, places.slice(0, count), lengths.slice(0, count), places.slice(count), lengths.slice(count)];
}

/** Rows as `unnest` takes them: an array for each column. */
function columns(rows: readonly (readonly Scalar[])[]): Scalar[][] {
  return (rows[0] ?? []).map((_, column) => rows.map((row) => row[column] ?? null));
}

/** Which of several it is, is not known: the message is for one. */
function conflictOf(made: readonly NewRun[], cause: ConstraintError): ErrandError {
  const run = made[0]?.run;
  const conflict = (reason: string, message: string): ErrandError =>
    new ErrandError('conflict', message, { details: { reason }, cause });
  if (cause.constraint === 'runs_by_idempotency_key') {
    return conflict('idempotency_key', 'This idempotency key has been used for another run.');
  }
  if (cause.constraint === 'runs_by_parent') {
    return conflict('child_key', `Run ${run?.parent?.runId} has started this run already.`);
  }
  return conflict('id', `There is a run ${run?.id} already.`);
}
