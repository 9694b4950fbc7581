import type { ModelCredential, ModelPlace } from '../../../core/ports/store/model-store.js';
import { decodeText, encodeText } from '../../rows/text.js';
import { ConstraintError } from '../connection/errors.js';
import { missingOrganization } from '../../rows/missing-organization.js';
import { first, type Sql } from '../connection/sql.js';

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
  VALUES ($1, $2, $3, $4, $5, $6)
  ON CONFLICT (organization_id, provider) DO UPDATE SET
    nonce = excluded.nonce, ciphertext = excluded.ciphertext, hint = excluded.hint, created_at = excluded.created_at`;
const SELECT_ONE = 'SELECT * FROM model_credentials WHERE organization_id = $1 AND provider = $2';
const SELECT_ALL = 'SELECT * FROM model_credentials WHERE organization_id = $1 ORDER BY provider';
const DELETE = 'DELETE FROM model_credentials WHERE organization_id = $1 AND provider = $2';

export const modelCredentialsTable = {
  async save(sql: Sql, { organizationId, provider, sealed, hint, createdAt }: ModelCredential): Promise<void> {
    const { nonce, ciphertext } = sealed;
    try {
      await sql.run(UPSERT, [...place(organizationId, provider), nonce, ciphertext, encodeText(hint), createdAt]);
    } catch (error) {
      if (!(error instanceof ConstraintError)) throw error;
      throw missingOrganization(organizationId, error);
    }
  },

  async get(sql: Sql, { organizationId, provider }: ModelPlace): Promise<ModelCredential | null> {
    return toCredential(await first(sql, SELECT_ONE, place(organizationId, provider)));
  },

  async list(sql: Sql, { organizationId }: Pick<ModelPlace, 'organizationId'>): Promise<ModelCredential[]> {
    return (await sql.all(SELECT_ALL, [encodeText(organizationId)])).flatMap((row) => toCredential(row) ?? []);
  },

  async delete(sql: Sql, { organizationId, provider }: ModelPlace): Promise<boolean> {
    return (await sql.run(DELETE, place(organizationId, provider))) > 0;
  },
};

function place(organizationId: string, provider: string): string[] {
  return [encodeText(organizationId), encodeText(provider)];
}

function toCredential(found: unknown): ModelCredential | null {
  const row = found as CredentialRow | undefined;
  if (row === undefined) return null;
  return {
    organizationId: decodeText(row.organization_id),
    provider: decodeText(row.provider),
    sealed: { nonce: row.nonce, ciphertext: row.ciphertext },
    hint: decodeText(row.hint),
    createdAt: row.created_at,
  };
}
