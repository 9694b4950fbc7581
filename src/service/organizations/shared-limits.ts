import { hasScope, type Principal } from '../../core/tenant/principal.js';
import type { ResourceUse } from '../../core/tenant/scheduling.js';
import type { OrganizationLimits, SharedLimit } from '../interface/overview.js';
import type { ServiceDeps } from '../use-case/deps.js';

const IDLE: ResourceUse = { active: 0, begun: 0 };

/** The limits that an organization shares with others. What others do is for operators to see. */
export function readSharedLimits(
  deps: Pick<ServiceDeps, 'catalog' | 'engine' | 'declared'>,
  caller: Principal,
  organizationId: string,
): Pick<OrganizationLimits, 'workflows' | 'resources'> {
  const use = deps.engine.readSharedUse();
  const isTold = hasScope(caller, 'operate');
  const share = (used: number, limit: number): SharedLimit => ({ used: isTold ? used : null, limit });
  const shareOf = (used: number, limit: number | null): SharedLimit | null =>
    limit === null ? null : share(used, limit);
  const plans = deps.catalog.list(organizationId).map(({ plan }) => plan);
  const limited = plans.flatMap(({ key, workflowId }) => {
    const { runs, nodes } = deps.catalog.limitsOf(key);
    const ofRuns = shareOf(use.runs.get(key) ?? 0, runs);
    const ofNodes = shareOf(use.nodes.get(key) ?? 0, nodes);
    return ofRuns === null && ofNodes === null ? [] : [{ workflowId, runs: ofRuns, nodes: ofNodes }];
  });
  const declared = deps.declared?.resources();
  const names = new Set(plans.flatMap(({ resources }) => resources));
  const shared = [...names].toSorted().flatMap((name) => {
    const limits = declared?.get(name);
    if (limits === undefined) return [];
    const { active, begun } = use.resources.get(name) ?? IDLE;
    const { concurrency, rate } = limits;
    const ofRate = rate === null ? null : { ...share(begun, rate.count), perMs: rate.perMs };
    return [{ name, concurrency: shareOf(active, concurrency), rate: ofRate }];
  });
  return { workflows: limited, resources: shared };
}
