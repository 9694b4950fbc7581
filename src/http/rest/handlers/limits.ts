import type { ApiCallRate, ApiConcurrency } from '../../../api/credit-types.js';
import { getLimits } from '../../../api/endpoints/organizations.js';
import type { RateLimiter } from '../../../core/ports/rate-limiter.js';
import type { OrganizationLimits } from '../../../service/interface/overview.js';
import { jsonReply } from '../../transport/replies.js';
import { given } from '../query.js';
import type { RestRoutes } from '../rest-routes.js';

export function addLimits(routes: RestRoutes): void {
  const { services, limits } = routes.deps;
  routes.add(getLimits, async ({ caller, query }) => {
    const { organizationId, runs, nodes, balance } = await services.readLimits(caller, given(query));
    const key = caller.keyId ?? caller.organizationId;
    const { usedThisMonth, reserved, monthlyLimit, toppedUp, drawn } = balance;
    return jsonReply({
      runs: renderConcurrency(runs),
      nodes: renderConcurrency(nodes),
      calls: {
        key: renderRate(limits.reading, key),
        changes: renderRate(limits.mutating, key),
        organization: limits.organization === undefined ? null : renderRate(limits.organization, organizationId),
      },
      credits: { used: usedThisMonth + reserved, limit: monthlyLimit + toppedUp + drawn },
    });
  });
}

function renderConcurrency({ active, limit, isOwn, processLimit }: OrganizationLimits['runs']) {
  return { used: active, limit, own: isOwn, process_limit: processLimit } satisfies ApiConcurrency;
}

/** Null where the limiter does not tell. */
function renderRate(limiter: RateLimiter, id: string): ApiCallRate | null {
  const usage = limiter.look?.(id) ?? null;
  return usage === null ? null : { used: usage.limit - usage.remaining, limit: usage.limit };
}
