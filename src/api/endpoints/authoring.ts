import type {
  ApiCheckedText,
  ApiDraft,
  ApiDryRun,
  ApiDryRunAsk,
  ApiDraftItem,
  ApiGivenBundle,
  ApiGivenWorkflow,
  ApiPublication,
  ApiPublished,
  ApiVersionItem,
  ApiWorkflowDiff,
  ApiWorkflowText,
  ApiWorkflowVersion,
} from '../authoring-types.js';
import { declareEndpoint, type QueryField } from '../endpoint.js';
import { closed, type InOrganization, pageLimit, TEXT } from './fields.js';

/** Whose workflows: the organization's own, or, for operators, another's or those for all. */
type OfOwnerBody = InOrganization & { readonly for_all?: boolean };
type OfOwnerQuery = InOrganization & { readonly for_all?: 'true' | 'false' };

const OWNER_BODY = { organization: { type: 'string' }, for_all: { type: 'boolean' } } as const;
const OWNER_QUERY = { organization: TEXT, for_all: { kind: 'choice', values: ['true', 'false'] } } as const;
/** Only older ones; 0: from the newest on. */
const BEFORE: QueryField = { kind: 'integer', min: 0, max: null, default: 0 };
const PAGE = { limit: pageLimit(100, 20), before: BEFORE };

const MAX_PUBLICATION_BYTES = 16 * 1024 * 1024;

const HANDLER = closed({ bundle: { type: 'string' }, export: { type: 'string' }, node_id: { type: 'string' } }, [
  'bundle',
  'export',
]);

const TEXT_BODY = {
  text: { type: 'string' },
  format: { enum: ['yaml', 'json'], description: 'yaml when not given, which includes JSON.' },
} as const;
const REVISION = { type: 'integer', minimum: 1, maximum: 1_000_000_000 } as const;
const BASE_VERSION = {
  type: ['integer', 'null'],
  minimum: 1,
  maximum: 1_000_000_000,
  description: 'The published version that it is made of; null: it is a new workflow.',
} as const;
const MAX_TEXT_BYTES = 2 * 1024 * 1024;

export const checkWorkflow = declareEndpoint<{ body: OfOwnerBody & ApiWorkflowText; answer: ApiCheckedText }>()({
  name: 'checkWorkflow',
  method: 'POST',
  path: '/drafts/check',
  summary: 'Says every fault of a definition with its place, and what the workflow would be; changes nothing',
  scope: 'workflows:write',
  maxBodyBytes: MAX_TEXT_BYTES,
  body: closed({ ...OWNER_BODY, ...TEXT_BODY }, ['text']),
  errors: ['not_found'],
});

const OUTCOME = {
  type: 'object',
  properties: {
    output: {},
    error: closed({ message: { type: 'string' }, kind: { type: 'string' }, retryable: { type: 'boolean' } }, [
      'message',
    ]),
  },
  additionalProperties: false,
  minProperties: 1,
  maxProperties: 1,
} as const;

export const tryWorkflow = declareEndpoint<{
  body: OfOwnerBody & ApiDryRunAsk & Partial<ApiWorkflowText> & { readonly draft_id?: string };
  answer: ApiDryRun;
}>()({
  name: 'tryWorkflow',
  method: 'POST',
  path: '/drafts/try',
  summary: 'Runs a definition, or a draft, with its effects replaced: nothing is reached, kept or charged',
  scope: 'workflows:write',
  maxBodyBytes: MAX_TEXT_BYTES,
  body: closed({
    ...OWNER_BODY,
    ...TEXT_BODY,
    draft_id: { type: 'string', description: 'Instead of `text`.' },
    input: {},
    instruction: { type: 'string' },
    outputs: {
      type: 'object',
      description: 'What nodes give, by their ids; of a list, one for each call.',
      additionalProperties: { anyOf: [OUTCOME, { type: 'array', items: OUTCOME, minItems: 1 }] },
    },
  }),
  errors: ['not_found', 'invalid_definition', 'unavailable'],
});

