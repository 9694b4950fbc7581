import type { JsonObject } from '../../../core/json.js';
import { parseRunId, renderRunId } from '../../../core/render/run-id.js';
import type { RunListItem, RunStatus } from '../../../core/run/run.js';
import { readFields } from '../../../core/search/read-fields.js';
import type { Principal } from '../../../core/tenant/principal.js';
import type { RunFilter } from '../../../service/interface/run-filter.js';
import type { Services } from '../../../service/interface/services.js';
import { appMeta } from '../app/apps.js';
import { invalidInput } from '../../tool-kit/check-value.js';
import { defineTool } from '../../tool-kit/define-tool.js';
import { readMoment } from '../../tool-kit/read-moment.js';
import { LIST_RUNS_INPUT, LIST_RUNS_OUTPUT } from '../schemas/native-schemas.js';
import { renderRunList } from '../views/native-render.js';

export interface RunFilterArguments {
  readonly status?: RunStatus;
  readonly workflow_id?: string;
  readonly tags?: readonly string[];
  readonly fields?: readonly string[];
  readonly created_from?: string;
  readonly created_before?: string;
}

interface ListRunsArguments extends RunFilterArguments {
  readonly limit?: number;
  readonly offset?: number;
  readonly before?: string;
}

export const listRuns = defineTool<ListRunsArguments>({
  name: 'list_runs',
  title: 'List runs',
  description:
    'Lists runs, newest first: all, or those with one status, of one workflow, with tags, with values that the workflow declares as searchable, or made within a time. ' +
    'total counts the runs of a status and a workflow. A page may hold fewer runs than limit while next_before says how to go on.',
  inputSchema: LIST_RUNS_INPUT,
  outputSchema: LIST_RUNS_OUTPUT,
  mutates: false,
  scope: 'read',
  annotations: { destructiveHint: false, idempotentHint: true, openWorldHint: false },
  ...appMeta('runs'),
  run: async (args, { services, caller }) => {
    const { limit = 20, offset = 0 } = args;
    const { runs, total, next } = await findPage(services, caller, { ...args, limit, offset });
    const lines = runs.map((run) => `${renderRunId(run.id)} ${run.workflowId} ${run.status}`);
    const of = total === undefined ? '' : ` of ${total}`;
    const more = next === null || total !== undefined ? '' : `\nThere may be more: before ${renderRunId(next)}.`;
    const value: JsonObject = {
      runs: renderRunList(runs),
      ...(total === undefined ? {} : { total }),
      limit,
      offset,
      next_before: next === null ? null : renderRunId(next),
    };
    return {
      kind: 'value',
      value,
      text: [`${runs.length}${of} runs, newest first.`, ...lines].join('\n') + more,
    };
  },
});

interface Page {
  readonly runs: readonly RunListItem[];
  readonly total?: number;
  /** The run before which the next page begins. */
  readonly next: string | null;
}

async function findPage(
  services: Services,
  caller: Principal,
  args: ListRunsArguments & { readonly limit: number; readonly offset: number },
): Promise<Page> {
  const { status, workflow_id: workflowId, limit, offset } = args;
  const filter = readFilter(args);
  const ofWorkflow = workflowId === undefined ? {} : { workflowId };
  const before = readBefore(args.before);
  if (Object.keys(filter).length === 0) {
    const ofStatus = status === undefined ? {} : { status };
    const { runs, total } = await services.listRuns(caller, { ...ofStatus, ...ofWorkflow, ...before, limit, offset });
    const isLast = runs.length < limit || (args.before === undefined && offset + runs.length >= total);
    return { runs, total, next: isLast ? null : (runs.at(-1)?.id ?? null) };
  }
  if (offset > 0)
    throw refuse('offset', 'cannot be used with tags, fields and times: give before, next_before of the page');
  const statuses = status === undefined ? {} : { statuses: [status] };
  const found = await services.searchRuns(caller, { ...filter, ...statuses, ...ofWorkflow, ...before, limit });
  return { runs: found.runs, next: found.nextBeforeId };
}

/** By tags, fields and times. */
export function readFilter(args: RunFilterArguments): RunFilter {
  const createdFrom = readMoment('created_from', args.created_from);
  const createdBefore = readMoment('created_before', args.created_before);
  const { tags = [], fields = [] } = args;
  return {
    ...(tags.length === 0 ? {} : { tags }),
    ...(fields.length === 0 ? {} : { fields: readFields(fields) }),
    ...(createdFrom === null ? {} : { createdFrom }),
    ...(createdBefore === null ? {} : { createdBefore }),
  };
}

function readBefore(text: string | undefined): { readonly beforeId?: string } {
  if (text === undefined) return {};
  const beforeId = parseRunId(text, 'optional');
  if (beforeId === null) throw refuse('before', 'must be the id of a run');
  return { beforeId };
}

function refuse(field: string, message: string): Error {
  return invalidInput('The arguments', [{ path: `/${field}`, message }]);
}
