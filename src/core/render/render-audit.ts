import type { Json } from '../json.js';
import type { AuditEntry } from '../tenant/audit.js';

/** An entry as it is shown, but for its hash: which is the hash of this. */
export function renderAuditEntry(entry: Omit<AuditEntry, 'hash'>) {
  const { organizationId, seq, at, actor, from, action, target, before, after, previousHash } = entry;
  return {
    organization_id: organizationId,
    seq,
    at: new Date(at).toISOString(),
    actor: { kind: actor.kind, id: actor.id, organization_id: actor.organizationId },
    from,
    action,
    target: { kind: target.kind, id: target.id },
    before,
    after,
    previous_hash: previousHash,
  } satisfies Json;
}
