import type { OAuthClient } from '../../../../core/tenant/grant.js';
import type { Row } from '../../../rows/columns.js';
import { clientRow } from '../../../rows/oauth-rows.js';
import type { SqliteConnection } from '../../connection/connection.js';
import { encodeText } from '../../connection/text.js';

const INSERT = 'INSERT INTO oauth_clients (id, name, redirect_uris, created_at, expires_at) VALUES (?, ?, ?, ?, ?)';
const KEEP = 'UPDATE oauth_clients SET expires_at = max(expires_at, ?) WHERE id = ?';

export class OAuthClientsTable {
  readonly #db: SqliteConnection;

  constructor(db: SqliteConnection) {
    this.#db = db;
  }

  insert(client: OAuthClient): void {
    this.#db.run(INSERT, ...clientRow.write(client));
  }

  get({ id }: { readonly id: string }): OAuthClient | null {
    const row = this.#db.get('SELECT * FROM oauth_clients WHERE id = ?', encodeText(id)) as Row | undefined;
    return row === undefined ? null : clientRow.read(row);
  }

  keep({ id, expiresAt }: { readonly id: string; readonly expiresAt: number }): void {
    this.#db.run(KEEP, expiresAt, encodeText(id));
  }

  count(): number {
    return (this.#db.get('SELECT count(*) AS count FROM oauth_clients') as { count: number }).count;
  }
}
