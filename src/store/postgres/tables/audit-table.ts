import { chainEntries } from '../../../core/audit/chain-entry.js';
import type { ListAuditParams, RecordAuditParams } from '../../../core/ports/store/audit/audit-store.js';
import type { AuditEntry, AuditFact } from '../../../core/tenant/audit.js';
import { type AuditRow, fromAuditRow, toAuditRow } from '../../rows/audit-rows.js';
import { missingOrganization } from '../../rows/missing-organization.js';
import { encodeText } from '../../rows/text.js';
import { ClashError, ConstraintError } from '../connection/errors.js';
import type { Sql } from '../connection/sql.js';

/** Held until the transaction ends: nobody else writes to these trails. In one order, so that no two wait for each other. */
const LOCK = `
  SELECT pg_advisory_xact_lock(1668244836, key)
  FROM (SELECT DISTINCT hashtext(id) AS key FROM unnest($1::text[]) AS id ORDER BY key) AS keys`;
const LAST_OF_EACH = `
  SELECT last.* FROM unnest($1::text[]) AS trail (id)
  CROSS JOIN LATERAL (SELECT * FROM audit_entries WHERE organization_id = trail.id ORDER BY seq DESC LIMIT 1) AS last`;
const INSERT = `
  INSERT INTO audit_entries (organization_id, seq, at, fact, previous_hash, hash)
  SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[])`;
const LIST_ON = 'SELECT * FROM audit_entries WHERE organization_id = $1 AND seq > $2 ORDER BY seq LIMIT $3';
const LIST_BACK = 'SELECT * FROM audit_entries WHERE organization_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3';
const REMOVE = 'DELETE FROM audit_entries WHERE organization_id = $1 AND seq <= $2';

export const auditTable = {
  /** In a transaction. An organization may be there several times. */
  async record(sql: Sql, all: readonly RecordAuditParams[]): Promise<void> {
    const facts = new Map<string, AuditFact[]>();
    for (const one of all) facts.set(one.organizationId, [...(facts.get(one.organizationId) ?? []), ...one.facts]);
    const ids = [[...facts.keys()].map(encodeText)];
    await sql.all(LOCK, ids);
    const lasts = new Map<string, AuditEntry>();
    for (const row of await sql.all(LAST_OF_EACH, ids)) {
      const entry = fromAuditRow(row as AuditRow);
      lasts.set(entry.organizationId, entry);
    }
    await insert(
      sql,
      [...facts].flatMap(([id, those]) => chainEntries(id, lasts.get(id) ?? null, those)),
    );
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

async function insert(sql: Sql, entries: readonly AuditEntry[]): Promise<void> {
  const rows = entries.map(toAuditRow);
  try {
    await sql.run(INSERT, [
      rows.map(({ organization_id }) => organization_id),
      rows.map(({ seq }) => seq),
      rows.map(({ at }) => at),
      rows.map(({ fact }) => fact),
      rows.map(({ previous_hash }) => previous_hash),
      rows.map(({ hash }) => hash),
    ]);
  } catch (error) {
    if (!(error instanceof ConstraintError)) throw error;
    if (error.kind === 'foreign_key') throw missingOrganization(entries[0]?.organizationId ?? '', error);
    // A program of an earlier version does not take the lock.
    throw new ClashError(error.message, { cause: error });
  }
}
