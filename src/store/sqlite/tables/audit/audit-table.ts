import { chainEntries } from '../../../../core/audit/chain-entry.js';
import type { ListAuditParams, RecordAuditParams } from '../../../../core/ports/store/audit/audit-store.js';
import type { AuditEntry } from '../../../../core/tenant/audit.js';
import { type AuditRow, fromAuditRow, toAuditRow } from '../../../rows/audit-rows.js';
import { missingOrganization } from '../../../rows/missing-organization.js';
import { ConstraintError, type SqliteConnection } from '../../connection/connection.js';
import { encodeText } from '../../connection/text.js';

const INSERT = `
  INSERT INTO audit_entries (organization_id, seq, at, fact, previous_hash, hash) VALUES (?, ?, ?, ?, ?, ?)`;
const LIST_ON = 'SELECT * FROM audit_entries WHERE organization_id = ? AND seq > ? ORDER BY seq LIMIT ?';
const LIST_BACK = 'SELECT * FROM audit_entries WHERE organization_id = ? AND seq < ? ORDER BY seq DESC LIMIT ?';

export class AuditTable {
  readonly #db: SqliteConnection;

  constructor(db: SqliteConnection) {
    this.#db = db;
  }

  record({ organizationId, facts }: RecordAuditParams): void {
    for (const entry of chainEntries(organizationId, this.last({ organizationId }), facts)) this.#insert(entry);
  }

  last({ organizationId }: { readonly organizationId: string }): AuditEntry | null {
    return this.list({ organizationId, limit: 1 })[0] ?? null;
  }

  list({ organizationId, afterSeq, beforeSeq = Number.MAX_SAFE_INTEGER, limit }: ListAuditParams): AuditEntry[] {
    const [sql, from] = afterSeq === undefined ? [LIST_BACK, beforeSeq] : [LIST_ON, afterSeq];
    return (this.#db.all(sql, encodeText(organizationId), from, limit) as AuditRow[]).map(fromAuditRow);
  }

  removeUpTo({ organizationId, seq }: { readonly organizationId: string; readonly seq: number }): number {
    return this.#db.run(
      'DELETE FROM audit_entries WHERE organization_id = ? AND seq <= ?',
      encodeText(organizationId),
      seq,
    );
  }

  #insert(entry: AuditEntry): void {
    const { organization_id, seq, at, fact, previous_hash, hash } = toAuditRow(entry);
    try {
      this.#db.run(INSERT, organization_id, seq, at, fact, previous_hash, hash);
    } catch (error) {
      if (error instanceof ConstraintError) throw missingOrganization(entry.organizationId, error);
      throw error;
    }
  }
}
