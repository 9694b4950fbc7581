import type { Store } from '../../../core/ports/store/store.js';
import type { RunListItem, RunStatus } from '../../../core/run/run.js';
import { idOfKey, workflowKeyOfRun } from '../../../core/workflow/workflow-key.js';

/**
 * The newest runs of a workflow, newest first: of so many runs of its id that are looked at, those of the workflow itself
 * with one of the statuses, or all.
 */
export async function findLatest(
  { runs }: Pick<Store, 'runs'>,
  params: {
    readonly organizationId: string;
    /** The workflow's key. */
    readonly workflow: string;
    readonly statuses: readonly RunStatus[];
    readonly limit: number;
  },
): Promise<readonly RunListItem[]> {
  const { organizationId, workflow, statuses, limit } = params;
  const found = await runs.search({
    organizationId,
    workflowId: idOfKey(workflow),
    statuses,
    terms: [],
    createdFrom: null,
    createdBefore: null,
    beforeId: null,
    limit,
    looksAt: limit,
  });
  return found.runs.filter((run) => workflowKeyOfRun(run) === workflow);
}
