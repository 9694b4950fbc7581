import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import {
  checkWorkflow,
  diffDraft,
  diffVersions,
  getDraft,
  getWorkflowVersion,
  listDrafts,
  listWorkflowVersions,
} from '@api/endpoints/authoring.js';
import { client } from '../../api/client.js';

const MAX_DRAFTS = 100;

export const draftsQuery = queryOptions({
  queryKey: ['drafts'],
  queryFn: async () => (await client.call(listDrafts, { query: { limit: MAX_DRAFTS } })).drafts,
  staleTime: 10_000,
});

/** Never read again by itself: somebody types in it. */
export function draftQuery(id: string) {
  return queryOptions({
    queryKey: ['drafts', id],
    queryFn: () => client.call(getDraft, { path: { id } }),
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
  });
}

export function checkQuery(text: string) {
  return queryOptions({
    queryKey: ['drafts', 'check', text],
    queryFn: () => client.call(checkWorkflow, { body: { text } }),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    gcTime: 60_000,
  });
}

export function versionsQuery(workflowId: string) {
  return queryOptions({
    queryKey: ['versions', workflowId],
    queryFn: () => client.call(listWorkflowVersions, { path: { id: workflowId } }),
    retry: false,
  });
}

export function versionQuery({ workflowId, version }: { readonly workflowId: string; readonly version: number }) {
  return queryOptions({
    queryKey: ['versions', workflowId, version],
    queryFn: () => client.call(getWorkflowVersion, { path: { id: workflowId, version: String(version) } }),
    staleTime: Infinity,
    retry: false,
  });
}

/** What a saved draft changes of the published version. */
export function draftDiffQuery({ id, revision }: { readonly id: string; readonly revision: number }) {
  return queryOptions({
    queryKey: ['drafts', id, 'diff', revision],
    queryFn: () => client.call(diffDraft, { path: { id } }),
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
  });
}

/** What going from one version to another changes. */
export function versionDiffQuery({
  workflowId,
  from,
  to,
}: {
  readonly workflowId: string;
  readonly from: number;
  readonly to: number;
}) {
  return queryOptions({
    queryKey: ['versions', workflowId, 'diff', from, to],
    queryFn: () => client.call(diffVersions, { path: { id: workflowId }, query: { from, to } }),
    staleTime: Infinity,
    retry: false,
  });
}
