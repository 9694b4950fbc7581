import { ErrandError } from '../../../../core/errors.js';
import type { AnswerOf, QueryOf } from '../../../../api/endpoint.js';
import type { listRuns } from '../../../../api/endpoints/runs.js';
import { parseRunId, renderRunId } from '../../../../core/render/run-id.js';
import { readFields } from '../../../../core/search/read-fields.js';
import type { RunListItem, RunStatus } from '../../../../core/run/run.js';
import type { Principal } from '../../../../core/tenant/principal.js';
import { readMoment } from '../../../../mcp/tool-kit/read-moment.js';
import type { RunFilter } from '../../../../service/interface/run-filter.js';
import type { Services } from '../../../../service/interface/services.js';
import { given, readBefore, type ReadQuery } from '../../query.js';
import { renderRunListItem } from '../../render/render.js';

type Query = ReadQuery<QueryOf<typeof listRuns>>;
type Page = AnswerOf<typeof listRuns>;

/** Runs of one status and workflow are counted; those that are found by more are not. */
export async function listPage(
  services: Pick<Services, 'listRuns' | 'searchRuns'>,
  caller: Principal,
  query: Query,
): Promise<Page> {
  const { limit, offset } = query;
  const before = readBefore(query.before, (text) => parseRunId(text, 'optional'));
  const filter = readFilter(query);
  const { statuses = [], workflowId, ...rest } = filter;
  if (statuses.length < 2 && Object.keys(rest).length === 0) {
    const [status] = statuses;
    const { runs, total } = await services.listRuns(caller, {
      ...given({ status, workflowId }),
      ...before,
      limit,
      offset,
    });
    const isLast = runs.length < limit || (before.beforeId === undefined && offset + runs.length >= total);
    return { ...render(runs), total, limit, offset, next_before: isLast ? null : idOf(runs.at(-1)?.id) };
  }
  if (offset > 0) throw refuseOffset();
  const { runs, nextBeforeId } = await services.searchRuns(caller, { ...filter, ...before, limit });
  return { ...render(runs), total: null, limit, offset: 0, next_before: idOf(nextBeforeId) };
}

const render = (runs: readonly RunListItem[]): Pick<Page, 'runs'> => ({ runs: runs.map(renderRunListItem) });

const idOf = (runId: string | null | undefined): string | null =>
  runId === null || runId === undefined ? null : renderRunId(runId);

function readFilter(query: Query): RunFilter {
  const { status, workflow_id: workflowId, tag, field, created_from: from, created_before: until } = query;
  const statuses = status === undefined ? undefined : ([status].flat() as readonly RunStatus[]);
  const tags = tag === undefined ? undefined : ([tag].flat() as readonly string[]);
  const fields = field === undefined ? undefined : readFields([field].flat());
  const createdFrom = readMoment('created_from', from) ?? undefined;
  const createdBefore = readMoment('created_before', until) ?? undefined;
  return given({ statuses, workflowId, tags, fields, createdFrom, createdBefore });
}

function refuseOffset(): ErrandError {
  const message = 'cannot be used with these filters. For older runs, give before: next_before of the page';
  return new ErrandError('invalid_input', `The query is not valid: offset ${message}.`, {
    problems: [{ path: '?offset', message }],
  });
}
