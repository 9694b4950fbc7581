import type { CountKeysParams, KeyCounts, RemoveKeysParams } from '../../../core/ports/store/key-store.js';
import type { ApiKey } from '../../../core/tenant/api-key.js';
import { type SqliteConnection, ConstraintError } from '../connection/connection.js';
import { RecentCache } from '../caches/recent-cache.js';
import type { Row } from '../../rows/columns.js';
import { keyConflict, keyRow } from '../../rows/key-row.js';
import { missingOrganization } from '../../rows/missing-organization.js';
import { encodeText } from '../connection/text.js';

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
      this.#db.run(INSERT, ...keyRow.write(key));
    } catch (error) {
      if (!(error instanceof ConstraintError)) throw error;
      if (error.kind === 'foreign_key') {
        throw missingOrganization(key.organizationId, error);
      }
      throw keyConflict(error.isOn('api_keys.hash') ? 'hash' : 'id', error);
    }
  }

  find({ hash }: { readonly hash: string }): ApiKey | null {
    const recent = this.#recent.get(hash);
    if (recent !== undefined) return recent;
    const row = this.#db.get('SELECT * FROM api_keys WHERE hash = ?', encodeText(hash)) as Row | undefined;
    if (row === undefined) return null;
    const key = keyRow.read(row);
    this.#recent.set(hash, key);
    return key;
  }

  get({ organizationId, id }: { readonly organizationId: string; readonly id: string }): ApiKey | null {
    const row = this.#db.get(SELECT_BY_ID, encodeText(id), encodeText(organizationId)) as Row | undefined;
    return row === undefined ? null : keyRow.read(row);
  }

  count({ organizationId, at }: CountKeysParams): KeyCounts {
    return this.#db.get(COUNT, encodeText(organizationId), at) as KeyCounts;
  }

  /** Oldest first. */
  list({ organizationId }: { readonly organizationId: string }): ApiKey[] {
    const rows = this.#db.all(
      'SELECT * FROM api_keys WHERE organization_id = ? ORDER BY id',
      encodeText(organizationId),
    ) as Row[];
    return rows.map(keyRow.read);
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
