import { ErrandError } from '../core/errors.js';
import type { CallLimits } from '../core/ports/rate-limiter.js';
import type { Principal } from '../core/tenant/principal.js';

/** Counts a call against the limit of its key, then against that of its organization. Throws `rate_limited` when either is used up. */
export function countCall(limits: CallLimits, kind: 'mutating' | 'reading', caller: Principal): void {
  const { keyId, organizationId } = caller;
  const byKey = limits[kind].take(keyId ?? organizationId);
  if (!byKey.ok) throw refuse('with this key', byKey.retryAfterSeconds);
  const byOrganization = limits.organization?.take(organizationId);
  if (byOrganization?.ok === false) throw refuse('of this organization', byOrganization.retryAfterSeconds);
}

function refuse(whose: string, retryAfterSeconds: number): ErrandError {
  return new ErrandError('rate_limited', `Too many calls ${whose}. Try again in ${retryAfterSeconds} s.`, {
    retryAfterSeconds,
  });
}
