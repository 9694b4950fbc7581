import type { Clock } from '../../core/ports/clock.js';
import type { Records } from '../../core/ports/store/store.js';
import type { Grant } from '../../core/tenant/grant.js';
import { recordChange } from './record-change.js';
import { grantView } from './views.js';

/** That a grant began: by the key that was signed in with, or by the person whom the grant's subject names. */
export function recordGrant(
  tx: Pick<Records, 'audit'>,
  deps: { readonly clock: Pick<Clock, 'now'> },
  grant: Grant,
): Promise<void> {
  const { id, organizationId, keyId, scopes } = grant;
  const by = keyId === null ? { keyId: id, isGrant: true as const } : { keyId };
  const change = { organizationId, action: 'grant.create', target: { kind: 'grant', id }, after: grantView(grant) };
  return recordChange(tx, deps, { organizationId, scopes, ...by }, change);
}
