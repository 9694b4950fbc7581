import { getDays, getOverview, listTrends } from '../../../../api/endpoints/workflows.js';
import { jsonReply } from '../../../transport/replies.js';
import { renderDays, renderOverview, renderTrend } from '../../render/render-overview.js';
import type { RestRoutes } from '../../rest-routes.js';

export function addOverview(routes: RestRoutes): void {
  const { services } = routes.deps;
  routes.add(getOverview, async ({ caller }) => jsonReply(renderOverview(await services.readOverview(caller))));
  routes.add(getDays, async ({ caller, query }) =>
    jsonReply(renderDays(await services.readDays(caller, { workflowId: query.workflow_id ?? null, days: query.days }))),
  );
  routes.add(listTrends, async ({ caller, query }) => {
    const { after, limit } = query;
    const { workflows, nextAfterId } = await services.readTrends(caller, { afterId: after ?? null, limit });
    return jsonReply({ workflows: workflows.map(renderTrend), next_after: nextAfterId });
  });
}
