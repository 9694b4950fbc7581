import type { ModelCredential } from '../../../core/ports/store/model-store.js';
import { type SqliteConnection, ConstraintError } from '../connection/connection.js';
import { missingOrganization } from '../../rows/missing-organization.js';
import { decodeText, encodeText } from '../connection/text.js';

interface CredentialRow {
  readonly organization_id: string;
  readonly provider: string;
  readonly nonce: string;
  readonly ciphertext: string;
  readonly hint: string;
  readonly created_at: number;
}

const UPSERT = `
  INSERT INTO model_credentials (organization_id, provider, nonce, ciphertext, hint, created_at)
  VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (organization_id, provider) DO UPDATE SET
    nonce = excluded.nonce, ciphertext = excluded.ciphertext, hint = excluded.hint, created_at = excluded.created_at`;
const SELECT_ONE = 'SELECT * FROM model_credentials WHERE organization_id = ? AND provider = ?';
const SELECT_ALL = 'SELECT * FROM model_credentials WHERE organization_id = ? ORDER BY provider';
const DELETE = 'DELETE FROM model_credentials WHERE organization_id = ? AND provider = ?';

interface Place {
  readonly organizationId: string;
  readonly provider: string;
}

export class ModelCredentialsTable {
  readonly #db: SqliteConnection;

  constructor(db: SqliteConnection) {
    this.#db = db;
  }

  save({ organizationId, provider, sealed, hint, createdAt }: ModelCredential): void {
    const { nonce, ciphertext } = sealed;
    const place = [encodeText(organizationId), encodeText(provider)] as const;
    try {
      this.#db.run(UPSERT, ...place, nonce, ciphertext, encodeText(hint), createdAt);
    } catch (error) {
      if (!(error instanceof ConstraintError)) throw error;
      throw missingOrganization(organizationId, error);
    }
  }

  get({ organizationId, provider }: Place): ModelCredential | null {
    const row = this.#db.get(SELECT_ONE, encodeText(organizationId), encodeText(provider)) as CredentialRow | undefined;
    return row === undefined ? null : toCredential(row);
  }

  list({ organizationId }: Pick<Place, 'organizationId'>): ModelCredential[] {
    return (this.#db.all(SELECT_ALL, encodeText(organizationId)) as CredentialRow[]).map(toCredential);
  }

  delete({ organizationId, provider }: Place): boolean {
    return this.#db.run(DELETE, encodeText(organizationId), encodeText(provider)) > 0;
  }
}

function toCredential(row: CredentialRow): ModelCredential {
  return {
    organizationId: decodeText(row.organization_id),
    provider: decodeText(row.provider),
    sealed: { nonce: row.nonce, ciphertext: row.ciphertext },
    hint: decodeText(row.hint),
    createdAt: row.created_at,
  };
}
