import type { Draft, DraftStore, DraftSummary } from '../../../../core/ports/store/workflows/draft-store.js';
import type { Row } from '../../../rows/columns.js';
import { DRAFT_SUMMARY_COLUMNS, draftForm, draftSummaryForm } from '../../../rows/workflows/draft-rows.js';
import { publicationOwner } from '../../../rows/workflows/publication-rows.js';
import type { SqliteConnection } from '../../connection/connection.js';
import { encodeText } from '../../connection/text.js';

const INSERT = `
  INSERT INTO workflow_drafts
    (id, organization_id, workflow_id, name, base_version, faults, revision, created_at, updated_at, key_id, text, format)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const UPDATE = `
  UPDATE workflow_drafts SET
    workflow_id = ?, name = ?, base_version = ?, faults = ?, revision = ?, created_at = ?, updated_at = ?, key_id = ?,
    text = ?, format = ?
  WHERE id = ? AND organization_id = ? AND revision = ?`;
const GET = 'SELECT * FROM workflow_drafts WHERE organization_id = ? AND id = ?';
const LIST = `
  SELECT ${DRAFT_SUMMARY_COLUMNS} FROM workflow_drafts
  WHERE organization_id = ? AND (? IS NULL OR workflow_id = ?) AND (? IS NULL OR id < ?) ORDER BY id DESC LIMIT ?`;
const COUNT = 'SELECT count(*) AS count FROM workflow_drafts WHERE organization_id = ?';
const DELETE = 'DELETE FROM workflow_drafts WHERE organization_id = ? AND id = ? AND (? IS NULL OR revision = ?)';

type Params<Method extends keyof DraftStore> = Parameters<DraftStore[Method]>[0];

export class DraftsTable {
  readonly #db: SqliteConnection;

  constructor(db: SqliteConnection) {
    this.#db = db;
  }

  insert(draft: Draft): void {
    this.#db.run(INSERT, ...draftForm.write(draft));
  }

  replace(draft: Draft): boolean {
    const [id = null, owner = null, ...rest] = draftForm.write(draft);
    return this.#db.run(UPDATE, ...rest, id, owner, draft.revision - 1) > 0;
  }

  get({ organizationId, id }: Params<'get'>): Draft | null {
    const row = this.#db.get(GET, publicationOwner(organizationId), encodeText(id)) as Row | undefined;
    return row === undefined ? null : draftForm.read(row);
  }

  list({ organizationId, workflowId, beforeId, limit }: Params<'list'>): DraftSummary[] {
    const workflow = workflowId === null ? null : encodeText(workflowId);
    const before = beforeId === null ? null : encodeText(beforeId);
    const owner = publicationOwner(organizationId);
    return (this.#db.all(LIST, owner, workflow, workflow, before, before, limit) as Row[]).map(draftSummaryForm.read);
  }

  count({ organizationId }: Params<'count'>): number {
    return (this.#db.get(COUNT, publicationOwner(organizationId)) as { readonly count: number }).count;
  }

  delete({ organizationId, id, revision }: Params<'delete'>): boolean {
    return this.#db.run(DELETE, publicationOwner(organizationId), encodeText(id), revision, revision) > 0;
  }
}
