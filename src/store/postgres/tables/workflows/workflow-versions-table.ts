import type {
  SaveVersionParams,
  VersionKey,
  VersionSummary,
  WorkflowStore,
} from '../../../../core/ports/store/workflows/workflow-store.js';
import type { WorkflowDefinition, WorkflowRecord, WorkflowVersion } from '../../../../core/workflow/definition.js';
import { decodeText, encodeText } from '../../../rows/text.js';
import { first, type Sql } from '../../connection/sql.js';

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
const LIST_OF = `
  SELECT version, hash, created_at FROM workflow_versions
  WHERE workflow_id = $1 AND version < $2 ORDER BY version DESC LIMIT $3`;
// What begins with the prefix comes before the prefix with the last of all characters.
const MEASURE = `
  SELECT count(*) AS versions, coalesce(sum(length(definition) + length(handlers)), 0)::bigint AS characters
  FROM workflow_versions WHERE workflow_id >= $1 AND workflow_id < $2`;
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

  async listOf(sql: Sql, params: Parameters<WorkflowStore['listOf']>[0]): Promise<VersionSummary[]> {
    const { workflowId, limit, before } = params;
    const rows = await sql.all(LIST_OF, [encodeText(workflowId), before ?? 2_147_483_647, limit]);
    return (rows as VersionRow[]).map(({ version, hash, created_at: createdAt }) => ({
      version,
      hash: decodeText(hash),
      createdAt,
    }));
  },

  async measure(
    sql: Sql,
    { prefix }: { readonly prefix: string },
  ): Promise<{ readonly versions: number; readonly characters: number }> {
    const from = encodeText(prefix);
    return (await first(sql, MEASURE, [from, `${from}\u{10FFFF}`])) as { versions: number; characters: number };
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
