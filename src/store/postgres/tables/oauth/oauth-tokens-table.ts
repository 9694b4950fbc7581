import type { OneUse, UseOnceParams } from '../../../../core/ports/store/oauth-store.js';
import type { OAuthToken } from '../../../../core/tenant/grant.js';
import type { Row } from '../../../rows/columns.js';
import { tokenRow } from '../../../rows/oauth-rows.js';
import { encodeText } from '../../../rows/text.js';
import { first, type Sql } from '../../connection/sql.js';

const INSERT = `
  INSERT INTO oauth_tokens
    (hash, kind, grant_id, organization_id, client_id, scopes, resources, expires_at, used_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`;
const FIND = 'SELECT * FROM oauth_tokens WHERE hash = $1';
const REMOVE = 'DELETE FROM oauth_tokens WHERE organization_id = $1 AND grant_id = ANY($2::text[])';

export const oauthTokensTable = {
  async insert(sql: Sql, token: OAuthToken): Promise<void> {
    await sql.run(INSERT, tokenRow.write(token));
  },

  async find(sql: Sql, { hash }: { readonly hash: string }): Promise<OAuthToken | null> {
    const row = (await first(sql, FIND, [encodeText(hash)])) as Row | undefined;
    return row === undefined ? null : tokenRow.read(row);
  },

  /** To be called within a transaction. */
  async use(sql: Sql, { hash, at }: UseOnceParams): Promise<OneUse<OAuthToken> | null> {
    const row = (await first(sql, `${FIND} FOR UPDATE`, [encodeText(hash)])) as Row | undefined;
    if (row === undefined) return null;
    const isFirst = row.used_at === null;
    if (isFirst) await sql.run('UPDATE oauth_tokens SET used_at = $1 WHERE hash = $2', [at, encodeText(hash)]);
    return { found: tokenRow.read(row), isFirst };
  },

  async removeOfGrants(sql: Sql, grantIds: readonly string[], organizationId: string): Promise<void> {
    await sql.run(REMOVE, [encodeText(organizationId), grantIds.map(encodeText)]);
  },
};
