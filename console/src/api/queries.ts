import { keepPreviousData, queryOptions, type QueryClient } from '@tanstack/react-query';
import type { RunStatus } from '@core/run/run.js';
import { client } from './client.js';
import { readSession, type Session } from './session.js';

/** How often what is live is asked for again, while somebody looks at it. */
const LIVE_MS = 2_000;
/** The same, of what is many questions at once. */
const SLOW_MS = 5_000;
export const RUNS_PER_PAGE = 50;

export interface RunFilters {
  readonly status?: RunStatus;
  readonly workflow?: string;
  /** The run that the page comes after. */
  readonly before?: string;
}

export const sessionQuery = queryOptions({ queryKey: ['session'], queryFn: readSession, staleTime: Infinity });

export const workflowsQuery = queryOptions({
  queryKey: ['workflows'],
  queryFn: async () => (await client.listWorkflows()).workflows,
  staleTime: 60_000,
});

export function runsQuery({ status, workflow, before }: RunFilters) {
  return queryOptions({
    queryKey: ['runs', { status, workflow, before }],
    queryFn: () =>
      client.listRuns({
        limit: RUNS_PER_PAGE,
        ...(status === undefined ? {} : { status }),
        ...(workflow === undefined ? {} : { workflow_id: workflow }),
        ...(before === undefined ? {} : { before }),
      }),
    placeholderData: keepPreviousData,
    // Older pages stand still, so that nobody loses the place that they look at.
    refetchInterval: before === undefined ? LIVE_MS : false,
  });
}

export function runQuery(runId: string) {
  return queryOptions({ queryKey: ['run', runId], queryFn: () => client.getRun(runId), staleTime: 1_000 });
}

/** What one has seen is not for who comes next. */
export function changeSession(queries: QueryClient, session: Session | null): void {
  queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionQuery.queryKey[0] });
  queries.setQueryData(sessionQuery.queryKey, session);
}

/** How many runs there are, in all or with a status. */
export function countQuery(status?: RunStatus) {
  return queryOptions({
    queryKey: ['runs', 'count', status],
    queryFn: async () => (await client.listRuns({ limit: 1, ...(status === undefined ? {} : { status }) })).total,
    refetchInterval: SLOW_MS,
  });
}

/** The newest runs of a workflow, or with a status. */
export function latestRunsQuery({
  status,
  workflow,
  limit,
}: {
  readonly status?: RunStatus;
  readonly workflow?: string;
  readonly limit: number;
}) {
  return queryOptions({
    queryKey: ['runs', 'latest', { status, workflow, limit }],
    queryFn: async () => {
      const filters = {
        ...(status === undefined ? {} : { status }),
        ...(workflow === undefined ? {} : { workflow_id: workflow }),
      };
      return (await client.listRuns({ limit, ...filters })).runs;
    },
    refetchInterval: SLOW_MS,
  });
}
