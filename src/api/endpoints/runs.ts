import { BULK_ACTIONS, MAX_NAMED_RUNS } from '../../core/bulk/bulk-job.js';
import type { Json } from '../../core/json.js';
import { RUN_STATUSES, type RunStatus } from '../../core/run/run.js';
import { PAYLOAD_LIMITS } from '../../core/text/payload-limits.js';
import type {
  ApiBatch,
  ApiEvent,
  ApiNodeItem,
  ApiRerunRequest,
  ApiRun,
  ApiRunListItem,
  ApiRunRequest,
} from '../api-types.js';
import type { ApiBulkJob, ApiBulkPreview, ApiBulkRequest } from '../bulk-types.js';
import { declareEndpoint } from '../endpoint.js';
import type { ApiGraphNode, ApiNodeInput } from '../run-plan-types.js';
import {
  AFTER,
  closed,
  RUN_EVENTS,
  IDEMPOTENCY_KEY,
  MAX_BATCH_RUNS,
  MAX_WAIT_SECONDS,
  offsetUpTo,
  pageLimit,
  PRIORITY,
  TAGS,
  METADATA,
  TEXT,
  TEXTS,
} from './fields.js';

export const listRuns = declareEndpoint<{
  query: {
    readonly status?: RunStatus | readonly RunStatus[];
    readonly workflow_id?: string;
    /** Runs that have all of them. */
    readonly tag?: string | readonly string[];
    /** `input.customer.id=17`: runs that have all of them. */
    readonly field?: string | readonly string[];
    /** RFC 3339: made at that time or later. */
    readonly created_from?: string;
    /** RFC 3339: made before. */
    readonly created_before?: string;
    readonly limit?: number;
    readonly offset?: number;
    readonly before?: string;
  };
  answer: {
    readonly runs: readonly ApiRunListItem[];
    /** Null where they are not counted: by several statuses, tags, fields or times. */
    readonly total: number | null;
    readonly limit: number;
    readonly offset: number;
    /** The `before` of the next page; null: there is none. */
    readonly next_before: string | null;
  };
}>()({
  name: 'listRuns',
  method: 'GET',
  path: '/runs',
  summary: 'Lists runs, newest first',
  scope: 'read',
  query: {
    status: { kind: 'choices', values: RUN_STATUSES },
    workflow_id: TEXT,
    tag: TEXTS,
    field: TEXTS,
    created_from: TEXT,
    created_before: TEXT,
    limit: pageLimit(100, 20),
    offset: offsetUpTo('For older runs, give before=RUN_ID: the last run of a page'),
    before: TEXT,
  },
});

/** What a run is started with. */
const RUN_REQUEST = {
  workflow_id: { type: 'string' },
  input: {},
  instruction: { type: 'string' },
  idempotency_key: IDEMPOTENCY_KEY,
  priority: PRIORITY,
  tags: TAGS,
  metadata: METADATA,
  callback: {
    anyOf: [{ type: 'string' }, closed({ url: { type: 'string' }, events: RUN_EVENTS }, ['url'])],
  },
};

export const startRun = declareEndpoint<{ body: ApiRunRequest; answer: ApiRun }>()({
  name: 'startRun',
  method: 'POST',
  path: '/runs',
  summary: 'Starts a run',
  scope: 'run',
  body: closed({ ...RUN_REQUEST, wait_seconds: { type: 'number', minimum: 0, maximum: MAX_WAIT_SECONDS } }, [
    'workflow_id',
  ]),
  statuses: [201, 200],
  errors: ['insufficient_credits', 'not_found', 'conflict', 'not_configured', 'payload_too_large'],
});

