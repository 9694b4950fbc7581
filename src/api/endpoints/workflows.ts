import type { ApiWorkflow } from '../api-types.js';
import type { ApiEstimate } from '../estimate-types.js';
import { declareEndpoint } from '../endpoint.js';
import type { ApiDays, ApiOverview, ApiTrend } from '../overview-types.js';
import { pageLimit, TEXT } from './fields.js';

export const listWorkflows = declareEndpoint<{ answer: { readonly workflows: readonly ApiWorkflow[] } }>()({
  name: 'listWorkflows',
  method: 'GET',
  path: '/workflows',
  summary: 'Lists the workflows, with version, cost, agents and schemas',
  scope: 'read',
});

export const getWorkflow = declareEndpoint<{ answer: ApiWorkflow }>()({
  name: 'getWorkflow',
  method: 'GET',
  path: '/workflows/:id',
  summary: 'Shows one workflow',
  scope: 'read',
  errors: ['not_found'],
});

export const estimateWorkflow = declareEndpoint<{ answer: ApiEstimate }>()({
  name: 'estimateWorkflow',
  method: 'GET',
  path: '/workflows/:id/estimate',
  summary: 'Says what a run is likely to take, by the latest ones',
  scope: 'read',
  errors: ['not_found'],
});

export const getOverview = declareEndpoint<{ answer: ApiOverview }>()({
  name: 'getOverview',
  method: 'GET',
  path: '/overview',
  summary: 'Counts runs by status, and says what unfinished ones wait for',
  scope: 'read',
});

export const listTrends = declareEndpoint<{
  query: { readonly after?: string; readonly limit?: number };
  answer: { readonly workflows: readonly ApiTrend[]; readonly next_after: string | null };
}>()({
  name: 'listTrends',
  method: 'GET',
  path: '/overview/workflows',
  summary: 'Shows how the latest runs of each workflow went',
  scope: 'read',
  query: { after: TEXT, limit: pageLimit(50, 20) },
});

export const getDays = declareEndpoint<{
  query: { readonly days?: number; readonly workflow_id?: string };
  answer: ApiDays;
}>()({
  name: 'getDays',
  method: 'GET',
  path: '/overview/days',
  summary: 'Shows what the runs of the last days came to, of one workflow or of all',
  scope: 'read',
  query: { days: pageLimit(90, 30), workflow_id: TEXT },
});
