import type { Json } from '../../core/json.js';
import { RUN_STATUSES, type RunStatus } from '../../core/run/run.js';
import type { ApiEvent, ApiNodeItem, ApiRerunRequest, ApiRun, ApiRunListItem, ApiRunRequest } from '../api-types.js';
import { declareEndpoint } from '../endpoint.js';
import {
  AFTER,
  closed,
  EVENTS,
  IDEMPOTENCY_KEY,
  MAX_WAIT_SECONDS,
  offsetUpTo,
  pageLimit,
  PRIORITY,
  TEXT,
} from './fields.js';

export const listRuns = declareEndpoint<{
  query: {
    readonly status?: RunStatus;
    readonly workflow_id?: string;
    readonly limit?: number;
    readonly offset?: number;
    readonly before?: string;
  };
  answer: {
    readonly runs: readonly ApiRunListItem[];
    readonly total: number;
    readonly limit: number;
    readonly offset: number;
  };
}>()({
  name: 'listRuns',
  method: 'GET',
  path: '/runs',
  summary: 'Lists runs, newest first',
  scope: 'read',
  query: {
    status: { kind: 'choice', values: RUN_STATUSES },
    workflow_id: TEXT,
    limit: pageLimit(100, 20),
    offset: offsetUpTo('For older runs, give before=RUN_ID: the last run of a page'),
    before: TEXT,
  },
});

export const startRun = declareEndpoint<{ body: ApiRunRequest; answer: ApiRun }>()({
  name: 'startRun',
  method: 'POST',
  path: '/runs',
  summary: 'Starts a run',
  scope: 'run',
  body: closed(
    {
      workflow_id: { type: 'string' },
      input: {},
      instruction: { type: 'string' },
      idempotency_key: IDEMPOTENCY_KEY,
      priority: PRIORITY,
      callback: {
        anyOf: [{ type: 'string' }, closed({ url: { type: 'string' }, events: EVENTS }, ['url'])],
      },
      wait_seconds: { type: 'number', minimum: 0, maximum: MAX_WAIT_SECONDS },
    },
    ['workflow_id'],
  ),
  statuses: [201, 200],
  errors: ['insufficient_credits', 'not_found', 'conflict', 'not_configured', 'payload_too_large'],
});

export const getRun = declareEndpoint<{
  query: { readonly wait_seconds?: number; readonly since_version?: number };
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
  },
  errors: ['not_found'],
});

export const cancelRun = declareEndpoint<{ body: { readonly reason?: string }; answer: ApiRun }>()({
  name: 'cancelRun',
  method: 'POST',
  path: '/runs/:id/cancel',
  summary: 'Ends a run as cancelled',
  scope: 'run',
  body: closed({ reason: { type: 'string', maxLength: 1000 } }),
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
