import type { Draft, DraftStore, DraftSummary } from '../../../../core/ports/store/workflows/draft-store.js';
import type { Row } from '../../../rows/columns.js';
import { encodeText } from '../../../rows/text.js';
import { DRAFT_SUMMARY_COLUMNS, draftForm, draftSummaryForm } from '../../../rows/workflows/draft-rows.js';
import { publicationOwner } from '../../../rows/workflows/publication-rows.js';
import { first, type Sql } from '../../connection/sql.js';

const INSERT = `
  INSERT INTO workflow_drafts
    (id, organization_id, workflow_id, name, base_version, faults, revision, created_at, updated_at, key_id, text, format)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`;
const UPDATE = `
  UPDATE workflow_drafts SET
    workflow_id = $3, name = $4, base_version = $5, faults = $6, revision = $7, created_at = $8, updated_at = $9,
    key_id = $10, text = $11, format = $12
  WHERE id = $1 AND organization_id = $2 AND revision = $13`;
const GET = 'SELECT * FROM workflow_drafts WHERE organization_id = $1 AND id = $2';
const LIST = `
  SELECT ${DRAFT_SUMMARY_COLUMNS} FROM workflow_drafts
  WHERE organization_id = $1 AND ($2::text IS NULL OR workflow_id = $2) AND ($3::text IS NULL OR id < $3)
  ORDER BY id DESC LIMIT $4`;
const COUNT = 'SELECT count(*)::int AS count FROM workflow_drafts WHERE organization_id = $1';
const DELETE = `
  DELETE FROM workflow_drafts WHERE organization_id = $1 AND id = $2 AND ($3::int IS NULL OR revision = $3)`;

type Params<Method extends keyof DraftStore> = Parameters<DraftStore[Method]>[0];

export const draftsTable = {
  async insert(sql: Sql, draft: Draft): Promise<void> {
    await sql.run(INSERT, draftForm.write(draft));
  },

  async replace(sql: Sql, draft: Draft): Promise<boolean> {
    return (await sql.run(UPDATE, [...draftForm.write(draft), draft.revision - 1])) > 0;
  },

  async get(sql: Sql, { organizationId, id }: Params<'get'>): Promise<Draft | null> {
    const row = await first(sql, GET, [publicationOwner(organizationId), encodeText(id)]);
    return row === undefined ? null : draftForm.read(row as Row);
  },

  async list(sql: Sql, { organizationId, workflowId, beforeId, limit }: Params<'list'>): Promise<DraftSummary[]> {
    const workflow = workflowId === null ? null : encodeText(workflowId);
    const before = beforeId === null ? null : encodeText(beforeId);
    const values = [publicationOwner(organizationId), workflow, before, limit];
    return ((await sql.all(LIST, values)) as Row[]).map(draftSummaryForm.read);
  },

  async count(sql: Sql, { organizationId }: Params<'count'>): Promise<number> {
    return ((await first(sql, COUNT, [publicationOwner(organizationId)])) as { readonly count: number }).count;
  },

  async delete(sql: Sql, { organizationId, id, revision }: Params<'delete'>): Promise<boolean> {
    return (await sql.run(DELETE, [publicationOwner(organizationId), encodeText(id), revision])) > 0;
  },
};