export const startRuns = declareEndpoint<{
  body: { readonly runs: readonly Omit<ApiRunRequest, 'wait_seconds'>[] };
  answer: ApiBatch;
}>()({
  name: 'startRuns',
  method: 'POST',
  path: '/runs/batch',
  summary: 'Starts many runs at once',
  scope: 'run',
  body: closed(
    { runs: { type: 'array', minItems: 1, maxItems: MAX_BATCH_RUNS, items: closed(RUN_REQUEST, ['workflow_id']) } },
    ['runs'],
  ),
  errors: ['payload_too_large'],
});

/**
 * `none`: `nodes` is empty, for who asks often about a run of very many. `brief`: they lack the fields that are null,
 * false, 0 or empty; `completeNode` of `brief-nodes.ts` puts them back. Of a graph, those that say what is usual;
 * `completeGraphNode`.
 */
export type NodesShown = 'all' | 'none' | 'brief';

export const getRun = declareEndpoint<{
  query: {
    readonly wait_seconds?: number;
    readonly since_version?: number;
    readonly nodes?: NodesShown;
  };
  answer: ApiRun;
}>()({
  name: 'getRun',
  method: 'GET',
  path: '/runs/:id',
  summary: 'Shows one run with its nodes, at once or when it has changed',
  scope: 'read',
  query: {
    wait_seconds: { kind: 'integer', min: 0, max: MAX_WAIT_SECONDS, default: 0 },
    since_version: { kind: 'integer', min: 0, max: null, default: -1 },
    nodes: { kind: 'choice', values: ['all', 'none', 'brief'] },
  },
  errors: ['not_found'],
});

export const cancelRun = declareEndpoint<{ body: { readonly reason?: string }; answer: ApiRun }>()({
  name: 'cancelRun',
  method: 'POST',
  path: '/runs/:id/cancel',
  summary: 'Ends a run as cancelled',
  scope: 'run',
  body: closed({ reason: { type: 'string', maxLength: PAYLOAD_LIMITS.takenReason } }),
  errors: ['not_found', 'conflict'],
});

export const answerNode = declareEndpoint<{ body: { readonly answer: Json }; answer: ApiRun }>()({
  name: 'answerNode',
  method: 'POST',
  path: '/runs/:id/nodes/:node/answer',
  summary: 'Answers what a node asks',
  scope: 'approve',
  body: closed({ answer: {} }, ['answer']),
  errors: ['not_found', 'conflict'],
});

export const listNodeItems = declareEndpoint<{
  query: { readonly status?: 'completed' | 'failed'; readonly after?: number; readonly limit?: number };
  answer: { readonly items: readonly ApiNodeItem[]; readonly next_after: number | null };
}>()({
  name: 'listNodeItems',
  method: 'GET',
  path: '/runs/:id/nodes/:node/items',
  summary: 'Lists the items of a map that have ended',
  scope: 'read',
  query: { status: { kind: 'choice', values: ['completed', 'failed'] }, after: AFTER, limit: pageLimit(1000, 100) },
  errors: ['not_found'],
});

export const getRunGraph = declareEndpoint<{
  query: { readonly nodes?: Exclude<NodesShown, 'none'> };
  answer: { readonly nodes: readonly ApiGraphNode[] };
}>()({
  name: 'getRunGraph',
  method: 'GET',
  path: '/runs/:id/graph',
  summary: 'Shows which nodes of a run come after which',
  scope: 'read',
  query: { nodes: { kind: 'choice', values: ['all', 'brief'] } },
  errors: ['not_found'],
});

export const getNodeInput = declareEndpoint<{ answer: ApiNodeInput }>()({
  name: 'getNodeInput',
  method: 'GET',
  path: '/runs/:id/nodes/:node/input',
  summary: 'Shows what a node was given, its expressions evaluated',
  scope: 'read',
  errors: ['not_found', 'conflict'],
});

export const retryRun = declareEndpoint<{ body: Record<string, never>; answer: ApiRun }>()({
  name: 'retryRun',
  method: 'POST',
  path: '/runs/:id/retry',
  summary: 'Runs again what failed, in the same run',
  scope: 'run',
  body: closed({}),
  errors: ['not_found', 'conflict', 'insufficient_credits'],
});

