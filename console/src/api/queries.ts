import { keepPreviousData, queryOptions, type QueryClient } from '@tanstack/react-query';
import type { RunStatus } from '@core/run/run.js';
import { client } from './client.js';
import { readSession, type Session } from './session.js';

/** How often what is live is asked for again, while somebody looks at it. */
const LIVE_MS = 2_000;
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
