import type { StoredSecret } from '../../core/ports/store/secrets/secret-store.js';
import { decodeText, encodeText } from './text.js';

/** A row of `secrets`, in either store. */
export interface SecretRow {
  /** Empty: for all organizations. */
  readonly organization_id: string;
  readonly name: string;
  readonly nonce: string;
  readonly ciphertext: string;
  readonly created_at: number;
  readonly updated_at: number;
}

export const secretOwner = (organizationId: string | null): string =>
  organizationId === null ? '' : encodeText(organizationId);

export function toSecretRow({ organizationId, name, sealed, createdAt, updatedAt }: StoredSecret): SecretRow {
  const { nonce, ciphertext } = sealed;
  const place = { organization_id: secretOwner(organizationId), name: encodeText(name) };
  return { ...place, nonce, ciphertext, created_at: createdAt, updated_at: updatedAt };
}

export function fromSecretRow(row: SecretRow): StoredSecret {
  return {
    organizationId: row.organization_id === '' ? null : decodeText(row.organization_id),
    name: decodeText(row.name),
    sealed: { nonce: row.nonce, ciphertext: row.ciphertext },
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
