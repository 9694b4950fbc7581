import type { ApiModelCredential, ApiModels, ApiModelTest, ApiMonthUsage } from '../api-types.js';
import { declareEndpoint } from '../endpoint.js';
import { closed, TEXT, type InOrganization } from './fields.js';

export const listModels = declareEndpoint<{ query: InOrganization; answer: ApiModels }>()({
  name: 'listModels',
  method: 'GET',
  path: '/models',
  summary: 'Lists providers, aliases and prices of models, and what is lacking',
  scope: 'read',
  query: { organization: TEXT },
});

export const testModel = declareEndpoint<{
  body: InOrganization & { readonly model?: string };
  answer: ApiModelTest;
}>()({
  name: 'testModel',
  method: 'POST',
  path: '/models/test',
  summary: 'Asks a model a very short question',
  scope: 'manage',
  body: closed({ model: { type: 'string', minLength: 1, maxLength: 200 }, organization: { type: 'string' } }),
  errors: ['not_configured'],
});

export const listModelCredentials = declareEndpoint<{
  query: InOrganization;
  answer: { readonly credentials: readonly ApiModelCredential[] };
}>()({
  name: 'listModelCredentials',
  method: 'GET',
  path: '/model-credentials',
  summary: "Lists the organization's own keys for providers of models",
  scope: 'manage',
  query: { organization: TEXT },
});

export const setModelCredential = declareEndpoint<{
  body: InOrganization & { readonly key: string };
  answer: ApiModelCredential;
}>()({
  name: 'setModelCredential',
  method: 'PUT',
  path: '/model-credentials/:provider',
  summary: "Sets the organization's own key for a provider",
  scope: 'manage',
  body: closed({ key: { type: 'string' }, organization: { type: 'string' } }, ['key']),
  errors: ['not_found', 'not_configured'],
});

export const removeModelCredential = declareEndpoint<{ query: InOrganization; answer: null }>()({
  name: 'removeModelCredential',
  method: 'DELETE',
  path: '/model-credentials/:provider',
  summary: "Removes the organization's own key for a provider",
  scope: 'manage',
  query: { organization: TEXT },
  statuses: [204],
  errors: ['not_found', 'not_configured'],
});

export const getUsage = declareEndpoint<{
  query: InOrganization & { readonly month?: string };
  answer: ApiMonthUsage;
}>()({
  name: 'getUsage',
  method: 'GET',
  path: '/usage',
  summary: 'Shows what models have used in a month',
  scope: 'read',
  query: { month: TEXT, organization: TEXT },
});
