import { ErrandError } from '../../core/errors.js';
import type { Grant } from '../../core/tenant/grant.js';
import type { Principal } from '../../core/tenant/principal.js';
import type { InOrganization } from '../interface/in-organization.js';
import type { ServiceDeps } from '../use-case/deps.js';
import { recordChange } from '../audit/record-change.js';
import { grantView } from '../audit/views.js';
import { requireScope } from '../use-case/require-scope.js';
import { resolveOrganization } from '../use-case/resolve-organization.js';

export async function listGrants(
  deps: ServiceDeps,
  caller: Principal,
  params: InOrganization,
): Promise<readonly Grant[]> {
  requireScope(caller, 'manage');
  const { id: organizationId } = await resolveOrganization(deps.store, caller, params);
  return deps.store.grants.list({ organizationId, at: deps.clock.now() });
}

export async function revokeGrant(
  deps: ServiceDeps,
  caller: Principal,
  params: InOrganization & { readonly grantId: string },
): Promise<void> {
  requireScope(caller, 'manage');
  const { id: organizationId } = await resolveOrganization(deps.store, caller, params);
  const { grantId: id } = params;
  const isRevoked = await deps.store.transaction(async (tx) => {
    const grant = await tx.grants.get({ organizationId, id });
    if (!(await tx.grants.revoke({ organizationId, id, at: deps.clock.now() }))) return false;
    const before = grant === null ? null : grantView(grant);
    const target = { kind: 'grant', id };
    await recordChange(tx, deps, caller, { organizationId, action: 'grant.revoke', target, before });
    return true;
  });
  if (!isRevoked) throw new ErrandError('not_found', 'There is no grant with this id.');
  deps.keyWatch.revoke(id);
}
