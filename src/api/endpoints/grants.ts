import type { ApiGrant } from '../api-types.js';
import { declareEndpoint } from '../endpoint.js';
import { TEXT, type InOrganization } from './fields.js';

export const listGrants = declareEndpoint<{
  query: InOrganization;
  answer: { readonly grants: readonly ApiGrant[] };
}>()({
  name: 'listGrants',
  method: 'GET',
  path: '/grants',
  summary: 'Lists what clients may do that people of the organization signed in for',
  scope: 'manage',
  query: { organization: TEXT },
});

export const revokeGrant = declareEndpoint<{ query: InOrganization; answer: null }>()({
  name: 'revokeGrant',
  method: 'DELETE',
  path: '/grants/:id',
  summary: 'Ends what a client may do, at once',
  scope: 'manage',
  query: { organization: TEXT },
  statuses: [204],
  errors: ['not_found'],
});
