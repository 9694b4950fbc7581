import { ErrandError } from '../../../core/errors.js';
import type {
  CountKeysParams,
  KeyCounts,
  RemoveKeysParams,
  RevokeKeyParams,
  TouchKeyParams,
} from '../../../core/ports/store/key-store.js';
import type { ApiKey } from '../../../core/tenant/api-key.js';
import type { Scope } from '../../../core/tenant/principal.js';
import { decodeText, encodeText } from '../../rows/text.js';
import { ConstraintError } from '../connection/errors.js';
import { missingOrganization } from '../../rows/missing-organization.js';
import { first, type Sql } from '../connection/sql.js';

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
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`;
const REVOKE = 'UPDATE api_keys SET revoked_at = coalesce(revoked_at, $1) WHERE id = $2 AND organization_id = $3';
const TOUCH = 'UPDATE api_keys SET last_used_at = $1 WHERE id = $2 AND coalesce(last_used_at, 0) < $1';
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
      await sql.run(INSERT, [
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
      ]);
    } catch (error) {
      if (!(error instanceof ConstraintError)) throw error;
      if (error.kind === 'foreign_key') {
        throw missingOrganization(key.organizationId, error);
      }
      throw new ErrandError('conflict', 'There is a key like this one already.', {
        details: { reason: error.constraint === 'api_keys_hash' ? 'hash' : 'id' },
        cause: error,
      });
    }
  },

  async find(sql: Sql, { hash }: { readonly hash: string }): Promise<ApiKey | null> {
    return toKey(await first(sql, 'SELECT * FROM api_keys WHERE hash = $1', [encodeText(hash)]));
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
  const row = found as ApiKeyRow | undefined;
  if (row === undefined) return null;
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
