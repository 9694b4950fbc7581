import { applyEvent } from '../../../core/run/apply-event.js';
import { ErrandError } from '../../../core/errors.js';
import { isAgent } from '../../../core/run/node-execution.js';
import { listItemOf, outputJson, withOutputJson } from '../../../core/run/output-json.js';
import type { Run, RunListItem, RunStatus } from '../../../core/run/run.js';
import {
  FIRST_EPOCH,
  type CreatedRun,
  type FindChildParams,
  type ListRunsQuery,
  type RunKey,
  type RunVersion,
} from '../../../core/ports/store/run-store.js';
import { type SqliteConnection, ConstraintError } from '../connection/connection.js';
import { LISTED, UNFINISHED, countRunsSql, isUnfinished, listRunsSql } from './search/list-runs-sql.js';
import type { BatchParticipant } from '../connection/batch-participants.js';
import type { DurableRuns } from '../caches/durable-runs.js';
import type { LiveRun, LiveRuns } from '../caches/live-runs.js';
import type { RunningTotals } from '../caches/running-totals.js';
import { nodesText } from '../../rows/nodes-text.js';
import { parseEvents } from '../../rows/log-rows.js';
import { originText, outcomeText, toListItem, toRun, type RunListRow, type RunRow } from '../../rows/run-row.js';
import { type RunVersionRow, toRunVersion, VERSION_COLUMNS } from '../../rows/workflows/run-version-row.js';
import { RecentCache } from '../caches/recent-cache.js';
import { ELSEWHERE, OUTPUT_PLACE, type RunPiecesTable } from './long-texts/run-pieces-table.js';
import { asBytes, decodeText, encodeText } from '../connection/text.js';

interface RunRowWithEpoch extends RunRow {
  /** Null for a run that was never taken over. */
  readonly epoch: number | null;
}

/** What is kept of a run, as far as a commit of it has to know. */
export interface RunState extends Omit<LiveRun, 'run'> {
  readonly version: number;
}

