import { queryOptions } from '@tanstack/react-query';
import type { ApiBulkFilter, ApiBulkJob, ApiBulkPreview, ApiBulkRequest } from '@api/bulk-types.js';
import { getBulkJob, listBulkJobs, previewBulkJob } from '@api/endpoints/runs.js';
import { estimateWorkflow } from '@api/endpoints/workflows.js';
import { readFields } from '@core/search/read-fields.js';
import type { RunFilters } from '../app/run-filters.js';
import { client } from './client.js';
import { toQuery } from './queries.js';

/** While a job goes on. */
const GOING_ON_MS = 1_000;
/** For what others begin. */
const IDLE_MS = 10_000;
/** Of the workflows that a preview finds, so many are asked what their models cost. */
const MAX_ESTIMATED = 5;

/** What a filter of the list means now: the times that it names stand still from then on. */
export function toBulkFilter(filters: RunFilters): ApiBulkFilter {
  const { tag: tags, field, before: _, ...others } = toQuery(filters, Date.now());
  return {
    ...others,
    ...(tags === undefined ? {} : { tags }),
    ...(field === undefined ? {} : { fields: readFields([field]) }),
  };
}

/** The list that a job's filter finds, as its address says it. */
export function toRunFilters(filter: ApiBulkJob['filter']): RunFilters {
  const { status, workflow_id: workflow, tags, fields, created_from: from, created_before: to } = filter;
  const [only, ...others] = status;
  const [field] = Object.entries(fields);
  return {
    ...(only === undefined || others.length > 0 ? {} : { status: only }),
    ...(workflow === null ? {} : { workflow }),
    ...(tags.length === 0 ? {} : { tag: tags.join(', ') }),
    ...(field === undefined ? {} : { field: field.join('=') }),
    ...(from === null ? {} : { from }),
    ...(to === null ? {} : { to }),
  };
}

export function bulkPreviewQuery(request: ApiBulkRequest) {
  return queryOptions({
    queryKey: ['bulk-preview', request],
    queryFn: () => client.call(previewBulkJob, { body: request }),
    // What is shown before something is done is counted for it.
    gcTime: 0,
    staleTime: Infinity,
  });
}

/** What models cost for so many runs, by the latest ones; null where nobody knows. */
export function modelCostQuery({ by_workflow: workflows }: ApiBulkPreview) {
  return queryOptions({
    queryKey: ['bulk-model-cost', workflows],
    queryFn: async () => {
      const estimates = await Promise.all(
        workflows.map(({ workflow_id: id }) => client.call(estimateWorkflow, { path: { id } })),
      );
      const costs = estimates.map(({ cost_usd: cost }, index) => (cost?.p50 ?? 0) * (workflows[index]?.runs ?? 0));
      const sum = costs.reduce((total, cost) => total + cost, 0);
      return sum > 0 ? sum : null;
    },
    enabled: workflows.length > 0 && workflows.length <= MAX_ESTIMATED,
    retry: false,
    gcTime: 0,
  });
}

export const bulkJobsQuery = queryOptions({
  queryKey: ['bulk-jobs'],
  queryFn: async () => (await client.call(listBulkJobs)).bulk_jobs,
  refetchInterval: ({ state }) => (state.data?.some(isGoingOn) === true ? GOING_ON_MS : IDLE_MS),
});

export function bulkJobQuery(id: string) {
  return queryOptions({
    queryKey: ['bulk-jobs', id],
    queryFn: () => client.call(getBulkJob, { path: { id } }),
    refetchInterval: ({ state }) => (state.data !== undefined && isGoingOn(state.data) ? GOING_ON_MS : false),
  });
}

export const isGoingOn = ({ status }: ApiBulkJob): boolean => status === 'running';

/** Runs that the job is through with. */
export const dealtWith = ({ done, skipped, refused }: ApiBulkJob): number => done + skipped + refused;