export const rerun = declareEndpoint<{ body: ApiRerunRequest; answer: ApiRun }>()({
  name: 'rerun',
  method: 'POST',
  path: '/runs/:id/rerun',
  summary: 'Starts a new run that does the work of this one again',
  scope: 'run',
  body: closed({
    input: {},
    instruction: { type: 'string' },
    from_node: { type: 'string' },
    same_version: { type: 'boolean' },
    idempotency_key: IDEMPOTENCY_KEY,
    priority: PRIORITY,
    tags: TAGS,
    metadata: METADATA,
  }),
  statuses: [201, 200],
  errors: ['insufficient_credits', 'not_found', 'conflict', 'not_configured', 'payload_too_large'],
});

export const listRunEvents = declareEndpoint<{
  query: { readonly after?: number; readonly limit?: number };
  answer: { readonly events: readonly ApiEvent[]; readonly next_after: number | null };
}>()({
  name: 'listRunEvents',
  method: 'GET',
  path: '/runs/:id/events',
  summary: 'Shows the log of a run, as a page or as a stream',
  scope: 'read',
  query: { after: AFTER, limit: pageLimit(1000, 1000) },
  statuses: [200, 204],
  errors: ['not_found'],
  streams: true,
});

const STATUS = { enum: RUN_STATUSES };
const BULK_REQUEST = {
  action: { enum: BULK_ACTIONS },
  filter: closed({
    status: { anyOf: [STATUS, { type: 'array', minItems: 1, items: STATUS }] },
    workflow_id: { type: 'string' },
    tags: TAGS,
    fields: { type: 'object', additionalProperties: { type: 'string' } },
    created_from: { type: 'string' },
    created_before: { type: 'string' },
    run_ids: { type: 'array', minItems: 1, maxItems: MAX_NAMED_RUNS, items: { type: 'string' } },
  }),
  reason: { type: 'string', maxLength: PAYLOAD_LIMITS.takenReason },
  same_version: { type: 'boolean' },
  idempotency_key: IDEMPOTENCY_KEY,
};

export const previewBulkJob = declareEndpoint<{ body: ApiBulkRequest; answer: ApiBulkPreview }>()({
  name: 'previewBulkJob',
  method: 'POST',
  path: '/bulk-jobs/preview',
  summary: 'Says how many runs a bulk job would find and what it would cost, without starting it',
  scope: 'run',
  body: closed(BULK_REQUEST, ['action', 'filter']),
});

export const startBulkJob = declareEndpoint<{ body: ApiBulkRequest; answer: ApiBulkJob }>()({
  name: 'startBulkJob',
  method: 'POST',
  path: '/bulk-jobs',
  summary: 'Cancels, retries or repeats all runs that a filter finds',
  scope: 'run',
  body: closed(BULK_REQUEST, ['action', 'filter']),
  statuses: [201, 200],
  errors: ['conflict'],
});

export const listBulkJobs = declareEndpoint<{ answer: { readonly bulk_jobs: readonly ApiBulkJob[] } }>()({
  name: 'listBulkJobs',
  method: 'GET',
  path: '/bulk-jobs',
  summary: 'Lists bulk jobs, newest first',
  scope: 'read',
});

export const getBulkJob = declareEndpoint<{ answer: ApiBulkJob }>()({
  name: 'getBulkJob',
  method: 'GET',
  path: '/bulk-jobs/:id',
  summary: 'Shows how far a bulk job is',
  scope: 'read',
  errors: ['not_found'],
});

export const stopBulkJob = declareEndpoint<{ body: Record<string, never>; answer: ApiBulkJob }>()({
  name: 'stopBulkJob',
  method: 'POST',
  path: '/bulk-jobs/:id/stop',
  summary: 'Stops a bulk job; what it has done stays done',
  scope: 'run',
  body: closed({}),
  errors: ['not_found', 'conflict'],
});
