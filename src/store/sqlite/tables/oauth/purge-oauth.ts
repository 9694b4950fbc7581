import type { PurgeParams } from '../../../../core/ports/store/oauth-store.js';
import type { SqliteConnection } from '../../connection/connection.js';

/** A grant goes once its tokens have gone, so that nothing refers to it. */
const STATEMENTS = [
  'DELETE FROM oauth_codes WHERE hash IN (SELECT hash FROM oauth_codes WHERE expires_at <= ? LIMIT ?)',
  'DELETE FROM oauth_tokens WHERE hash IN (SELECT hash FROM oauth_tokens WHERE expires_at <= ? LIMIT ?)',
  'DELETE FROM oauth_clients WHERE id IN (SELECT id FROM oauth_clients WHERE expires_at <= ? LIMIT ?)',
  `DELETE FROM grants WHERE id IN (
    SELECT id FROM grants WHERE expires_at <= ?
      AND NOT EXISTS (SELECT 1 FROM oauth_tokens WHERE grant_id = grants.id) LIMIT ?)`,
];

/** True when there may be more to remove. */
export function purgeExpired(db: SqliteConnection, { before, limit }: PurgeParams): boolean {
  return STATEMENTS.map((statement) => db.run(statement, before, limit)).some((removed) => removed === limit);
}
