import type { ApiWorkflow } from '../api-types.js';
import { declareEndpoint } from '../endpoint.js';

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
