import type { SecretKind } from '../../core/ports/secrets.js';
import type { EarlierSecret, StoredSecret } from '../../core/ports/store/secrets/secret-store.js';
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
  readonly kind: SecretKind;
  readonly earlier: string | null;
}

export const secretOwner = (organizationId: string | null): string =>
  organizationId === null ? '' : encodeText(organizationId);

export function toSecretRow(secret: StoredSecret): SecretRow {
  const { organizationId, name, kind, earlier, createdAt, updatedAt } = secret;
  const { nonce, ciphertext } = secret.sealed;
  const place = { organization_id: secretOwner(organizationId), name: encodeText(name) };
  const times = { created_at: createdAt, updated_at: updatedAt };
  return {
    ...place,
    nonce,
    ciphertext,
    ...times,
    kind,
    earlier: earlier.length === 0 ? null : JSON.stringify(earlier),
  };
}

export function fromSecretRow(row: SecretRow): StoredSecret {
  return {
    organizationId: row.organization_id === '' ? null : decodeText(row.organization_id),
    name: decodeText(row.name),
    kind: row.kind,
    sealed: { nonce: row.nonce, ciphertext: row.ciphertext },
    earlier: row.earlier === null ? [] : (JSON.parse(row.earlier) as EarlierSecret[]),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
