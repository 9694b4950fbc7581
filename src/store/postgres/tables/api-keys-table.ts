import type {
  CountKeysParams,
  KeyCounts,
  RemoveKeysParams,
  RevokeKeyParams,
  TouchKeyParams,
} from '../../../core/ports/store/key-store.js';
import type { ApiKey } from '../../../core/tenant/api-key.js';
import { encodeText } from '../../rows/text.js';
import { ConstraintError } from '../connection/errors.js';
import type { Row } from '../../rows/columns.js';
import { keyConflict, keyRow } from '../../rows/key-row.js';
import { missingOrganization } from '../../rows/missing-organization.js';
import { plannedOnceAnywhere } from '../connection/prepared.js';
import { first, type Sql } from '../connection/sql.js';

const INSERT = `
  INSERT INTO api_keys
    (hash, id, organization_id, name, hint, scopes, created_at, expires_at, revoked_at, last_used_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`;
const REVOKE = 'UPDATE api_keys SET revoked_at = coalesce(revoked_at, $1) WHERE id = $2 AND organization_id = $3';
const TOUCH = 'UPDATE api_keys SET last_used_at = $1 WHERE id = $2 AND coalesce(last_used_at, 0) < $1';
const FIND = plannedOnceAnywhere(`SELECT ${keyRow.names.join(', ')} FROM api_keys WHERE hash = ANY($1::text[])`);
const SELECT_BY_ID = 'SELECT * FROM api_keys WHERE id = $1 AND organization_id = $2';
const LIST = 'SELECT * FROM api_keys WHERE organization_id = $1 ORDER BY id';
const COUNT = `
  SELECT count(*) FILTER (WHERE NOT ended) AS valid, count(*) FILTER (WHERE ended) AS ended FROM (
    SELECT revoked_at IS NOT NULL OR coalesce(expires_at <= $2, false) AS ended FROM api_keys WHERE organization_id = $1
  ) AS keys`;
const REMOVE = 'DELETE FROM api_keys WHERE organization_id = $1 AND id = ANY($2::text[])';

export const apiKeysTable = {
  async insert(sql: Sql, key: ApiKey): Promise<void> {
    try {
      await sql.run(INSERT, keyRow.write(key));
    } catch (error) {
      if (!(error instanceof ConstraintError)) throw error;
      if (error.kind === 'foreign_key') {
        throw missingOrganization(key.organizationId, error);
      }
      throw keyConflict(error.constraint === 'api_keys_hash' ? 'hash' : 'id', error);
    }
  },

  async find(sql: Sql, { hash }: { readonly hash: string }): Promise<ApiKey | null> {
    return (await apiKeysTable.findEach(sql, [hash]))[0] ?? null;
  },

  /** For each hash, in their order. */
  async findEach(sql: Sql, hashes: readonly string[]): Promise<(ApiKey | null)[]> {
    const rows = await sql.all(FIND, [[...new Set(hashes)].map(encodeText)]);
    const found = new Map(rows.map((row) => [(row as { hash: string }).hash, toKey(row)]));
    return hashes.map((hash) => found.get(encodeText(hash)) ?? null);
  },

  async get(sql: Sql, { organizationId, id }: Pick<ApiKey, 'organizationId' | 'id'>): Promise<ApiKey | null> {
    return toKey(await first(sql, SELECT_BY_ID, [encodeText(id), encodeText(organizationId)]));
  },

  async count(sql: Sql, { organizationId, at }: CountKeysParams): Promise<KeyCounts> {
    return (await first(sql, COUNT, [encodeText(organizationId), at])) as KeyCounts;
  },

  /** Oldest first. */
  async list(sql: Sql, { organizationId }: { readonly organizationId: string }): Promise<ApiKey[]> {
    return (await sql.all(LIST, [encodeText(organizationId)])).flatMap((row) => toKey(row) ?? []);
  },

  async revoke(sql: Sql, { organizationId, id, at }: RevokeKeyParams): Promise<boolean> {
    return (await sql.run(REVOKE, [at, encodeText(id), encodeText(organizationId)])) > 0;
  },

  async touch(sql: Sql, { id, at }: TouchKeyParams): Promise<void> {
    await sql.run(TOUCH, [at, encodeText(id)]);
  },

  async remove(sql: Sql, { organizationId, ids }: RemoveKeysParams): Promise<void> {
    await sql.run(REMOVE, [encodeText(organizationId), ids.map(encodeText)]);
  },
};

function toKey(found: unknown): ApiKey | null {
  return found === undefined ? null : keyRow.read(found as Row);
}
