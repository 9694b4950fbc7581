import type { OAuthClient } from '../../../../core/tenant/grant.js';
import type { Row } from '../../../rows/columns.js';
import { clientRow } from '../../../rows/oauth-rows.js';
import { encodeText } from '../../../rows/text.js';
import { first, type Sql } from '../../connection/sql.js';

const INSERT =
  'INSERT INTO oauth_clients (id, name, redirect_uris, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)';
const KEEP = 'UPDATE oauth_clients SET expires_at = greatest(expires_at, $1) WHERE id = $2';

export const oauthClientsTable = {
  async insert(sql: Sql, client: OAuthClient): Promise<void> {
    await sql.run(INSERT, clientRow.write(client));
  },

  async get(sql: Sql, { id }: { readonly id: string }): Promise<OAuthClient | null> {
    const row = await first(sql, 'SELECT * FROM oauth_clients WHERE id = $1', [encodeText(id)]);
    return row === undefined ? null : clientRow.read(row as Row);
  },

  async keep(sql: Sql, { id, expiresAt }: { readonly id: string; readonly expiresAt: number }): Promise<void> {
    await sql.run(KEEP, [expiresAt, encodeText(id)]);
  },

  async count(sql: Sql): Promise<number> {
    return ((await first(sql, 'SELECT count(*) AS count FROM oauth_clients', [])) as { count: number }).count;
  },
};