export const createDraft = declareEndpoint<{
  body: OfOwnerBody & ApiWorkflowText & { readonly base_version?: number | null };
  answer: ApiDraft;
}>()({
  name: 'createDraft',
  method: 'POST',
  path: '/drafts',
  summary: 'Keeps a definition that is being written, with faults or without',
  scope: 'workflows:write',
  maxBodyBytes: MAX_TEXT_BYTES,
  body: closed({ ...OWNER_BODY, ...TEXT_BODY, base_version: BASE_VERSION }, ['text']),
  statuses: [201, 200],
  errors: ['not_found', 'conflict'],
});

export const listDrafts = declareEndpoint<{
  query: OfOwnerQuery & { readonly workflow_id?: string; readonly limit?: number; readonly before?: string };
  answer: { readonly drafts: readonly ApiDraftItem[]; readonly next_before: string | null };
}>()({
  name: 'listDrafts',
  method: 'GET',
  path: '/drafts',
  summary: 'Lists drafts without their texts, the latest made first',
  scope: 'workflows:write',
  query: { ...OWNER_QUERY, workflow_id: TEXT, limit: pageLimit(100, 20), before: TEXT },
  errors: ['not_found'],
});

export const getDraft = declareEndpoint<{ query: OfOwnerQuery; answer: ApiDraft }>()({
  name: 'getDraft',
  method: 'GET',
  path: '/drafts/:id',
  summary: 'Shows a draft with its text and what a check of it says now',
  scope: 'workflows:write',
  query: OWNER_QUERY,
  errors: ['not_found'],
});

export const updateDraft = declareEndpoint<{
  body: OfOwnerBody & ApiWorkflowText & { readonly revision: number; readonly base_version?: number | null };
  answer: ApiDraft;
}>()({
  name: 'updateDraft',
  method: 'PUT',
  path: '/drafts/:id',
  summary: 'Replaces the text of a draft, at the revision that the caller has read and no other',
  scope: 'workflows:write',
  maxBodyBytes: MAX_TEXT_BYTES,
  body: closed({ ...OWNER_BODY, ...TEXT_BODY, revision: REVISION, base_version: BASE_VERSION }, ['text', 'revision']),
  errors: ['not_found', 'conflict'],
});

export const publishDraft = declareEndpoint<{
  body: OfOwnerBody & { readonly revision: number; readonly base_version?: number | null };
  answer: ApiPublished;
}>()({
  name: 'publishDraft',
  method: 'POST',
  path: '/drafts/:id/publish',
  summary: 'Makes a draft without faults a version, and takes the draft away',
  scope: 'workflows:write',
  body: closed({ ...OWNER_BODY, revision: REVISION, base_version: BASE_VERSION }, ['revision']),
  statuses: [201],
  errors: ['not_found', 'invalid_definition', 'conflict'],
});

/** 0: not given. */
const VERSION: QueryField = { kind: 'integer', min: 0, max: null, default: 0 };

export const diffDraft = declareEndpoint<{
  query: OfOwnerQuery & { readonly from?: number };
  answer: ApiWorkflowDiff;
}>()({
  name: 'diffDraft',
  method: 'GET',
  path: '/drafts/:id/diff',
  summary: 'Says what differs between a version, the published one when none is given, and a draft',
  scope: 'workflows:write',
  query: { ...OWNER_QUERY, from: VERSION },
  errors: ['not_found', 'invalid_definition'],
});

export const diffVersions = declareEndpoint<{
  query: OfOwnerQuery & { readonly from?: number; readonly to?: number };
  answer: ApiWorkflowDiff;
}>()({
  name: 'diffVersions',
  method: 'GET',
  path: '/workflows/:id/diff',
  summary: 'Says what differs between two versions: the published one and the one before it when none are given',
  scope: 'workflows:write',
  query: { ...OWNER_QUERY, from: VERSION, to: VERSION },
  errors: ['not_found'],
});

export const deleteDraft = declareEndpoint<{
  query: OfOwnerQuery & { readonly revision?: number };
  answer: null;
}>()({
  name: 'deleteDraft',
  method: 'DELETE',
  path: '/drafts/:id',
  summary: 'Deletes a draft',
  scope: 'workflows:write',
  query: { ...OWNER_QUERY, revision: { kind: 'integer', min: 0, max: null, default: 0 } },
  statuses: [204],
  errors: ['not_found', 'conflict'],
});

