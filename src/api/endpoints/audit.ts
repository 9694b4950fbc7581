import type { ApiAuditEntry, ApiTrailCheck } from '../audit-types.js';
import { declareEndpoint, type QueryField } from '../endpoint.js';
import { AFTER, pageLimit, TEXT, type InOrganization } from './fields.js';

/** 0: from the newest on. */
const BEFORE: QueryField = { kind: 'integer', min: 0, max: null, default: 0 };

interface Entries {
  readonly entries: readonly ApiAuditEntry[];
}

export const listAudit = declareEndpoint<{
  query: InOrganization & { readonly limit?: number; readonly before?: number };
  answer: Entries;
}>()({
  name: 'listAudit',
  method: 'GET',
  path: '/audit',
  summary: 'Lists who changed what, newest first',
  scope: 'manage',
  query: { organization: TEXT, limit: pageLimit(500, 100), before: BEFORE },
});

export const exportAudit = declareEndpoint<{
  query: InOrganization & { readonly limit?: number; readonly after?: number };
  answer: Entries;
}>()({
  name: 'exportAudit',
  method: 'GET',
  path: '/audit/export',
  summary: 'Lists who changed what, oldest first',
  scope: 'manage',
  query: { organization: TEXT, limit: pageLimit(500, 500), after: AFTER },
});

export const verifyAudit = declareEndpoint<{
  query: InOrganization & { readonly head?: string };
  answer: ApiTrailCheck;
}>()({
  name: 'verifyAudit',
  method: 'GET',
  path: '/audit/verify',
  summary: 'Tells whether any entry of the trail was changed or taken out',
  scope: 'manage',
  query: { organization: TEXT, head: TEXT },
});
