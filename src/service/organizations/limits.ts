import type { Principal } from '../../core/tenant/principal.js';
import type { Limits, LimitsUse } from '../../core/tenant/scheduling.js';
import type { OrganizationLimits } from '../interface/overview.js';
import type { InOrganization } from '../interface/in-organization.js';
import type { ServiceDeps } from '../use-case/deps.js';
import { requireScope } from '../use-case/require-scope.js';
import { resolveOrganization } from '../use-case/resolve-organization.js';
import { readBalance } from './credits.js';
import { readSharedLimits } from './shared-limits.js';

/** Reads two records at most, and what is in memory. */
export async function readLimits(
  deps: ServiceDeps,
  caller: Principal,
  params: InOrganization,
): Promise<OrganizationLimits> {
  requireScope(caller, 'read');
  const { id, settings } = await resolveOrganization(deps.store, caller, params);
  const [use, balance] = await Promise.all([
    deps.engine.readUse({ organizationId: id }),
    readBalance(deps.store, id, { now: deps.clock.now(), billingDay: await deps.billingDays.of(id) }),
  ]);
  const own = settings?.limits ?? {};
  return {
    organizationId: id,
    runs: withOwner(use, own, 'runs'),
    nodes: withOwner(use, own, 'nodes'),
    balance,
    ...readSharedLimits(deps, caller, id),
  };
}

function withOwner(
  use: LimitsUse,
  own: { readonly [Name in keyof Limits]?: Limits[Name] },
  name: keyof Limits,
): OrganizationLimits['runs'] {
  return { ...use[name], isOwn: own[name] !== undefined };
}
