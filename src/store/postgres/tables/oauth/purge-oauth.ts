import type { PurgeParams } from '../../../../core/ports/store/oauth-store.js';
import type { Sql } from '../../connection/sql.js';

/** A grant goes once its tokens have gone, so that nothing refers to it. */
const STATEMENTS = [
  'DELETE FROM oauth_codes WHERE hash IN (SELECT hash FROM oauth_codes WHERE expires_at <= $1 LIMIT $2)',
  'DELETE FROM oauth_tokens WHERE hash IN (SELECT hash FROM oauth_tokens WHERE expires_at <= $1 LIMIT $2)',
  'DELETE FROM oauth_clients WHERE id IN (SELECT id FROM oauth_clients WHERE expires_at <= $1 LIMIT $2)',
  `DELETE FROM grants WHERE id IN (
    SELECT id FROM grants WHERE expires_at <= $1
      AND NOT EXISTS (SELECT 1 FROM oauth_tokens WHERE grant_id = grants.id) LIMIT $2)`,
];

/** True when there may be more to remove. */
export async function purgeOAuth(sql: Sql, { before, limit }: PurgeParams): Promise<boolean> {
  let mayBeMore = false;
  for (const statement of STATEMENTS) mayBeMore = (await sql.run(statement, [before, limit])) === limit || mayBeMore;
  return mayBeMore;
}
