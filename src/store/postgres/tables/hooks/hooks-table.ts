import { ErrandError } from '../../../../core/errors.js';
import type { Hook, HookCounts } from '../../../../core/hooks/hook.js';
import type { HookId } from '../../../../core/ports/store/hooks/hook-store.js';
import { fromHookRow, type HookRow, toHookRow } from '../../../rows/hooks/hook-rows.js';
import { missingOrganization } from '../../../rows/missing-organization.js';
import { encodeText } from '../../../rows/text.js';
import { ConstraintError } from '../../connection/errors.js';
import { first, type Sql } from '../../connection/sql.js';

const INSERT = `
  INSERT INTO hooks (id, organization_id, token_hash, settings, secrets, created_at, updated_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7)`;
const GET = 'SELECT * FROM hooks WHERE id = $1 AND organization_id = $2';
const FIND = 'SELECT * FROM hooks WHERE token_hash = $1';
const LIST = 'SELECT * FROM hooks WHERE organization_id = $1 ORDER BY id';
const UPDATE = `
  UPDATE hooks SET token_hash = $1, settings = $2, secrets = $3, updated_at = $4
  WHERE id = $5 AND organization_id = $6`;
const COUNT = `
  UPDATE hooks SET accepted = accepted + $1, refused = refused + $2, accepted_at = coalesce($3, accepted_at),
    run_id = coalesce($4, run_id), refused_at = coalesce($5, refused_at), refusal = coalesce($6, refusal)
  WHERE id = $7 AND organization_id = $8`;
const DELETE = 'DELETE FROM hooks WHERE id = $1 AND organization_id = $2';

export const hooksTable = {
  async insert(sql: Sql, hook: Hook): Promise<void> {
    const { id, organization_id, token_hash, settings, secrets, created_at, updated_at } = toHookRow(hook);
    try {
      await sql.run(INSERT, [id, organization_id, token_hash, settings, secrets, created_at, updated_at]);
    } catch (error) {
      if (!(error instanceof ConstraintError)) throw error;
      if (error.kind === 'foreign_key') throw missingOrganization(hook.organizationId, error);
      throw new ErrandError('conflict', 'There is a hook with this id already.', { cause: error });
    }
  },

  async get(sql: Sql, { organizationId, id }: HookId): Promise<Hook | null> {
    const row = await first(sql, GET, [encodeText(id), encodeText(organizationId)]);
    return row === undefined ? null : fromHookRow(row as HookRow);
  },

  async findByToken(sql: Sql, { tokenHash }: { readonly tokenHash: string }): Promise<Hook | null> {
    const row = await first(sql, FIND, [tokenHash]);
    return row === undefined ? null : fromHookRow(row as HookRow);
  },

  async list(sql: Sql, { organizationId }: { readonly organizationId: string }): Promise<Hook[]> {
    return ((await sql.all(LIST, [encodeText(organizationId)])) as HookRow[]).map(fromHookRow);
  },

  async update(sql: Sql, hook: Hook): Promise<boolean> {
    const { token_hash, settings, secrets, updated_at, id, organization_id } = toHookRow(hook);
    return (await sql.run(UPDATE, [token_hash, settings, secrets, updated_at, id, organization_id])) > 0;
  },

  async count(sql: Sql, { organizationId, id, counts }: HookId & { readonly counts: HookCounts }): Promise<void> {
    const { accepted, refused, acceptedAt, runId, refusedAt, refusal } = counts;
    const why = refusal === null ? null : encodeText(refusal);
    const owner = [encodeText(id), encodeText(organizationId)];
    await sql.run(COUNT, [accepted, refused, acceptedAt, runId, refusedAt, why, ...owner]);
  },

  async delete(sql: Sql, { organizationId, id }: HookId): Promise<boolean> {
    return (await sql.run(DELETE, [encodeText(id), encodeText(organizationId)])) > 0;
  },
};
