import { canonicalJson } from '../json.js';
import { createHash } from 'node:crypto';
import { renderAuditEntry } from '../render/render-audit.js';
import { type AuditEntry, type AuditFact, FIRST_HASH } from '../tenant/audit.js';

/** A fact as the next entry of a trail whose newest is `last`. The trail's times never fall, whatever clocks do. */
export function chainEntry(organizationId: string, last: AuditEntry | null, fact: AuditFact): AuditEntry {
  const linked = {
    ...fact,
    at: Math.max(fact.at, last?.at ?? 0),
    organizationId,
    seq: (last?.seq ?? 0) + 1,
    previousHash: last?.hash ?? FIRST_HASH,
  };
  return { ...linked, hash: hashEntry(linked) };
}

/** Several facts, in this order. */
export function chainEntries(
  organizationId: string,
  last: AuditEntry | null,
  facts: readonly AuditFact[],
): readonly AuditEntry[] {
  const entries: AuditEntry[] = [];
  for (const fact of facts) entries.push(chainEntry(organizationId, entries.at(-1) ?? last, fact));
  return entries;
}

/** Of the entry as it is shown, in a form that everybody can compute: keys sorted, no blanks. */
export function hashEntry(entry: Omit<AuditEntry, 'hash'>): string {
  return createHash('sha256')
    .update(canonicalJson(renderAuditEntry(entry)))
    .digest('hex');
}
