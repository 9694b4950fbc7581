import type { ApiBulkRequest } from '../../../../api/bulk-types.js';
import { getBulkJob, listBulkJobs, previewBulkJob, startBulkJob, stopBulkJob } from '../../../../api/endpoints/runs.js';
import { renderBulkJob, renderBulkPreview } from '../../../../core/render/render-bulk-job.js';
import { readMoment } from '../../../../mcp/tool-kit/read-moment.js';
import { readRunIds } from '../../../../mcp/native/tools/bulk/read-run-ids.js';
import type { BulkParams } from '../../../../service/interface/bulk.js';
import { jsonReply } from '../../../transport/replies.js';
import { idempotencyKeyOf, madeReply } from '../../idempotency-key.js';
import { given } from '../../query.js';
import type { RestRoutes } from '../../rest-routes.js';

export function addBulkJobs(routes: RestRoutes): void {
  const { services } = routes.deps;
  routes.add(previewBulkJob, async ({ caller, body }) =>
    jsonReply(renderBulkPreview(await services.previewBulkJob(caller, toParams(await body())))),
  );
  routes.add(startBulkJob, async ({ exchange, caller, body }) => {
    const { idempotency_key: key, ...request } = await body();
    const params = { ...toParams(request), ...idempotencyKeyOf(exchange, key) };
    const { job, created } = await services.startBulkJob(caller, params);
    return madeReply(renderBulkJob(job), created);
  });
  routes.add(listBulkJobs, async ({ caller }) =>
    jsonReply({ bulk_jobs: (await services.listBulkJobs(caller)).map(renderBulkJob) }),
  );
  routes.add(getBulkJob, async ({ caller, param }) =>
    jsonReply(renderBulkJob(await services.getBulkJob(caller, { jobId: param('id') }))),
  );
  routes.add(stopBulkJob, async ({ caller, body, param }) => {
    await body();
    return jsonReply(renderBulkJob(await services.stopBulkJob(caller, { jobId: param('id') })));
  });
}

function toParams({ action, filter, reason, same_version: sameVersion }: ApiBulkRequest): BulkParams {
  const { status, workflow_id: workflowId, tags, fields, created_from: from, created_before: until } = filter;
  const runIds = readRunIds('filter/run_ids', filter.run_ids);
  const statuses = status === undefined ? undefined : [status].flat();
  const createdFrom = readMoment('filter/created_from', from) ?? undefined;
  const createdBefore = readMoment('filter/created_before', until) ?? undefined;
  return {
    action,
    filter: given({ statuses, workflowId, tags, fields, createdFrom, createdBefore, runIds }),
    ...given({ reason, sameVersion }),
  };
}
