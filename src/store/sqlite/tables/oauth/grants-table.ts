import { ErrandError } from '../../../../core/errors.js';
import type { GrantPlace, RevokeGrantsOfKeyParams } from '../../../../core/ports/store/grant-store.js';
import type { Grant } from '../../../../core/tenant/grant.js';
import type { Row } from '../../../rows/columns.js';
import { grantRow } from '../../../rows/oauth-rows.js';
import { ConstraintError, type SqliteConnection } from '../../connection/connection.js';
import { missingOrganization } from '../../../rows/missing-organization.js';
import { decodeText, encodeText } from '../../connection/text.js';

const INSERT = `
  INSERT INTO grants (id, organization_id, key_id, client_id, client_name, client_host, client_signs, subject, scopes,
    resources, created_at, expires_at, revoked_at, last_used_at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const GET = 'SELECT * FROM grants WHERE id = ? AND organization_id = ?';
const LIST = `
  SELECT * FROM grants WHERE organization_id = ? AND revoked_at IS NULL AND expires_at > ? ORDER BY id`;
const EXTEND = 'UPDATE grants SET expires_at = ? WHERE id = ? AND organization_id = ?';
const TOUCH = 'UPDATE grants SET last_used_at = ?1 WHERE id = ?2 AND coalesce(last_used_at, 0) < ?1';
const REVOKE = 'UPDATE grants SET revoked_at = coalesce(revoked_at, ?) WHERE id = ? AND organization_id = ?';
const OF_KEY = 'SELECT id FROM grants WHERE organization_id = ? AND key_id = ? AND revoked_at IS NULL';
const REVOKE_OF_KEY = `
  UPDATE grants SET revoked_at = ? WHERE organization_id = ? AND key_id = ? AND revoked_at IS NULL`;

export class GrantsTable {
  readonly #db: SqliteConnection;

  constructor(db: SqliteConnection) {
    this.#db = db;
  }

  insert(grant: Grant): void {
    try {
      this.#db.run(INSERT, ...grantRow.write(grant));
    } catch (error) {
      if (!(error instanceof ConstraintError)) throw error;
      if (error.kind === 'foreign_key') {
        throw missingOrganization(grant.organizationId, error);
      }
      throw new ErrandError('conflict', 'There is a grant with this id already.', { cause: error });
    }
  }

  get({ organizationId, id }: GrantPlace): Grant | null {
    const row = this.#db.get(GET, encodeText(id), encodeText(organizationId)) as Row | undefined;
    return row === undefined ? null : grantRow.read(row);
  }

  list({ organizationId, at }: { readonly organizationId: string; readonly at: number }): Grant[] {
    return (this.#db.all(LIST, encodeText(organizationId), at) as Row[]).map(grantRow.read);
  }

  extend({ organizationId, id, expiresAt }: GrantPlace & { readonly expiresAt: number }): void {
    this.#db.run(EXTEND, expiresAt, encodeText(id), encodeText(organizationId));
  }

  touch({ id, at }: { readonly id: string; readonly at: number }): void {
    this.#db.run(TOUCH, at, encodeText(id));
  }

  revoke({ organizationId, id, at }: GrantPlace & { readonly at: number }): boolean {
    return this.#db.run(REVOKE, at, encodeText(id), encodeText(organizationId)) > 0;
  }

  revokeOfKey({ organizationId, keyId, at }: RevokeGrantsOfKeyParams): readonly string[] {
    const place = [encodeText(organizationId), encodeText(keyId)] as const;
    const rows = this.#db.all(OF_KEY, ...place) as { readonly id: string }[];
    if (rows.length > 0) this.#db.run(REVOKE_OF_KEY, at, ...place);
    return rows.map(({ id }) => decodeText(id));
  }
}
