import { ErrandError } from '../../../../core/errors.js';
import type { Hook, HookCounts } from '../../../../core/hooks/hook.js';
import type { HookId } from '../../../../core/ports/store/hooks/hook-store.js';
import { fromHookRow, type HookRow, toHookRow } from '../../../rows/hooks/hook-rows.js';
import { missingOrganization } from '../../../rows/missing-organization.js';
import { ConstraintError, type SqliteConnection } from '../../connection/connection.js';
import { encodeText } from '../../connection/text.js';

const INSERT = `
  INSERT INTO hooks (id, organization_id, token_hash, settings, secrets, created_at, updated_at)
  VALUES (?, ?, ?, ?, ?, ?, ?)`;
const UPDATE = `
  UPDATE hooks SET token_hash = ?, settings = ?, secrets = ?, updated_at = ? WHERE id = ? AND organization_id = ?`;
const COUNT = `
  UPDATE hooks SET accepted = accepted + ?, refused = refused + ?, accepted_at = coalesce(?, accepted_at),
    run_id = coalesce(?, run_id), refused_at = coalesce(?, refused_at), refusal = coalesce(?, refusal)
  WHERE id = ? AND organization_id = ?`;

export class HooksTable {
  readonly #db: SqliteConnection;

  constructor(db: SqliteConnection) {
    this.#db = db;
  }

  insert(hook: Hook): void {
    const { id, organization_id, token_hash, settings, secrets, created_at, updated_at } = toHookRow(hook);
    try {
      this.#db.run(INSERT, id, organization_id, token_hash, settings, secrets, created_at, updated_at);
    } catch (error) {
      if (!(error instanceof ConstraintError)) throw error;
      if (error.kind === 'foreign_key') throw missingOrganization(hook.organizationId, error);
      throw new ErrandError('conflict', 'There is a hook with this id already.', { cause: error });
    }
  }

  get({ organizationId, id }: HookId): Hook | null {
    const sql = 'SELECT * FROM hooks WHERE id = ? AND organization_id = ?';
    const row = this.#db.get(sql, encodeText(id), encodeText(organizationId)) as HookRow | undefined;
    return row === undefined ? null : fromHookRow(row);
  }

  findByToken({ tokenHash }: { readonly tokenHash: string }): Hook | null {
    const row = this.#db.get('SELECT * FROM hooks WHERE token_hash = ?', tokenHash) as HookRow | undefined;
    return row === undefined ? null : fromHookRow(row);
  }

  list({ organizationId }: { readonly organizationId: string }): Hook[] {
    const sql = 'SELECT * FROM hooks WHERE organization_id = ? ORDER BY id';
    return (this.#db.all(sql, encodeText(organizationId)) as HookRow[]).map(fromHookRow);
  }

  update(hook: Hook): boolean {
    const { token_hash, settings, secrets, updated_at, id, organization_id } = toHookRow(hook);
    return this.#db.run(UPDATE, token_hash, settings, secrets, updated_at, id, organization_id) > 0;
  }

  count({ organizationId, id, counts }: HookId & { readonly counts: HookCounts }): void {
    const { accepted, refused, acceptedAt, runId, refusedAt, refusal } = counts;
    const why = refusal === null ? null : encodeText(refusal);
    const owner = [encodeText(id), encodeText(organizationId)] as const;
    this.#db.run(COUNT, accepted, refused, acceptedAt, runId, refusedAt, why, ...owner);
  }

  delete({ organizationId, id }: HookId): boolean {
    const sql = 'DELETE FROM hooks WHERE id = ? AND organization_id = ?';
    return this.#db.run(sql, encodeText(id), encodeText(organizationId)) > 0;
  }
}
