import { ErrandError } from '../../core/errors.js';
import type { Json } from '../../core/json.js';
import { type NodeExecution, isAgent } from '../../core/node-execution.js';
import type { Run, RunListItem, RunParent, RunStatus } from '../../core/run.js';
import type { ListRunsQuery, NewRun } from '../../core/store.js';
import { type Connection, ConstraintError } from './connection.js';
import { UNFINISHED, countRunsSql, listRunsSql } from './list-runs-sql.js';
import type { RunningTotals } from './running-totals.js';
import { decodeText, encodeText } from './text.js';

export interface RunListRow {
  readonly id: string;
  readonly organization_id: string;
  readonly workflow_id: string;
  readonly workflow_version: number;
  readonly workflow_name: string;
  readonly status: RunStatus;
  readonly version: number;
  readonly credits_reserved: number;
  readonly credits_consumed: number;
  readonly agent_count: number;
  readonly created_at: number;
  readonly started_at: number | null;
  readonly completed_at: number | null;
  readonly outcome: string | null;
  readonly parent: string | null;
}

interface RunRow extends RunListRow {
  readonly input_hash: string | null;
  readonly nodes: string;
  readonly output: string | null;
}

type Outcome = Pick<Run, 'summary' | 'error' | 'outputError'>;

const INSERT = `
  INSERT INTO runs (id, organization_id, workflow_id, workflow_version, workflow_name, status, version, credits_reserved,
    credits_consumed, agent_count, created_at, started_at, completed_at, idempotency_key, input_hash, outcome, nodes, output,
    parent)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const SELECT_STATE = 'SELECT organization_id, workflow_id, status, version FROM runs WHERE id = ?';
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
const SELECT_BY_KEY = 'SELECT * FROM runs WHERE organization_id = ? AND idempotency_key = ?';
const SELECT_UNFINISHED = `
  SELECT * FROM runs INDEXED BY runs_unfinished WHERE ${UNFINISHED} AND id > ? ORDER BY id LIMIT ?`;

export class RunsTable {
  readonly #db: Connection;
  readonly #totals: RunningTotals;

  constructor(db: Connection, totals: RunningTotals) {
    this.#db = db;
    this.#totals = totals;
  }

  insert({ run, idempotency }: NewRun): void {
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
        outcomeText(run),
        JSON.stringify(run.nodes),
        outputText(run),
        run.parent === undefined ? null : JSON.stringify(run.parent),
      );
    } catch (error) {
      if (!(error instanceof ConstraintError)) throw error;
      const byKey = error.isOn('runs.idempotency_key');
      throw new ErrandError(
        'conflict',
        byKey ? 'This idempotency key has been used for another run.' : `There is a run ${run.id} already.`,
        { details: { reason: byKey ? 'idempotency_key' : 'id' }, cause: error },
      );
    }
    this.#totals.countRun({ ...run, delta: 1 });
  }

  save(run: Run): boolean {
    const id = encodeText(run.id);
    const kept = this.#db.get(SELECT_STATE, id) as RunListRow | undefined;
    if (kept === undefined || kept.version >= run.version) return false;
    const inside = [
      run.version,
      run.creditsReserved,
      run.creditsConsumed,
      run.startedAt,
      run.completedAt,
      outcomeText(run),
      JSON.stringify(run.nodes),
      outputText(run),
    ] as const;
    if (kept.status === run.status) {
      this.#db.run(UPDATE_INSIDE, ...inside, id);
      return true;
    }
    this.#db.run(UPDATE, ...inside, run.status, id);
    const organizationId = decodeText(kept.organization_id);
    const workflowId = decodeText(kept.workflow_id);
    this.#totals.countRun({ organizationId, workflowId, status: kept.status, delta: -1 });
    this.#totals.countRun({ organizationId, workflowId, status: run.status, delta: 1 });
    return true;
  }

  get({ organizationId, runId }: { readonly organizationId: string; readonly runId: string }): Run | null {
    const row = this.#db.get(SELECT_BY_ID, encodeText(runId)) as RunRow | undefined;
    return row === undefined || decodeText(row.organization_id) !== organizationId ? null : toRun(row);
  }

  findByIdempotencyKey(params: {
    readonly organizationId: string;
    readonly key: string;
  }): { run: Run; inputHash: string } | null {
    const row = this.#db.get(SELECT_BY_KEY, encodeText(params.organizationId), encodeText(params.key)) as
      RunRow | undefined;
    return row === undefined ? null : { run: toRun(row), inputHash: decodeText(row.input_hash ?? '') };
  }

  list(query: ListRunsQuery): { runs: RunListItem[]; total: number } {
    this.#totals.flush();
    const { sql, values } = listRunsSql(query);
    const count = countRunsSql(query);
    return {
      runs: (this.#db.all(sql, ...values) as RunListRow[]).map(toListItem),
      total: (this.#db.get(count.sql, ...count.values) as { total: number }).total,
    };
  }

  listUnfinished({ afterId, limit }: { readonly afterId: string | null; readonly limit: number }): Run[] {
    return (this.#db.all(SELECT_UNFINISHED, encodeText(afterId ?? ''), limit) as RunRow[]).map(toRun);
  }
}

function outcomeText({ summary, error, outputError }: Run): string | null {
  if (summary === null && error === null && outputError === null) return null;
  return JSON.stringify({ summary, error, outputError } satisfies Outcome);
}

function outputText(run: Run): string | null {
  return run.output === undefined ? null : JSON.stringify(run.output);
}

function toListItem(row: RunListRow): RunListItem {
  const outcome = row.outcome === null ? null : (JSON.parse(row.outcome) as Outcome);
  return {
    id: decodeText(row.id),
    organizationId: decodeText(row.organization_id),
    workflowId: decodeText(row.workflow_id),
    workflowName: decodeText(row.workflow_name),
    workflowVersion: row.workflow_version,
    status: row.status,
    version: row.version,
    creditsReserved: row.credits_reserved,
    creditsConsumed: row.credits_consumed,
    summary: outcome?.summary ?? null,
    error: outcome?.error ?? null,
    outputError: outcome?.outputError ?? null,
    createdAt: row.created_at,
    startedAt: row.started_at,
    completedAt: row.completed_at,
    agentCount: row.agent_count,
    ...(row.parent === null ? {} : { parent: JSON.parse(row.parent) as RunParent }),
  };
}

function toRun(row: RunRow): Run {
  const { agentCount: _, ...record } = toListItem(row);
  const nodes = JSON.parse(row.nodes) as NodeExecution[];
  return row.output === null ? { ...record, nodes } : { ...record, nodes, output: JSON.parse(row.output) as Json };
}
