import { ErrandError } from '../../../../core/errors.js';
import type { GrantPlace, RevokeGrantsOfKeyParams } from '../../../../core/ports/store/grant-store.js';
import type { Grant } from '../../../../core/tenant/grant.js';
import type { Row } from '../../../rows/columns.js';
import { grantRow } from '../../../rows/oauth-rows.js';
import { decodeText, encodeText } from '../../../rows/text.js';
import { ConstraintError } from '../../connection/errors.js';
import { first, type Sql } from '../../connection/sql.js';
import { missingOrganization } from '../../../rows/missing-organization.js';
import { oauthTokensTable } from './oauth-tokens-table.js';

const INSERT = `
  INSERT INTO grants (id, organization_id, key_id, client_id, client_name, client_host, client_signs, subject, scopes,
    resources, created_at, expires_at, revoked_at, last_used_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`;
const GET = 'SELECT * FROM grants WHERE id = $1 AND organization_id = $2';
const LIST = `
  SELECT * FROM grants WHERE organization_id = $1 AND revoked_at IS NULL AND expires_at > $2 ORDER BY id`;
const EXTEND = 'UPDATE grants SET expires_at = $1 WHERE id = $2 AND organization_id = $3';
const TOUCH = 'UPDATE grants SET last_used_at = $1 WHERE id = $2 AND coalesce(last_used_at, 0) < $1';
const REVOKE = 'UPDATE grants SET revoked_at = coalesce(revoked_at, $1) WHERE id = $2 AND organization_id = $3';
const REVOKE_OF_KEY = `
  UPDATE grants SET revoked_at = $1 WHERE organization_id = $2 AND key_id = $3 AND revoked_at IS NULL RETURNING id`;

export const grantsTable = {
  async insert(sql: Sql, grant: Grant): Promise<void> {
    try {
      await sql.run(INSERT, grantRow.write(grant));
    } catch (error) {
      if (!(error instanceof ConstraintError)) throw error;
      if (error.kind === 'foreign_key') {
        throw missingOrganization(grant.organizationId, error);
      }
      throw new ErrandError('conflict', 'There is a grant with this id already.', { cause: error });
    }
  },

  async get(sql: Sql, { organizationId, id }: GrantPlace): Promise<Grant | null> {
    const row = (await first(sql, GET, [encodeText(id), encodeText(organizationId)])) as Row | undefined;
    return row === undefined ? null : grantRow.read(row);
  },

  async list(sql: Sql, params: { readonly organizationId: string; readonly at: number }): Promise<Grant[]> {
    const rows = (await sql.all(LIST, [encodeText(params.organizationId), params.at])) as Row[];
    return rows.map(grantRow.read);
  },

  async extend(sql: Sql, params: GrantPlace & { readonly expiresAt: number }): Promise<void> {
    await sql.run(EXTEND, [params.expiresAt, encodeText(params.id), encodeText(params.organizationId)]);
  },

  async touch(sql: Sql, { id, at }: { readonly id: string; readonly at: number }): Promise<void> {
    await sql.run(TOUCH, [at, encodeText(id)]);
  },

  async revoke(sql: Sql, { organizationId, id, at }: GrantPlace & { readonly at: number }): Promise<boolean> {
    await oauthTokensTable.removeOfGrants(sql, [id], organizationId);
    return (await sql.run(REVOKE, [at, encodeText(id), encodeText(organizationId)])) > 0;
  },

  async revokeOfKey(sql: Sql, { organizationId, keyId, at }: RevokeGrantsOfKeyParams): Promise<readonly string[]> {
    const rows = await sql.all(REVOKE_OF_KEY, [at, encodeText(organizationId), encodeText(keyId)]);
    const ids = (rows as { readonly id: string }[]).map(({ id }) => decodeText(id));
    if (ids.length > 0) await oauthTokensTable.removeOfGrants(sql, ids, organizationId);
    return ids;
  },
};
