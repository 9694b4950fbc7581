import { getNodeInput, getRunGraph } from '../../../../api/endpoints/runs.js';
import { renderGraphNode } from '../../../../core/render/render-checked.js';
import { jsonReply, outputsReply } from '../../../transport/replies.js';
import type { RestRoutes } from '../../rest-routes.js';
import { readRunId } from '../../run-id-parameter.js';

export function addRunPlan(routes: RestRoutes): void {
  const { services } = routes.deps;
  routes.add(getRunGraph, async ({ caller, param }) => {
    const nodes = await services.getRunGraph(caller, { runId: readRunId(param) });
    return jsonReply({ nodes: nodes.map(renderGraphNode) });
  });
  routes.add(getNodeInput, async ({ caller, param }) => {
    const { input, fields, error } = await services.getNodeInput(caller, {
      runId: readRunId(param),
      nodeId: param('node'),
    });
    return outputsReply({ input, fields, error });
  });
}
