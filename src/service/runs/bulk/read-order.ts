import { type BulkOrder, STATUSES_FOR } from '../../../core/bulk/bulk-job.js';
import { ErrandError, type Problem } from '../../../core/errors.js';
import { PAYLOAD_LIMITS } from '../../../core/text/payload-limits.js';
import type { BulkParams } from '../../interface/bulk.js';
import type { ServiceDeps } from '../../use-case/deps.js';
import { refuseProblems } from '../../use-case/refuse-problems.js';
import { toQuery } from '../search/to-query.js';

/** What is wanted, checked. Throws `invalid_input`. */
export function readOrder(deps: Pick<ServiceDeps, 'catalog'>, organizationId: string, params: BulkParams): BulkOrder {
  const { action, filter, reason = null, sameVersion = false } = params;
  const possible = STATUSES_FOR[action];
  const { statuses = [], runIds, ...others } = filter;
  const problems: Problem[] = [];
  const impossible = statuses.filter((status) => !possible.includes(status));
  if (impossible.length > 0) {
    const message = `holds ${impossible.join(' and ')}: ${action} is for runs that are ${possible.join(', ')}`;
    problems.push({ path: '/filter/status', message });
  }
  if (reason !== null && action !== 'cancel')
    problems.push({ path: '/reason', message: 'is for cancel alone: leave it out' });
  if ((reason ?? '').length > PAYLOAD_LIMITS.takenReason)
    problems.push({ path: '/reason', message: `must have at most ${PAYLOAD_LIMITS.takenReason} characters` });
  if (sameVersion && action !== 'rerun')
    problems.push({ path: '/same_version', message: 'is for rerun alone: leave it out' });
  if (runIds !== undefined && Object.keys(others).length > 0) {
    const message = 'names the runs: leave the rest of the filter out, but for status';
    problems.push({ path: '/filter/run_ids', message });
  }
  refuseProblems('bulk job', problems);
  const { workflowId } = filter;
  if (workflowId === '') throw new ErrandError('invalid_input', 'workflow_id must not be empty; leave it out for all.');
  // For what it refuses.
  toQuery(deps, organizationId, filter);
  const wanted = {
    ...others,
    statuses: [...new Set(statuses.length === 0 ? possible : statuses)],
    ...(runIds === undefined ? {} : { runIds: [...new Set(runIds)].toSorted().toReversed() }),
  };
  return { action, filter: wanted, reason: reason === null ? null : reason.toWellFormed(), sameVersion };
}
