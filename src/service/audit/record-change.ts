import type { Json } from '../../core/json.js';
import type { AuditActor, AuditFact, AuditTarget } from '../../core/tenant/audit.js';
import type { Clock } from '../../core/ports/clock.js';
import type { Records } from '../../core/ports/store/store.js';
import type { Principal } from '../../core/tenant/principal.js';

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
export function recordChange(
  tx: Pick<Records, 'audit'>,
  deps: { readonly clock: Pick<Clock, 'now'> },
  caller: Principal,
  change: Change,
): Promise<void> {
  const facts = [toFact(deps, caller, change)];
  return tx.audit.record({ organizationId: change.organizationId, facts });
}

/** What a commit that makes the change takes along into the trail. */
export function toFact(
  { clock }: { readonly clock: Pick<Clock, 'now'> },
  caller: Principal,
  { action, target, before = null, after = null }: Omit<Change, 'organizationId'>,
): AuditFact {
  return { at: clock.now(), actor: actorOf(caller), from: caller.from ?? null, action, target, before, after };
}

function actorOf({ keyId, isGrant, organizationId }: Principal): AuditActor {
  if (keyId === null) return { kind: 'server', id: null, organizationId };
  return { kind: isGrant === true ? 'grant' : 'key', id: keyId, organizationId };
}
