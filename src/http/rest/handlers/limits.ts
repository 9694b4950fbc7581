import type { ApiCallRate, ApiConcurrency, ApiResourceLimits, ApiWorkflowLimits } from '../../../api/credit-types.js';
import { getLimits } from '../../../api/endpoints/organizations.js';
import type { RateLimiter } from '../../../core/ports/rate-limiter.js';
import type { OrganizationLimits, SharedResource, WorkflowLimits } from '../../../service/interface/overview.js';
import { jsonReply } from '../../transport/replies.js';
import { given } from '../query.js';
import type { RestRoutes } from '../rest-routes.js';

export function addLimits(routes: RestRoutes): void {
  const { services, limits } = routes.deps;
  routes.add(getLimits, async ({ caller, query }) => {
    const { organizationId, runs, nodes, balance, workflows, resources } = await services.readLimits(
      caller,
      given(query),
    );
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
      workflows: workflows.map(renderWorkflow),
      resources: resources.map(renderResource),
    });
  });
}

function renderConcurrency({ active, limit, isOwn, processLimit }: OrganizationLimits['runs']) {
  return { used: active, limit, own: isOwn, process_limit: processLimit } satisfies ApiConcurrency;
}

function renderWorkflow({ workflowId, runs, nodes }: WorkflowLimits) {
  return { workflow_id: workflowId, runs, nodes } satisfies ApiWorkflowLimits;
}

function renderResource({ name, concurrency, rate }: SharedResource) {
  const ofRate = rate === null ? null : { used: rate.used, limit: rate.limit, per_seconds: rate.perMs / 1_000 };
  return { resource: name, concurrency, rate: ofRate } satisfies ApiResourceLimits;
}

/** Null where the limiter does not tell. */
function renderRate(limiter: RateLimiter, id: string): ApiCallRate | null {
  const usage = limiter.look?.(id) ?? null;
  return usage === null ? null : { used: usage.limit - usage.remaining, limit: usage.limit };
}
