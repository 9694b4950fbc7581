import type { SecretPlace, StoredSecret } from '../../../../core/ports/store/secrets/secret-store.js';
import { fromSecretRow, secretOwner, type SecretRow, toSecretRow } from '../../../rows/secret-rows.js';
import type { SqliteConnection } from '../../connection/connection.js';
import { encodeText } from '../../connection/text.js';

const UPSERT = `
  INSERT INTO secrets (organization_id, name, nonce, ciphertext, created_at, updated_at, kind, earlier)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (organization_id, name) DO UPDATE SET
    nonce = excluded.nonce, ciphertext = excluded.ciphertext, updated_at = excluded.updated_at,
    kind = excluded.kind, earlier = excluded.earlier`;

export class SecretsTable {
  readonly #db: SqliteConnection;

  constructor(db: SqliteConnection) {
    this.#db = db;
  }

  save(secret: StoredSecret): void {
    const { organization_id, name, nonce, ciphertext, created_at, updated_at, kind, earlier } = toSecretRow(secret);
    this.#db.run(UPSERT, organization_id, name, nonce, ciphertext, created_at, updated_at, kind, earlier);
  }

  get({ organizationId, name }: SecretPlace): StoredSecret | null {
    const sql = 'SELECT * FROM secrets WHERE organization_id = ? AND name = ?';
    const row = this.#db.get(sql, secretOwner(organizationId), encodeText(name)) as SecretRow | undefined;
    return row === undefined ? null : fromSecretRow(row);
  }

  list({ organizationId }: Pick<SecretPlace, 'organizationId'>): StoredSecret[] {
    const sql = 'SELECT * FROM secrets WHERE organization_id = ? ORDER BY name';
    return (this.#db.all(sql, secretOwner(organizationId)) as SecretRow[]).map(fromSecretRow);
  }

  delete({ organizationId, name }: SecretPlace): boolean {
    const sql = 'DELETE FROM secrets WHERE organization_id = ? AND name = ?';
    return this.#db.run(sql, secretOwner(organizationId), encodeText(name)) > 0;
  }
}
