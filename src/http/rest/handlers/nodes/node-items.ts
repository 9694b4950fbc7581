import type { ApiNodeItem } from '../../../../api/api-types.js';
import { listNodeItems } from '../../../../api/endpoints/runs.js';
import type { NodeItem } from '../../../../service/interface/services.js';
import { outputsReply } from '../../../transport/replies.js';
import { given } from '../../query.js';
import type { RestRoutes } from '../../rest-routes.js';
import { readRunId } from '../../run-id-parameter.js';
import { tellMoment } from '../../../../core/time/moment.js';

export function addNodeItems(routes: RestRoutes): void {
  routes.add(listNodeItems, async ({ caller, query, param }) => {
    const { status, after, limit } = query;
    const { items, nextAfterSeq } = await routes.deps.services.listNodeItems(caller, {
      runId: readRunId(param),
      nodeId: param('node'),
      ...given({ status }),
      afterSeq: after,
      limit,
    });
    return outputsReply({ items: items.map(renderItem), next_after: nextAfterSeq });
  });
}

function renderItem({ index, attempt, outcome, seq, at }: NodeItem): ApiNodeItem {
  const place = { index, attempt, status: outcome.status, seq, at: tellMoment(at) };
  return outcome.status === 'completed'
    ? { ...place, error: null, output: outcome.output }
    : { ...place, error: outcome.error };
}
