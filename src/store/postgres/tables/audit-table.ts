import { ErrandError } from '../../../core/errors.js';
import type { ListAuditParams } from '../../../core/ports/store/audit/audit-store.js';
import type { AuditEntry } from '../../../core/tenant/audit.js';
import { type AuditRow, fromAuditRow, toAuditRow } from '../../rows/audit-rows.js';
import { missingOrganization } from '../../rows/missing-organization.js';
import { encodeText } from '../../rows/text.js';
import { ConstraintError } from '../connection/errors.js';
import type { Sql } from '../connection/sql.js';

const INSERT = `
  INSERT INTO audit_entries (organization_id, seq, at, fact, previous_hash, hash) VALUES ($1, $2, $3, $4, $5, $6)`;
const LIST_ON = 'SELECT * FROM audit_entries WHERE organization_id = $1 AND seq > $2 ORDER BY seq LIMIT $3';
const LIST_BACK = 'SELECT * FROM audit_entries WHERE organization_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3';
const REMOVE = 'DELETE FROM audit_entries WHERE organization_id = $1 AND seq <= $2';

export const auditTable = {
  async append(sql: Sql, entry: AuditEntry): Promise<void> {
    const { organization_id, seq, at, fact, previous_hash, hash } = toAuditRow(entry);
    try {
      await sql.run(INSERT, [organization_id, seq, at, fact, previous_hash, hash]);
    } catch (error) {
      if (!(error instanceof ConstraintError)) throw error;
      if (error.kind === 'foreign_key') throw missingOrganization(entry.organizationId, error);
      throw new ErrandError('conflict', 'This place in the audit trail is taken.', { cause: error });
    }
  },

  async last(sql: Sql, { organizationId }: { readonly organizationId: string }): Promise<AuditEntry | null> {
    return (await auditTable.list(sql, { organizationId, limit: 1 }))[0] ?? null;
  },

  async list(sql: Sql, params: ListAuditParams): Promise<AuditEntry[]> {
    const { organizationId, afterSeq, beforeSeq = Number.MAX_SAFE_INTEGER, limit } = params;
    const [text, from] = afterSeq === undefined ? [LIST_BACK, beforeSeq] : [LIST_ON, afterSeq];
    const rows = await sql.all(text, [encodeText(organizationId), from, limit]);
    return rows.map((row) => fromAuditRow(row as AuditRow));
  },

  async removeUpTo(sql: Sql, params: { readonly organizationId: string; readonly seq: number }): Promise<number> {
    return sql.run(REMOVE, [encodeText(params.organizationId), params.seq]);
  },
};
