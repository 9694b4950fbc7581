import type { OneUse, PurgeParams, UseOnceParams } from '../../../../core/ports/store/oauth-store.js';
import type { OAuthToken } from '../../../../core/tenant/grant.js';
import type { Row } from '../../../rows/columns.js';
import { tokenRow } from '../../../rows/oauth-rows.js';
import { RecentCache } from '../../caches/recent-cache.js';
import type { SqliteConnection } from '../../connection/connection.js';
import { encodeText } from '../../connection/text.js';
import { purgeExpired } from './purge-oauth.js';

const INSERT = `
  INSERT INTO oauth_tokens
    (hash, kind, grant_id, organization_id, client_id, scopes, resources, expires_at, used_at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const REMOVE = 'DELETE FROM oauth_tokens WHERE grant_id = ? AND organization_id = ?';

const MAX_REMEMBERED = 1_000;

export class OAuthTokensTable {
  readonly #db: SqliteConnection;
  /** Tokens as the file has them, by hash. Exact: no other connection writes, and what is written here is forgotten. */
  readonly #recent: RecentCache<OAuthToken>;

  constructor(db: SqliteConnection) {
    this.#db = db;
    this.#recent = db.participants.join(new RecentCache<OAuthToken>(MAX_REMEMBERED));
  }

  insert(token: OAuthToken): void {
    this.#db.run(INSERT, ...tokenRow.write(token));
  }

  find({ hash }: { readonly hash: string }): OAuthToken | null {
    const recent = this.#recent.get(hash);
    if (recent !== undefined) return recent;
    const token = this.#read(hash);
    if (token !== null) this.#recent.set(hash, token);
    return token;
  }

  use({ hash, at }: UseOnceParams): OneUse<OAuthToken> | null {
    const found = this.#read(hash);
    if (found === null) return null;
    const isFirst = found.usedAt === null;
    if (isFirst) {
      this.#recent.delete(hash);
      this.#db.run('UPDATE oauth_tokens SET used_at = ? WHERE hash = ?', at, encodeText(hash));
    }
    return { found, isFirst };
  }

  removeOfGrants(grantIds: readonly string[], organizationId: string): void {
    this.#recent.clear();
    for (const id of grantIds) this.#db.run(REMOVE, encodeText(id), encodeText(organizationId));
  }

  /** Codes, clients and grants that have expired go too. */
  purge(params: PurgeParams): boolean {
    this.#recent.clear();
    return purgeExpired(this.#db, params);
  }

  #read(hash: string): OAuthToken | null {
    const row = this.#db.get('SELECT * FROM oauth_tokens WHERE hash = ?', encodeText(hash)) as Row | undefined;
    return row === undefined ? null : tokenRow.read(row);
  }
}
