import type { SecretPlace, StoredSecret } from '../../../../core/ports/store/secrets/secret-store.js';
import { fromSecretRow, secretOwner, type SecretRow, toSecretRow } from '../../../rows/secret-rows.js';
import { encodeText } from '../../../rows/text.js';
import { first, type Sql } from '../../connection/sql.js';

const UPSERT = `
  INSERT INTO secrets (organization_id, name, nonce, ciphertext, created_at, updated_at, kind, earlier)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
  ON CONFLICT (organization_id, name) DO UPDATE SET
    nonce = excluded.nonce, ciphertext = excluded.ciphertext, updated_at = excluded.updated_at,
    kind = excluded.kind, earlier = excluded.earlier`;
const GET = 'SELECT * FROM secrets WHERE organization_id = $1 AND name = $2';
const LIST = 'SELECT * FROM secrets WHERE organization_id = $1 ORDER BY name';
const DELETE = 'DELETE FROM secrets WHERE organization_id = $1 AND name = $2';

export const secretsTable = {
  async save(sql: Sql, secret: StoredSecret): Promise<void> {
    const { organization_id, name, nonce, ciphertext, created_at, updated_at, kind, earlier } = toSecretRow(secret);
    await sql.run(UPSERT, [organization_id, name, nonce, ciphertext, created_at, updated_at, kind, earlier]);
  },

  async get(sql: Sql, { organizationId, name }: SecretPlace): Promise<StoredSecret | null> {
    const row = await first(sql, GET, [secretOwner(organizationId), encodeText(name)]);
    return row === undefined ? null : fromSecretRow(row as SecretRow);
  },

  async list(sql: Sql, { organizationId }: Pick<SecretPlace, 'organizationId'>): Promise<StoredSecret[]> {
    return ((await sql.all(LIST, [secretOwner(organizationId)])) as SecretRow[]).map(fromSecretRow);
  },

  async delete(sql: Sql, { organizationId, name }: SecretPlace): Promise<boolean> {
    return (await sql.run(DELETE, [secretOwner(organizationId), encodeText(name)])) > 0;
  },
};
