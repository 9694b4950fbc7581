import type {
  HandlerRef,
  WorkflowDefinition,
  WorkflowRecord,
  WorkflowVersion,
} from '../../../../core/workflow/definition.js';
import type { VersionSummary, WorkflowStore } from '../../../../core/ports/store/workflows/workflow-store.js';
import type { SqliteConnection } from '../../connection/connection.js';
import { decodeText, encodeText } from '../../connection/text.js';

interface VersionRow {
  readonly workflow_id: string;
  readonly version: number;
  readonly hash: string;
  readonly created_at: number;
  readonly definition: string;
  readonly handlers: string;
}

const INSERT = `
  INSERT INTO workflow_versions (workflow_id, version, hash, created_at, definition, handlers)
  VALUES (?, ?, ?, ?, ?, ?)`;
const SELECT_NEWEST = 'SELECT * FROM workflow_versions WHERE workflow_id = ? ORDER BY version DESC LIMIT 1';
const SELECT_VERSION = 'SELECT * FROM workflow_versions WHERE workflow_id = ? AND version = ?';
const LIST_OF = `
  SELECT version, hash, created_at FROM workflow_versions
  WHERE workflow_id = ? AND version < ? ORDER BY version DESC LIMIT ?`;
// What begins with the prefix comes before the prefix with the last of all characters.
const MEASURE = `
  SELECT count(*) AS versions, coalesce(sum(length(definition) + length(handlers)), 0) AS characters
  FROM workflow_versions WHERE workflow_id >= ? AND workflow_id < ?`;
const LIST = `
  SELECT * FROM workflow_versions WHERE (workflow_id, version) > (?, ?) ORDER BY workflow_id, version LIMIT ?`;

export class WorkflowVersionsTable {
  readonly #db: SqliteConnection;

  constructor(db: SqliteConnection) {
    this.#db = db;
  }

  save(params: {
    readonly workflowId: string;
    readonly hash: string;
    readonly definition: WorkflowDefinition;
    readonly handlers: { readonly [nodePath: string]: HandlerRef };
    readonly at: number;
  }): WorkflowRecord {
    const { workflowId, hash, definition, handlers, at } = params;
    const newest = this.#db.get(SELECT_NEWEST, encodeText(workflowId)) as VersionRow | undefined;
    if (newest !== undefined && decodeText(newest.hash) === hash) return this.#toRecord(toVersion(newest));
    const version = (newest?.version ?? 0) + 1;
    this.#db.run(
      INSERT,
      encodeText(workflowId),
      version,
      encodeText(hash),
      at,
      JSON.stringify(definition),
      JSON.stringify(handlers),
    );
    return this.#toRecord({ workflowId, version, hash, definition, handlers, createdAt: at });
  }

  get({ workflowId, version }: { readonly workflowId: string; readonly version: number }): WorkflowVersion | null {
    const row = this.#db.get(SELECT_VERSION, encodeText(workflowId), version) as VersionRow | undefined;
    return row === undefined ? null : toVersion(row);
  }

  listOf(params: Parameters<WorkflowStore['listOf']>[0]): VersionSummary[] {
    const { workflowId, limit, before } = params;
    const from = before ?? Number.MAX_SAFE_INTEGER;
    const rows = this.#db.all(LIST_OF, encodeText(workflowId), from, limit) as VersionRow[];
    return rows.map(({ version, hash, created_at: createdAt }) => ({ version, hash: decodeText(hash), createdAt }));
  }

  measure({ prefix }: { readonly prefix: string }): { readonly versions: number; readonly characters: number } {
    const from = encodeText(prefix);
    return this.#db.get(MEASURE, from, `${from}\u{10FFFF}`) as { versions: number; characters: number };
  }

  list(params: {
    readonly after: { readonly workflowId: string; readonly version: number } | null;
    readonly limit: number;
  }): WorkflowVersion[] {
    const { workflowId, version } = params.after ?? { workflowId: '', version: 0 };
    return (this.#db.all(LIST, encodeText(workflowId), version, params.limit) as VersionRow[]).map(toVersion);
  }

  #toRecord(version: WorkflowVersion): WorkflowRecord {
    const first =
      version.version === 1 ? version : (this.get({ workflowId: version.workflowId, version: 1 }) ?? version);
    return { version, createdAt: first.createdAt, updatedAt: version.createdAt };
  }
}

function toVersion(row: VersionRow): WorkflowVersion {
  return {
    workflowId: decodeText(row.workflow_id),
    version: row.version,
    hash: decodeText(row.hash),
    definition: JSON.parse(row.definition) as WorkflowDefinition,
    handlers: JSON.parse(row.handlers) as WorkflowVersion['handlers'],
    createdAt: row.created_at,
  };
}
