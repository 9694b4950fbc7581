import { renderEstimate } from '../../../core/render/render-estimate.js';
import { estimateWorkflow, getWorkflow, listWorkflows } from '../../../api/endpoints/workflows.js';
import { jsonReply } from '../../transport/replies.js';
import { renderWorkflow } from '../render/render.js';
import type { RestRoutes } from '../rest-routes.js';

export function addWorkflows(routes: RestRoutes): void {
  const { services } = routes.deps;
  routes.add(listWorkflows, async ({ caller }) => {
    const [workflows, notReady] = [await services.listWorkflows(caller), await services.listNotReady(caller)];
    return jsonReply({
      workflows: workflows.map((each) => renderWorkflow(each, notReady.get(each.version.workflowId) ?? null)),
    });
  });
  routes.add(estimateWorkflow, async ({ caller, param }) =>
    jsonReply(renderEstimate(await services.estimateWorkflow(caller, { workflowId: param('id') }))),
  );
  routes.add(getWorkflow, async ({ caller, param }) => {
    const workflowId = param('id');
    const workflow = await services.getWorkflow(caller, { workflowId });
    return jsonReply(renderWorkflow(workflow, await services.explainNotReady(caller, { workflowId })));
  });
}
