import { ErrandError } from '../../../core/errors.js';
import type { Scope } from '../../../core/tenant/principal.js';
import type { CountKeysParams, KeyCounts, RemoveKeysParams } from '../../../core/ports/store/key-store.js';
import type { ApiKey } from '../../../core/tenant/api-key.js';
import { type SqliteConnection, ConstraintError } from '../connection/connection.js';
import { RecentCache } from '../caches/recent-cache.js';
import { missingOrganization } from '../../rows/missing-organization.js';
import { decodeText, encodeText } from '../connection/text.js';

interface ApiKeyRow {
  readonly hash: string;
  readonly id: string;
  readonly organization_id: string;
  readonly name: string;
  readonly hint: string;
  readonly scopes: string;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly revoked_at: number | null;
  readonly last_used_at: number | null;
}

const INSERT = `
  INSERT INTO api_keys
    (hash, id, organization_id, name, hint, scopes, created_at, expires_at, revoked_at, last_used_at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const REVOKE = `
  UPDATE api_keys SET revoked_at = coalesce(revoked_at, ?) WHERE id = ? AND organization_id = ?`;
const TOUCH = 'UPDATE api_keys SET last_used_at = ?1 WHERE id = ?2 AND coalesce(last_used_at, 0) < ?1';

const SELECT_BY_ID = 'SELECT * FROM api_keys WHERE id = ? AND organization_id = ?';
/** Without rows, `sum` gives NULL and `total` a number. */
const COUNT = `
  SELECT total(NOT ended) AS valid, total(ended) AS ended FROM (
    SELECT revoked_at IS NOT NULL OR coalesce(expires_at <= ?2, 0) AS ended FROM api_keys WHERE organization_id = ?1
  )`;
const REMOVE = 'DELETE FROM api_keys WHERE id = ? AND organization_id = ?';

const MAX_REMEMBERED = 1_000;

export class ApiKeysTable {
  readonly #db: SqliteConnection;
  /** Keys as the file has them, by hash. Exact: no other connection writes, and what is written here is forgotten. */
  readonly #recent: RecentCache<ApiKey>;

  constructor(db: SqliteConnection) {
    this.#db = db;
    this.#recent = db.participants.join(new RecentCache<ApiKey>(MAX_REMEMBERED));
  }

  insert(key: ApiKey): void {
    try {
      this.#db.run(
        INSERT,
        encodeText(key.hash),
        encodeText(key.id),
        encodeText(key.organizationId),
        encodeText(key.name),
        encodeText(key.hint),
        JSON.stringify(key.scopes),
        key.createdAt,
        key.expiresAt,
        key.revokedAt,
        key.lastUsedAt,
      );
    } catch (error) {
      if (!(error instanceof ConstraintError)) throw error;
      if (error.kind === 'foreign_key') {
        throw missingOrganization(key.organizationId, error);
      }
      throw new ErrandError('conflict', 'There is a key like this one already.', {
        details: { reason: error.isOn('api_keys.hash') ? 'hash' : 'id' },
        cause: error,
      });
    }
  }

  find({ hash }: { readonly hash: string }): ApiKey | null {
    const recent = this.#recent.get(hash);
    if (recent !== undefined) return recent;
    const row = this.#db.get('SELECT * FROM api_keys WHERE hash = ?', encodeText(hash)) as ApiKeyRow | undefined;
    if (row === undefined) return null;
    const key = toKey(row);
    this.#recent.set(hash, key);
    return key;
  }

  get({ organizationId, id }: { readonly organizationId: string; readonly id: string }): ApiKey | null {
    const row = this.#db.get(SELECT_BY_ID, encodeText(id), encodeText(organizationId)) as ApiKeyRow | undefined;
    return row === undefined ? null : toKey(row);
  }

  count({ organizationId, at }: CountKeysParams): KeyCounts {
    return this.#db.get(COUNT, encodeText(organizationId), at) as KeyCounts;
  }

  /** Oldest first. */
  list({ organizationId }: { readonly organizationId: string }): ApiKey[] {
    const rows = this.#db.all(
      'SELECT * FROM api_keys WHERE organization_id = ? ORDER BY id',
      encodeText(organizationId),
    ) as ApiKeyRow[];
    return rows.map(toKey);
  }

  revoke({ organizationId, id, at }: { organizationId: string; id: string; at: number }): boolean {
    this.#recent.clear();
    return this.#db.run(REVOKE, at, encodeText(id), encodeText(organizationId)) > 0;
  }

  touch({ id, at }: { readonly id: string; readonly at: number }): void {
    this.#recent.clear();
    this.#db.run(TOUCH, at, encodeText(id));
  }

  remove({ organizationId, ids }: RemoveKeysParams): void {
    this.#recent.clear();
    for (const id of ids) this.#db.run(REMOVE, encodeText(id), encodeText(organizationId));
  }
}

function toKey(row: ApiKeyRow): ApiKey {
  return {
    id: decodeText(row.id),
    organizationId: decodeText(row.organization_id),
    name: decodeText(row.name),
    hash: decodeText(row.hash),
    hint: decodeText(row.hint),
    scopes: JSON.parse(row.scopes) as Scope[],
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    lastUsedAt: row.last_used_at,
  };
}
