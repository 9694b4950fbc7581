import type { SaveVersionParams, VersionKey } from '../../../core/ports/store/workflow-store.js';
import type { WorkflowDefinition, WorkflowRecord, WorkflowVersion } from '../../../core/workflow/definition.js';
import { decodeText, encodeText } from '../../rows/text.js';
import { first, type Sql } from '../connection/sql.js';

interface VersionRow {
  readonly workflow_id: string;
  readonly version: number;
  readonly hash: string;
  readonly created_at: number;
  readonly definition: string;
  readonly handlers: string;
}

/** Until the transaction ends, nobody else saves a version of the workflow. */
const LOCK = 'SELECT pg_advisory_xact_lock(731057518, hashtext($1))';
const INSERT = `
  INSERT INTO workflow_versions (workflow_id, version, hash, created_at, definition, handlers)
  VALUES ($1, $2, $3, $4, $5, $6)`;
const SELECT_NEWEST = 'SELECT * FROM workflow_versions WHERE workflow_id = $1 ORDER BY version DESC LIMIT 1';
const SELECT_VERSION = 'SELECT * FROM workflow_versions WHERE workflow_id = $1 AND version = $2';
const LIST = `
  SELECT * FROM workflow_versions WHERE (workflow_id, version) > ($1, $2) ORDER BY workflow_id, version LIMIT $3`;

export const workflowVersionsTable = {
  /** In a transaction. */
  async save(sql: Sql, { workflowId, hash, definition, handlers, at }: SaveVersionParams): Promise<WorkflowRecord> {
    const id = encodeText(workflowId);
    await sql.all(LOCK, [id]);
    const newest = toVersion(await first(sql, SELECT_NEWEST, [id]));
    if (newest !== null && newest.hash === hash) return toRecord(sql, newest);
    const version = (newest?.version ?? 0) + 1;
    const texts = [JSON.stringify(definition), JSON.stringify(handlers)];
    await sql.run(INSERT, [id, version, encodeText(hash), at, ...texts]);
    return toRecord(sql, { workflowId, version, hash, definition, handlers, createdAt: at });
  },

  async get(sql: Sql, { workflowId, version }: VersionKey): Promise<WorkflowVersion | null> {
    return toVersion(await first(sql, SELECT_VERSION, [encodeText(workflowId), version]));
  },

  async list(
    sql: Sql,
    { after, limit }: { readonly after: VersionKey | null; readonly limit: number },
  ): Promise<WorkflowVersion[]> {
    const { workflowId, version } = after ?? { workflowId: '', version: 0 };
    return (await sql.all(LIST, [encodeText(workflowId), version, limit])).flatMap((row) => toVersion(row) ?? []);
  },
};

async function toRecord(sql: Sql, version: WorkflowVersion): Promise<WorkflowRecord> {
  const { workflowId, version: number, createdAt: updatedAt } = version;
  const oldest = number === 1 ? version : await workflowVersionsTable.get(sql, { workflowId, version: 1 });
  return { version, createdAt: (oldest ?? version).createdAt, updatedAt };
}

function toVersion(found: unknown): WorkflowVersion | null {
  const row = found as VersionRow | undefined;
  if (row === undefined) return null;
  return {
    workflowId: decodeText(row.workflow_id),
    version: row.version,
    hash: decodeText(row.hash),
    definition: JSON.parse(row.definition) as WorkflowDefinition,
    handlers: JSON.parse(row.handlers) as WorkflowVersion['handlers'],
    createdAt: row.created_at,
  };
}