const INSERT = `
  INSERT INTO runs (id, organization_id, workflow_id, workflow_version, workflow_name, status, version, credits_reserved,
    credits_consumed, agent_count, created_at, started_at, completed_at, idempotency_key, input_hash, origin, outcome, nodes, output,
    parent_run_id, child_key)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
/** Names no indexed column, which spares the indexes; for changes that leave the status as it is. */
const UPDATE_INSIDE = `
  UPDATE runs SET version = ?, credits_reserved = ?, credits_consumed = ?, started_at = ?, completed_at = ?, outcome = ?,
    nodes = ?, output = ?
  WHERE id = ?`;
const UPDATE = `
  UPDATE runs SET version = ?, credits_reserved = ?, credits_consumed = ?, started_at = ?, completed_at = ?, outcome = ?,
    nodes = ?, output = ?, status = ?
  WHERE id = ?`;
const SELECT_BY_ID = 'SELECT * FROM runs WHERE id = ?';
const SELECT_ITEM = `SELECT ${LISTED} FROM runs WHERE id = ?`;
const WITH_EPOCH = 'SELECT runs.*, (SELECT epoch FROM run_drives WHERE run_id = runs.id) AS epoch FROM runs';
const SELECT_STATE = `
  SELECT status, version, (SELECT epoch FROM run_drives WHERE run_id = runs.id) AS epoch FROM runs WHERE id = ?`;
const SELECT_BY_KEY = 'SELECT * FROM runs WHERE organization_id = ? AND idempotency_key = ?';
const SELECT_CHILD = 'SELECT * FROM runs WHERE parent_run_id = ? AND child_key = ?';
const SELECT_UNFINISHED = `
  SELECT * FROM runs INDEXED BY runs_unfinished WHERE ${UNFINISHED} AND id > ? ORDER BY id LIMIT ?`;
/** Unfinished runs whose log holds more than their row. */
const SELECT_LAGGING = `
  ${WITH_EPOCH} INDEXED BY runs_unfinished
  WHERE ${UNFINISHED} AND version < (SELECT max(last_seq) FROM run_log WHERE run_id = runs.id)`;
const LIST_VERSIONS = `SELECT ${VERSION_COLUMNS} FROM runs WHERE id <= ? ORDER BY id DESC LIMIT ?`;
const LIST_NEWEST_VERSIONS = `SELECT ${VERSION_COLUMNS} FROM runs ORDER BY id DESC LIMIT ?`;
const SELECT_LOG_AFTER = 'SELECT last_seq, events FROM run_log WHERE run_id = ? AND last_seq > ? ORDER BY last_seq';

/** Characters of JSON. */
export const LONG_OUTPUT = 65_536;
export const SELECT_OUTPUT = 'SELECT output FROM run_outputs WHERE run_id = ?';
/** A driver that died may have placed one already. */
const INSERT_OUTPUT = 'INSERT OR REPLACE INTO run_outputs (run_id, output) VALUES (?, CAST(? AS TEXT))';
const DELETE_OUTPUT = 'DELETE FROM run_outputs WHERE run_id = ?';

/**
 * So many rows may lag behind at most: it bounds the memory for their records, and what is to be read when the file is
 * opened.
 */
const MAX_LIVE = 4_096;

/** Ended runs that are read again and again are kept in memory: as many, and each of at most so many characters. */
const MAX_REMEMBERED = 256;
const MAX_REMEMBERED_TEXT = 16_384;

/**
 * The rows of runs. That of an unfinished run may lag behind its log (see `LiveRuns`), as it is saved together with the
 * events that lead there; whatever is read through here is up to date.
 */
export class RunsTable implements BatchParticipant {
  readonly #db: SqliteConnection;
  readonly #totals: RunningTotals;
  readonly #live: LiveRuns;
  readonly #durable: DurableRuns;
  /** Ended runs as the file has them, by id. Exact: no other connection writes, and what is written is forgotten. */
  readonly #ended: RecentCache<Run>;
  #newNodes: { readonly nodes: Run['nodes']; readonly text: string } | null = null;
  readonly #pieces: RunPiecesTable;

  constructor(
    db: SqliteConnection,
    pieces: RunPiecesTable,
    caches: { totals: RunningTotals; live: LiveRuns; durable: DurableRuns },
  ) {
    this.#db = db;
    this.#pieces = pieces;
    this.#totals = caches.totals;
    this.#live = caches.live;
    this.#durable = caches.durable;
    this.#ended = db.participants.join(new RecentCache<Run>(MAX_REMEMBERED));
  }

  /** For when the file is opened: folds what the logs hold beyond the rows. */
  catchUp(): void {
    for (const row of this.#db.all(SELECT_LAGGING) as RunRowWithEpoch[]) {
      let run = toRun(row);
      this.#db.forEach(SELECT_LOG_AFTER, [row.id, row.version], (commit) => {
        const { events: text, last_seq: place } = commit as { events: string; last_seq: number };
        const json = text === ELSEWHERE ? this.#pieces.readAll({ runId: run.id, place }) : text;
        for (const event of parseEvents({ events: json })) if (event.seq > run.version) run = applyEvent(run, event);
        return true;
      });
      this.#live.set({ run, rowVersion: row.version, rowStatus: row.status, epoch: row.epoch ?? FIRST_EPOCH });
    }
    this.#live.committed();
  }

  /** Writes the rows that may not lag behind any more. */
  flush(): void {
    for (const id of this.#live.oldest(this.#live.size - MAX_LIVE)) {
      this.#catchUpRow(id);
      this.#live.delete(id);
    }
  }

  insert(run: Run, { idempotency, childKey }: CreatedRun): void {
    try {
      this.#db.run(
        INSERT,
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
        originText(run),
        outcomeText(run),
        this.#newNodesText(run),
        this.#placeOutput(run),
        childKey === null ? null : encodeText(run.parent?.runId ?? ''),
        childKey === null ? null : encodeText(childKey),
      );
    } catch (error) {
      throw error instanceof ConstraintError ? conflictOf(run, error) : error;
    }
    this.#durable.note(run, null);
    this.#totals.countRun(run, run.status, 1);
    if (!isUnfinished(run.status)) return;
    this.#live.set({ run, rowVersion: run.version, rowStatus: run.status, epoch: FIRST_EPOCH });
  }

  /** Runs of one workflow version begin with the same nodes, which callers may share among them. */
  #newNodesText({ nodes }: Run): string {
    if (this.#newNodes?.nodes !== nodes) this.#newNodes = { nodes, text: nodesText(nodes) };
    return this.#newNodes.text;
  }

  /** What is kept of a run, for a commit to go on from. */
  findState(runId: string): RunState | null {
    const live = this.#live.get(runId);
    if (live !== undefined) {
      const { run, rowVersion, rowStatus, epoch } = live;
      return { version: run.version, rowVersion, rowStatus, epoch };
    }
    const row = this.#db.get(SELECT_STATE, encodeText(runId)) as
      Pick<RunRowWithEpoch, 'status' | 'version' | 'epoch'> | undefined;
    if (row === undefined) return null;
    const { version, status } = row;
    return { version, rowVersion: version, rowStatus: status, epoch: row.epoch ?? FIRST_EPOCH };
  }

  /** Replaces what is kept. The log comes to hold the events that lead there in the same batch. */
  save(run: Run, kept: RunState): void {
    const { rowVersion, rowStatus, epoch } = kept;
    const { id: runId, organizationId } = run;
    this.#durable.note(run, this.#durable.has(runId) ? null : this.#getWhole({ organizationId, runId }));
    const live = { run, rowVersion, rowStatus, epoch };
    if (isUnfinished(run.status) && isUnfinished(rowStatus)) {
      this.#live.set(live);
      this.#db.writes++;
    } else {
      this.#write(live);
    }
  }

  setEpoch(runId: string, epoch: number): void {
    const live = this.#live.get(runId);
    if (live !== undefined) this.#live.set({ ...live, epoch });
  }

  /** In a transaction: no row lags behind its log any more. */
  catchUpAll(): void {
    for (const { run } of this.#live.values()) this.#catchUpRow(run.id);
  }

  #catchUpRow(runId: string): void {
    const live = this.#live.get(runId);
    if (live !== undefined && live.rowVersion < live.run.version) this.#write(live);
  }

  #write({ run, rowStatus, epoch }: LiveRun): void {
    this.#ended.delete(run.id);
    const id = encodeText(run.id);
    const inside = [
      run.version,
      run.creditsReserved,
      run.creditsConsumed,
      run.startedAt,
      run.completedAt,
      outcomeText(run),
      nodesText(run.nodes),
      this.#placeOutput(run, rowStatus),
    ] as const;
    if (rowStatus === run.status) this.#db.run(UPDATE_INSIDE, ...inside, id);
    else this.#db.run(UPDATE, ...inside, run.status, id);
    if (rowStatus !== run.status) {
      this.#totals.countRun(run, rowStatus, -1);
      this.#totals.countRun(run, run.status, 1);
    }
    if (isUnfinished(run.status)) this.#live.set({ run, rowVersion: run.version, rowStatus: run.status, epoch });
    else this.#live.delete(run.id);
  }

  /** The newest record that is on disk for certain. */
  getDurable(params: { readonly organizationId: string; readonly runId: string }): Run | null {
    const durable = this.#durable.get(params.runId);
    if (durable === undefined) return this.get(params);
    return durable?.organizationId === params.organizationId ? durable : null;
  }

  /** How far the run's log is on disk for certain. */
  durableVersion(runId: string): number {
    const durable = this.#durable.get(runId);
    return durable === undefined ? Number.POSITIVE_INFINITY : (durable?.version ?? 0);
  }

  /** Whether the newest record is on disk for certain. */
  isDurable(runId: string): boolean {
    return !this.#durable.has(runId);
  }

  #getWhole(params: { readonly organizationId: string; readonly runId: string }): Run | null {
    const run = this.get(params);
    if (run === null || !this.#pieces.isUnread(run)) return run;
    return withOutputJson(run, this.#pieces.readAll({ runId: run.id, place: OUTPUT_PLACE }));
  }

  /** An output in pieces is left out; the record is then noted as unread. So are those that are found. */
  get({ organizationId, runId }: { readonly organizationId: string; readonly runId: string }): Run | null {
    const live = this.#live.get(runId);
    if (live !== undefined) return live.run.organizationId === organizationId ? live.run : null;
    const run = this.#ended.get(runId) ?? this.#readRun(runId);
    return run === null || run.organizationId !== organizationId ? null : run;
  }

  /** As it is on disk for certain, or the newest. */
  getItem(key: RunKey, isDurableOnly: boolean): RunListItem | null {
    const isKnown = this.#live.get(key.runId) !== undefined || this.#ended.get(key.runId) !== undefined;
    if (isKnown || (isDurableOnly && this.#durable.has(key.runId))) {
      const run = isDurableOnly ? this.getDurable(key) : this.get(key);
      return run && listItemOf(run);
    }
    const row = this.#db.get(SELECT_ITEM, encodeText(key.runId)) as RunListRow | undefined;
    const item = row && toListItem(row);
    return item?.organizationId === key.organizationId ? item : null;
  }

  #readRun(runId: string): Run | null {
    const row = this.#db.get(SELECT_BY_ID, encodeText(runId)) as RunRow | undefined;
    if (row === undefined) return null;
    const run = this.#toRun(row);
    const size = row.output === ELSEWHERE ? Number.POSITIVE_INFINITY : row.nodes.length + (row.output?.length ?? 0);
    if (!isUnfinished(row.status) && size <= MAX_REMEMBERED_TEXT) this.#ended.set(runId, run);
    return run;
  }

  #toRun(row: RunRow): Run {
    if (row.output !== ELSEWHERE) return toRun(row);
    const found = this.#db.get(SELECT_OUTPUT, row.id) as { output: string } | undefined;
    return found === undefined ? this.#pieces.noteUnread(toRun({ ...row, output: null })) : toRun({ ...row, ...found });
  }

  /**
   * What the row holds of the output. A long one has a place of its own, so that what reads rows need not pass over it.
   */
  #placeOutput(run: Run, rowStatus: RunStatus = 'pending'): string | null {
    const id = encodeText(run.id);
    // Only a run that had ended can have one, and a retry takes it back.
    if (!isUnfinished(rowStatus)) this.#db.run(DELETE_OUTPUT, id);
    if (this.#pieces.isPlaced(run)) return ELSEWHERE;
    if (!isUnfinished(rowStatus)) this.#pieces.delete({ runId: run.id, place: OUTPUT_PLACE });
    const text = outputJson(run);
    if (text === null || text.length <= LONG_OUTPUT) return text;
    this.#db.run(INSERT_OUTPUT, id, asBytes(text));
    return ELSEWHERE;
  }

  /** For runs that are removed. */
  evict(runIds: readonly string[]): void {
    for (const id of runIds) this.#ended.delete(id);
  }

  markSavepoint(): void {}
  committed(): void {}
  undo(): void {}

  reload(): void {
    this.catchUp();
  }

  findByIdempotencyKey(params: {
    readonly organizationId: string;
    readonly key: string;
  }): { run: Run; inputHash: string } | null {
    const row = this.#db.get(SELECT_BY_KEY, encodeText(params.organizationId), encodeText(params.key)) as
      RunRow | undefined;
    return row === undefined
      ? null
      : { run: this.#newest(this.#toRun(row)), inputHash: decodeText(row.input_hash ?? '') };
  }

  findChild(params: FindChildParams): Run | null {
    const row = this.#db.get(SELECT_CHILD, encodeText(params.parentRunId), encodeText(params.key)) as
      RunRow | undefined;
    if (row === undefined) return null;
    const run = this.#newest(this.#toRun(row));
    return run.organizationId === params.organizationId ? run : null;
  }

  /** In a batch when runs of an unfinished status are asked for: rows are found by the status that they hold. */
  list(query: ListRunsQuery): { runs: RunListItem[]; total: number } {
    if (query.status !== undefined && isUnfinished(query.status)) this.catchUpStatuses();
    this.#totals.flush();
    const { sql, values } = listRunsSql(query);
    const count = countRunsSql(query);
    return {
      runs: (this.#db.all(sql, ...values) as RunListRow[]).map((row) => {
        const item = toListItem(row);
        const live = this.#live.get(item.id);
        return live === undefined ? item : listItemOf(live.run);
      }),
      total: (this.#db.get(count.sql, ...count.values) as { total: number }).total,
    };
  }

  listVersions({ upTo, limit }: { readonly upTo: string | null; readonly limit: number }): RunVersion[] {
    const rows =
      upTo === null ? this.#db.all(LIST_NEWEST_VERSIONS, limit) : this.#db.all(LIST_VERSIONS, encodeText(upTo), limit);
    return (rows as RunVersionRow[]).map(toRunVersion);
  }

  listUnfinished({ afterId, limit }: { readonly afterId: string | null; readonly limit: number }): Run[] {
    const rows = this.#db.all(SELECT_UNFINISHED, encodeText(afterId ?? ''), limit) as RunRow[];
    return rows.map((row) => this.#newest(toRun(row)));
  }

  #newest(run: Run): Run {
    return this.#live.get(run.id)?.run ?? run;
  }

  /** So that rows hold the status that their runs have; in a batch. */
  catchUpStatuses(): void {
    for (const { run, rowStatus } of this.#live.values()) {
      if (run.status !== rowStatus) this.#catchUpRow(run.id);
    }
  }
}

function conflictOf({ id, parent }: Run, cause: ConstraintError): ErrandError {
  const conflict = (reason: string, message: string): ErrandError =>
    new ErrandError('conflict', message, { details: { reason }, cause });
  if (cause.isOn('runs.idempotency_key')) {
    return conflict('idempotency_key', 'This idempotency key has been used for another run.');
  }
  if (cause.isOn('runs.child_key')) return conflict('child_key', `Run ${parent?.runId} has started this run already.`);
  return conflict('id', `There is a run ${id} already.`);
}
