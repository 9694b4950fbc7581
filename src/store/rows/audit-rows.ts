import type { AuditEntry } from '../../core/tenant/audit.js';
import { decodeText, encodeText } from './text.js';

/** A row of `audit_entries`, in either store. */
export interface AuditRow {
  readonly organization_id: string;
  readonly seq: number;
  readonly at: number;
  /** Who, from where, what, before and after, as JSON. */
  readonly fact: string;
  readonly previous_hash: string;
  readonly hash: string;
}

export function toAuditRow({ organizationId, seq, at, previousHash, hash, ...fact }: AuditEntry): AuditRow {
  return {
    organization_id: encodeText(organizationId),
    seq,
    at,
    fact: JSON.stringify(fact),
    previous_hash: previousHash,
    hash,
  };
}

export function fromAuditRow(row: AuditRow): AuditEntry {
  const { seq, at, hash, previous_hash: previousHash } = row;
  const fact = JSON.parse(row.fact) as Omit<AuditEntry, 'organizationId' | 'seq' | 'at' | 'previousHash' | 'hash'>;
  return { ...fact, organizationId: decodeText(row.organization_id), seq, at, previousHash, hash };
}
