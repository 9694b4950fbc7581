import { infiniteQueryOptions, keepPreviousData, queryOptions, type QueryClient } from '@tanstack/react-query';
import type { ApiNode, ApiRun, ApiRunListItem } from '@api/api-types.js';
import { completeGraphNode, completeNode } from '@api/client/brief-nodes.js';
import type { ApiGraphNode } from '@api/run-plan-types.js';
import { placesOf } from '@api/client/apply-api-event.js';
import { getDays, getOverview, listTrends } from '@api/endpoints/workflows.js';
import { getNodeInput, getRunGraph } from '@api/endpoints/runs.js';
import { isInnerPath } from '@core/run/paths/node-path.js';
import { SPANS, type RunFilters } from '../app/run-filters.js';
import { client } from './client.js';
import { readSession, type Session } from './session.js';

/** How often what is live is asked for again, while somebody looks at it. */
const LIVE_MS = 2_000;
/** The same, of what is many questions at once. */
const SLOW_MS = 5_000;
/** The same, of what changes little by little. */
const TREND_MS = 30_000;
const TREND_PAGE = 100;
const TREND_PAGES = 3;
export const RUNS_PER_PAGE = 50;

export const sessionQuery = queryOptions({ queryKey: ['session'], queryFn: readSession, staleTime: Infinity });

export const workflowsQuery = queryOptions({
  queryKey: ['workflows'],
  queryFn: async () => (await client.listWorkflows()).workflows,
  staleTime: 60_000,
});

export function runsQuery(filters: RunFilters) {
  return queryOptions({
    queryKey: ['runs', filters],
    queryFn: () => client.listRuns({ limit: RUNS_PER_PAGE, ...toQuery(filters, Date.now()) }),
    placeholderData: keepPreviousData,
    // Older pages stand still, so that nobody loses the place that they look at.
    refetchInterval: filters.before === undefined ? LIVE_MS : false,
  });
}

/** The filters as the server takes them. */
export function toQuery({ status, workflow, since, from, to, tag, field, before }: RunFilters, now: number) {
  const start = since === undefined ? from : new Date(now - SPANS[since]).toISOString();
  const tags = listOf(tag);
  return {
    ...(status === undefined ? {} : { status }),
    ...(workflow === undefined ? {} : { workflow_id: workflow }),
    ...(start === undefined ? {} : { created_from: start }),
    ...(to === undefined || since !== undefined ? {} : { created_before: to }),
    ...(tags.length === 0 ? {} : { tag: tags }),
    ...(field === undefined || field === '' ? {} : { field }),
    ...(before === undefined ? {} : { before }),
  };
}

function listOf(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** Large answers come in one piece: to find out which parts of them are as before takes longer than to draw them. */
const LARGE = { structuralSharing: false } as const;

export function runQuery(runId: string) {
  return queryOptions({ queryKey: ['run', runId], queryFn: () => readRun(runId), staleTime: 1_000, ...LARGE });
}

/** Nodes that are made whole at once. */
const NODES_AT_ONCE = 2_000;

/** What takes long with very many nodes is done before they are shown, not with it, and in portions. */
async function readRun(runId: string): Promise<ApiRun> {
  const run = await client.getRunBriefly(runId);
  const nodes = await completeInTurns(run.nodes, completeNode);
  placesOf(nodes);
  return { ...run, nodes };
}

async function completeInTurns<Brief, Node>(
  briefs: readonly Brief[],
  complete: (brief: Brief) => Node,
): Promise<readonly Node[]> {
  const nodes: Node[] = [];
  for (let from = 0; from < briefs.length; from += NODES_AT_ONCE) {
    // Many have just been read, which took its time.
    if (briefs.length > NODES_AT_ONCE) await new Promise((resolve) => setTimeout(resolve));
    for (const brief of briefs.slice(from, from + NODES_AT_ONCE)) nodes.push(complete(brief));
  }
  return nodes;
}

/** A run without its nodes. */
export function runHeadQuery(runId: string) {
  return queryOptions({ queryKey: ['run', runId, 'head'], queryFn: () => client.getRunHead(runId), staleTime: 1_000 });
}

/** The newest runs of a workflow, as many as make a trend. */
export function trendQuery(workflow: string) {
  return queryOptions({
    queryKey: ['runs', 'trend', workflow],
    queryFn: async () => {
      const runs: ApiRunListItem[] = [];
      for (let page = 0; page < TREND_PAGES; page += 1) {
        const last = runs.at(-1)?.run_id;
        const query = { workflow_id: workflow, limit: TREND_PAGE, ...(last === undefined ? {} : { before: last }) };
        const found = (await client.listRuns(query)).runs;
        runs.push(...found);
        if (found.length < TREND_PAGE) break;
      }
      return runs;
    },
    staleTime: TREND_MS,
    refetchInterval: TREND_MS,
  });
}

/** The plan of a run does not change. */
export function graphQuery(runId: string) {
  return queryOptions({
    queryKey: ['graph', runId],
    queryFn: () => readGraph(runId),
    staleTime: Infinity,
    ...LARGE,
  });
}

async function readGraph(runId: string): Promise<readonly ApiGraphNode[]> {
  const { nodes } = await client.call(getRunGraph, { path: { id: runId }, query: { nodes: 'brief' } });
  return completeInTurns(nodes, completeGraphNode);
}

/** What a node's latest attempt was given; null when it has had none. */
export function nodeInputQuery({ runId, node }: { readonly runId: string; readonly node: ApiNode }) {
  const { id, attempt, status } = node;
  return queryOptions({
    queryKey: ['node-input', runId, id, attempt, status],
    queryFn: () => client.call(getNodeInput, { path: { id: runId, node: id } }),
    enabled: attempt > 0 || status === 'failed' || (isInnerPath(id) && status === 'completed'),
    // Of an item that has begun, say, the server may not know it yet.
    retry: false,
    staleTime: Infinity,
  });
}

/** What one has seen is not for who comes next. */
export function changeSession(queries: QueryClient, session: Session | null): void {
  queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionQuery.queryKey[0] });
  queries.setQueryData(sessionQuery.queryKey, session);
}

/** How runs stand, and what they wait for. */
export const overviewQuery = queryOptions({
  queryKey: ['runs', 'overview'],
  queryFn: () => client.call(getOverview),
  refetchInterval: LIVE_MS,
});

/** How the latest runs of each workflow went, a page after the other. */
export const trendsQuery = infiniteQueryOptions({
  queryKey: ['runs', 'trends'],
  queryFn: ({ pageParam: after }) => client.call(listTrends, { query: after === null ? {} : { after } }),
  initialPageParam: null as string | null,
  getNextPageParam: ({ next_after: next }) => next,
  refetchInterval: SLOW_MS,
});

/** What the runs of the last days came to; of all workflows when none is named. */
export function daysQuery({ workflowId, days }: { readonly workflowId: string | null; readonly days: number }) {
  return queryOptions({
    queryKey: ['runs', 'days', { workflowId, days }],
    queryFn: () =>
      client.call(getDays, { query: { days, ...(workflowId === null ? {} : { workflow_id: workflowId }) } }),
    placeholderData: keepPreviousData,
    refetchInterval: TREND_MS,
  });
}

/** The newest runs of a workflow. */
export function latestRunsQuery({ workflow, limit }: { readonly workflow: string; readonly limit: number }) {
  return queryOptions({
    queryKey: ['runs', 'latest', { workflow, limit }],
    queryFn: async () => (await client.listRuns({ limit, workflow_id: workflow })).runs,
    refetchInterval: SLOW_MS,
  });
}