export const publishWorkflows = declareEndpoint<{
  body: OfOwnerBody & {
    readonly workflows: readonly ApiGivenWorkflow[];
    readonly bundles?: readonly ApiGivenBundle[];
    readonly replace?: boolean;
  };
  answer: ApiPublished;
}>()({
  name: 'publishWorkflows',
  method: 'POST',
  path: '/publications',
  summary: 'Publishes workflows, with the code of their handlers, all in one moment or none',
  scope: 'workflows:write',
  maxBodyBytes: MAX_PUBLICATION_BYTES,
  body: closed(
    {
      ...OWNER_BODY,
      workflows: {
        type: 'array',
        items: closed({ definition: { type: 'object' }, handlers: { type: 'object', additionalProperties: HANDLER } }, [
          'definition',
        ]),
      },
      bundles: {
        type: 'array',
        items: closed(
          {
            sha: { type: 'string', pattern: '^[0-9a-f]{64}$' },
            code: { type: 'string' },
            packages: { type: 'array', items: { type: 'string', maxLength: 200 }, maxItems: 200 },
          },
          ['sha', 'code', 'packages'],
        ),
      },
      replace: { type: 'boolean', description: 'Takes away what is published and not among these.' },
    },
    ['workflows'],
  ),
  statuses: [201],
  errors: ['not_found', 'invalid_definition', 'conflict'],
});

export const listPublications = declareEndpoint<{
  query: OfOwnerQuery & { readonly limit?: number; readonly before?: number };
  answer: { readonly publications: readonly ApiPublication[] };
}>()({
  name: 'listPublications',
  method: 'GET',
  path: '/publications',
  summary: 'Lists what was published, rolled back and taken away, newest first',
  scope: 'workflows:write',
  query: { ...OWNER_QUERY, ...PAGE },
  errors: ['not_found'],
});

export const revertPublication = declareEndpoint<{ body: OfOwnerBody; answer: ApiPublication }>()({
  name: 'revertPublication',
  method: 'POST',
  path: '/publications/:number/revert',
  summary: 'Puts all workflows of a publication back to what they were before it',
  scope: 'workflows:write',
  body: closed(OWNER_BODY),
  statuses: [201],
  errors: ['not_found', 'conflict'],
});

export const listWorkflowVersions = declareEndpoint<{
  query: OfOwnerQuery & { readonly limit?: number; readonly before?: number };
  answer: { readonly versions: readonly ApiVersionItem[]; readonly published: number | null };
}>()({
  name: 'listWorkflowVersions',
  method: 'GET',
  path: '/workflows/:id/versions',
  summary: 'Lists the versions of a published workflow, newest first',
  scope: 'workflows:write',
  query: { ...OWNER_QUERY, ...PAGE },
  errors: ['not_found'],
});

export const getWorkflowVersion = declareEndpoint<{ query: OfOwnerQuery; answer: ApiWorkflowVersion }>()({
  name: 'getWorkflowVersion',
  method: 'GET',
  path: '/workflows/:id/versions/:version',
  summary: 'Shows one version of a published workflow with its definition',
  scope: 'workflows:write',
  query: OWNER_QUERY,
  errors: ['not_found'],
});

export const rollBackWorkflow = declareEndpoint<{
  body: OfOwnerBody & { readonly version?: number };
  answer: ApiPublished;
}>()({
  name: 'rollBackWorkflow',
  method: 'POST',
  path: '/workflows/:id/rollback',
  summary: 'Publishes an earlier version of a workflow again; without one, the newest older one that ever was',
  scope: 'workflows:write',
  body: closed({ ...OWNER_BODY, version: { type: 'integer', minimum: 1, maximum: 1_000_000_000 } }),
  statuses: [201],
  errors: ['not_found', 'conflict'],
});

export const unpublishWorkflow = declareEndpoint<{ query: OfOwnerQuery; answer: ApiPublication }>()({
  name: 'unpublishWorkflow',
  method: 'DELETE',
  path: '/workflows/:id',
  summary: 'Takes a published workflow away; runs under way go on',
  scope: 'workflows:write',
  query: OWNER_QUERY,
  errors: ['not_found'],
});
