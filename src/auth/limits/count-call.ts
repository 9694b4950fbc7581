import { ErrandError } from '../../core/errors.js';
import type { CallLimits, WindowUsage } from '../../core/ports/rate-limiter.js';
import type { Principal } from '../../core/tenant/principal.js';

/**
 * Counts a call against the limits of its key, then against that of its organization. A mutating call counts among all
 * calls too. Throws `rate_limited` when one is used up.
 */
export function countCall(limits: CallLimits, kind: 'mutating' | 'reading', caller: Principal): void {
  const { keyId, organizationId } = caller;
  const id = keyId ?? organizationId;
  if (kind === 'mutating') {
    const changes = limits.mutating.take(id);
    if (!changes.ok) throw rateLimited('with this key', changes.retryAfterSeconds);
  }
  const byKey = limits.reading.take(id);
  if (!byKey.ok) {
    if (kind === 'mutating') limits.mutating.giveBack?.(id);
    throw rateLimited('with this key', byKey.retryAfterSeconds);
  }
  const byOrganization = limits.organization?.take(organizationId);
  if (byOrganization?.ok === false) throw rateLimited('of this organization', byOrganization.retryAfterSeconds);
}

/** The limit of the key that has the least left, among those that a call counts against. Null when it is not known. */
export function nearestLimit(
  limits: CallLimits,
  kind: 'mutating' | 'reading',
  { keyId, organizationId }: Principal,
): WindowUsage | null {
  const id = keyId ?? organizationId;
  const all = limits.reading.look?.(id) ?? null;
  const changes = kind === 'mutating' ? (limits.mutating.look?.(id) ?? null) : null;
  if (all === null || changes === null) return all ?? changes;
  return changes.remaining <= all.remaining ? changes : all;
}

function rateLimited(whose: string, retryAfterSeconds: number): ErrandError {
  return new ErrandError('rate_limited', `Too many calls ${whose}. Try again in ${retryAfterSeconds} s.`, {
    retryAfterSeconds,
  });
}
