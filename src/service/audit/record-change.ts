import type { Json } from '../../core/json.js';
import type { AuditActor, AuditTarget } from '../../core/tenant/audit.js';
import type { Clock } from '../../core/ports/clock.js';
import type { Records } from '../../core/ports/store/store.js';
import type { Principal } from '../../core/tenant/principal.js';
import { chainEntry } from './chain.js';

/** A change of something of an organization. `before` and `after` hold no secret. */
export interface Change {
  /** Whose it is that is changed. */
  readonly organizationId: string;
  readonly action: string;
  readonly target: AuditTarget;
  readonly before?: Json;
  readonly after?: Json;
}

/** Puts a change into the trail of its organization; within the transaction that makes it. */
export async function recordChange(
  tx: Pick<Records, 'audit'>,
  { clock }: { readonly clock: Pick<Clock, 'now'> },
  caller: Principal,
  change: Change,
): Promise<void> {
  const { organizationId, action, target, before = null, after = null } = change;
  const last = await tx.audit.last({ organizationId });
  // The clock may have been set back; the trail's times never fall.
  const at = Math.max(clock.now(), last?.at ?? 0);
  const fact = { at, actor: actorOf(caller), from: caller.from ?? null, action, target, before, after };
  await tx.audit.append(chainEntry(organizationId, last, fact));
}

function actorOf({ keyId, isGrant, organizationId }: Principal): AuditActor {
  if (keyId === null) return { kind: 'server', id: null, organizationId };
  return { kind: isGrant === true ? 'grant' : 'key', id: keyId, organizationId };
}
