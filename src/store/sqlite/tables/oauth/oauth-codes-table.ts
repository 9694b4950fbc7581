import type { OneUse, UseOnceParams } from '../../../../core/ports/store/oauth-store.js';
import type { AuthorizationCode } from '../../../../core/tenant/grant.js';
import type { Row } from '../../../rows/columns.js';
import { codeRow } from '../../../rows/oauth-rows.js';
import type { SqliteConnection } from '../../connection/connection.js';
import { encodeText } from '../../connection/text.js';

const INSERT = `
  INSERT INTO oauth_codes (hash, client_id, redirect_uri, challenge, grant_json, expires_at, used_at)
  VALUES (?, ?, ?, ?, ?, ?, ?)`;

export class OAuthCodesTable {
  readonly #db: SqliteConnection;

  constructor(db: SqliteConnection) {
    this.#db = db;
  }

  insert(code: AuthorizationCode): void {
    this.#db.run(INSERT, ...codeRow.write(code));
  }

  use({ hash, at }: UseOnceParams): OneUse<AuthorizationCode> | null {
    const row = this.#db.get('SELECT * FROM oauth_codes WHERE hash = ?', encodeText(hash)) as Row | undefined;
    if (row === undefined) return null;
    const isFirst = row.used_at === null;
    if (isFirst) this.#db.run('UPDATE oauth_codes SET used_at = ? WHERE hash = ?', at, encodeText(hash));
    return { found: codeRow.read(row), isFirst };
  }
}
