import type { OneUse, UseOnceParams } from '../../../../core/ports/store/oauth-store.js';
import type { AuthorizationCode } from '../../../../core/tenant/grant.js';
import type { Row } from '../../../rows/columns.js';
import { codeRow } from '../../../rows/oauth-rows.js';
import { encodeText } from '../../../rows/text.js';
import { first, type Sql } from '../../connection/sql.js';

const INSERT = `
  INSERT INTO oauth_codes (hash, client_id, redirect_uri, challenge, grant_json, expires_at, used_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7)`;
const FIND = 'SELECT * FROM oauth_codes WHERE hash = $1 FOR UPDATE';

export const oauthCodesTable = {
  async insert(sql: Sql, code: AuthorizationCode): Promise<void> {
    await sql.run(INSERT, codeRow.write(code));
  },

  /** To be called within a transaction. */
  async use(sql: Sql, { hash, at }: UseOnceParams): Promise<OneUse<AuthorizationCode> | null> {
    const row = (await first(sql, FIND, [encodeText(hash)])) as Row | undefined;
    if (row === undefined) return null;
    const isFirst = row.used_at === null;
    if (isFirst) await sql.run('UPDATE oauth_codes SET used_at = $1 WHERE hash = $2', [at, encodeText(hash)]);
    return { found: codeRow.read(row), isFirst };
  },
};
