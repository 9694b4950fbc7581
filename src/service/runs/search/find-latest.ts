import type { Store } from '../../../core/ports/store/store.js';
import type { RunListItem, RunStatus } from '../../../core/run/run.js';

/** The newest runs of a workflow, newest first: of so many that are looked at, those with one of the statuses, or all. */
export async function findLatest(
  { runs }: Pick<Store, 'runs'>,
  params: {
    readonly organizationId: string;
    readonly workflowId: string;
    readonly statuses: readonly RunStatus[];
    readonly limit: number;
  },
): Promise<readonly RunListItem[]> {
  const found = await runs.search({
    ...params,
    terms: [],
    createdFrom: null,
    createdBefore: null,
    beforeId: null,
    looksAt: params.limit,
  });
  return found.runs;
}
