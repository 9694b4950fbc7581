import { EXAMPLE_DAYS, EXAMPLE_OVERVIEW, exampleTrend } from './examples/example-overview.js';
import { CREDITS, LIMITS, MOVEMENT, TOP_UP } from './examples/example-credits.js';
import { EXAMPLE_GRAPH } from './examples/example-graph.js';
import { EXAMPLE_DOCTOR, EXAMPLE_PROCESS, EXAMPLE_SYSTEM } from './system-shape.js';
import type { AnswerOf, AnyEndpoint, BodyOf } from '../endpoint.js';
import type * as audit from '../endpoints/audit.js';
import type * as grants from '../endpoints/grants.js';
import type * as hooks from '../endpoints/hooks.js';
import type * as models from '../endpoints/models.js';
import type * as organizations from '../endpoints/organizations.js';
import type * as server from '../endpoints/server.js';
import type * as runs from '../endpoints/runs.js';
import type * as schedules from '../endpoints/schedules.js';
import type * as workflows from '../endpoints/workflows.js';
import { EXAMPLE_CHECK, EXAMPLE_ENTRY } from './audit-shapes.js';
import type * as secrets from '../endpoints/secrets.js';
import type { ApiSecret } from '../secret-types.js';
import type * as authoring from '../endpoints/authoring.js';
import { AUTHORING_EXAMPLES } from './authoring-shapes.js';
import type * as webhooks from '../endpoints/webhooks.js';
import { EXAMPLE_HOOK, EXAMPLE_HOOK_FIELDS, EXAMPLE_LISTED_EVENT, EXAMPLE_SENT_EVENT } from './hook-shapes.js';
import { EXAMPLE_DELIVERY, EXAMPLE_WEBHOOK } from './webhook-shapes.js';
import { EXAMPLE_BULK_JOB, EXAMPLE_BULK_PREVIEW } from './many-runs-shapes.js';
import { EXAMPLE_SCHEDULE, EXAMPLE_TIMES } from './schedule-shapes.js';
import type {
  ApiGrant,
  ApiKeyView,
  ApiOrganization,
  ApiRun,
  ApiRunListItem,
  ApiUsage,
  ApiWorkflow,
} from '../api-types.js';

const AT = '2026-11-21T20:16:05.123Z';
const LATER = '2026-11-21T20:16:07.456Z';
export const EXAMPLE_RUN_ID = 'run_019ab7c4-9c3b-7a51-8f6e-0d2f6c1b7a11';

const INPUT_SCHEMA = {
  type: 'object',
  required: ['email'],
  properties: { email: { type: 'string', format: 'email' } },
};

const WORKFLOW: ApiWorkflow = {
  id: 'enrich_contact',
  name: 'Enrich Contact',
  description: 'Looks an e-mail address up and says who it belongs to.',
  version: 3,
  credits: 1,
  price: null,
  estimated_duration: '2-5 s',
  agents: [],
  input_schema: INPUT_SCHEMA,
  output_schema: null,
  ready: true,
  not_ready_because: null,
  created_at: AT,
  updated_at: AT,
};

const LISTED: ApiRunListItem = {
  run_id: EXAMPLE_RUN_ID,
  workflow_id: 'enrich_contact',
  workflow_name: 'Enrich Contact',
  workflow_version: 3,
  status: 'completed',
  terminal: true,
  version: 9,
  agent_count: 0,
  credits_reserved: 0,
  credits_consumed: 1,
  summary: null,
  error: null,
  output_error: null,
  created_at: AT,
  started_at: AT,
  completed_at: LATER,
  rerun_of: null,
  retries: 0,
  priority: 0,
  parent: null,
  tags: ['nightly'],
  metadata: { region: 'eu' },
};

/** A run that has ended, of one node. */
export const EXAMPLE_RUN: ApiRun = {
  ...LISTED,
  waiting_for: null,
  nodes: [
    {
      id: 'find',
      kind: 'code',
      role: null,
      label: null,
      status: 'completed',
      attempt: 1,
      progress: 100,
      message: null,
      findings: null,
      error: null,
      used_fallback: false,
      waiting_for: null,
      held_up_by: null,
      waiting_until: null,
      question: null,
      event: null,
      child_run_id: null,
      items: null,
      rounds: null,
      inner: [],
      usage: null,
      started_at: AT,
      completed_at: LATER,
    },
  ],
  usage: null,
  output: { name: 'Ada Lovelace' },
};

const RUNNING: ApiRun = {
  ...EXAMPLE_RUN,
  status: 'pending',
  terminal: false,
  version: 1,
  credits_reserved: 1,
  credits_consumed: 0,
  started_at: null,
  completed_at: null,
  nodes: [],
};

const KEY: ApiKeyView = {
  id: '019ab7c4-9c3b-7a51-8f6e-0d2f6c1b7a22',
  name: 'billing',
  hint: 'x7Qa',
  scopes: ['run'],
  created_at: AT,
  expires_at: null,
  revoked_at: null,
  last_used_at: null,
};

const ORGANIZATION: ApiOrganization = {
  id: '019ab7c4-9c3b-7a51-8f6e-0d2f6c1b7a33',
  slug: 'acme',
  name: 'Acme',
  created_at: AT,
  limits: { runs: 50 },
  retention: { completed: { keep_for_seconds: 2_592_000 } },
  billing_day: null,
};

const USAGE: ApiUsage = {
  calls: 4,
  input_tokens: 5120,
  cached_input_tokens: 1024,
  output_tokens: 640,
  cost_usd: 0.0123,
  unpriced_calls: 0,
};
const PRICE = { input: 1.25, cached_input: 0.125, cache_write: null, output: 10 };
const CREDENTIAL = { provider: 'openai', hint: '9f2c', created_at: AT };

export interface Example {
  readonly body?: unknown;
  readonly answer: unknown;
}

const GRANT: ApiGrant = {
  id: '019ab7c4-9c3b-7a51-8f6e-0d2f6c1b7a55',
  client: { name: 'Claude', id: 'https://claude.ai/oauth/mcp-oauth-client-metadata', host: 'claude.ai' },
  signed_in_with: 'key sk_live_Ab3d',
  scopes: ['read', 'run'],
  resources: ['/mcp'],
  created_at: AT,
  expires_at: '2027-02-19T20:16:05.123Z',
  last_used_at: LATER,
};

const EXAMPLE_STORED: ApiSecret = {
  name: 'crm_token',
  source: 'organization',
  updated_at: AT,
  kind: 'value',
  earlier_values: 0,
  workflows: ['enrich_contact'],
};
const BULK_REQUEST = {
  action: 'retry',
  filter: { status: 'failed', workflow_id: 'enrich_contact', tags: ['nightly'] },
} as const;
const EXAMPLE_NEW_HOOK = { ...EXAMPLE_HOOK, url: 'https://errand.example.com/hooks/ehk_…' };
const EXAMPLE_SECRET = 'whsec_…';
const { payload: _, ...LISTED_DELIVERY } = EXAMPLE_DELIVERY;

type ExampleOf<E> = { readonly body?: BodyOf<E>; readonly answer: AnswerOf<E> };
type Examples<Group> = { readonly [K in keyof Group]: Group[K] extends AnyEndpoint ? ExampleOf<Group[K]> : never };

/**
 * One call of each endpoint, by its name. The compiler holds them to the endpoints' types, and a test to their schemas.
 */
export const EXAMPLES: Examples<
  typeof workflows &
    typeof authoring &
    typeof runs &
    typeof schedules &
    typeof webhooks &
    typeof hooks &
    typeof secrets &
    typeof organizations &
    typeof grants &
    typeof models &
    typeof server &
    typeof audit
> = {
  listWorkflows: { answer: { workflows: [WORKFLOW] } },
  getWorkflow: { answer: WORKFLOW },
  ...AUTHORING_EXAMPLES,
  estimateWorkflow: {
    answer: {
      workflow_id: 'enrich_contact',
      runs: 100,
      since: AT,
      credits_reserved: 1,
      duration_seconds: { p50: 1.4, p90: 3.2, max: 9.7 },
      credits: { p50: 1, p90: 1, max: 1 },
      cost_usd: { p50: 0.0021, p90: 0.0034, max: 0.0102 },
      unpriced_runs: 0,
    },
  },
  getOverview: { answer: EXAMPLE_OVERVIEW },
  getDays: { answer: EXAMPLE_DAYS },
  listTrends: { answer: { workflows: [exampleTrend(LISTED)], next_after: null } },
  listRuns: { answer: { runs: [LISTED], total: 1, limit: 20, offset: 0, next_before: null } },
  startRun: {
    body: {
      workflow_id: 'enrich_contact',
      input: { email: 'ada@example.org' },
      idempotency_key: 'order-4711',
      tags: ['nightly'],
    },
    answer: RUNNING,
  },
  previewBulkJob: { body: BULK_REQUEST, answer: EXAMPLE_BULK_PREVIEW },
  startBulkJob: { body: BULK_REQUEST, answer: EXAMPLE_BULK_JOB },
  listBulkJobs: { answer: { bulk_jobs: [EXAMPLE_BULK_JOB] } },
  getBulkJob: { answer: EXAMPLE_BULK_JOB },
  stopBulkJob: { body: {}, answer: { ...EXAMPLE_BULK_JOB, status: 'stopped', ended_at: AT } },
  startRuns: {
    body: {
      runs: [
        { workflow_id: 'enrich_contact', input: { email: 'ada@example.org' }, idempotency_key: 'order-4711' },
        { workflow_id: 'enrich_contact', input: {} },
      ],
    },
    answer: {
      started: 1,
      repeated: 0,
      refused: 1,
      outcomes: [
        { outcome: 'started', run: LISTED, error: null },
        { outcome: 'refused', run: null, error: { code: 'invalid_input', message: '/email must be there' } },
      ],
    },
  },
  getRun: { answer: EXAMPLE_RUN },
  cancelRun: {
    body: { reason: 'not needed any more' },
    answer: { ...RUNNING, status: 'cancelled', terminal: true, completed_at: LATER },
  },
  answerNode: { body: { answer: true }, answer: RUNNING },
  listNodeItems: {
    answer: {
      items: [{ index: 0, attempt: 1, status: 'completed', error: null, output: { square: 4 }, seq: 5, at: AT }],
      next_after: null,
    },
  },
  getRunGraph: { answer: { nodes: EXAMPLE_GRAPH } },
  getNodeInput: { answer: { input: { email: 'ada@example.org' }, fields: {}, error: null } },
  retryRun: { body: {}, answer: { ...RUNNING, retries: 1 } },
  rerun: {
    body: { from_node: 'find' },
    answer: { ...RUNNING, rerun_of: { run_id: EXAMPLE_RUN_ID, from_node: 'find' } },
  },
  listRunEvents: {
    answer: {
      events: [
        { seq: 1, at: AT, kind: 'run.created', node_id: null, data: { input: { email: 'ada@example.org' } } },
        { seq: 2, at: AT, kind: 'node.started', node_id: 'find', data: { attempt: 1 } },
      ],
      next_after: 2,
    },
  },
  getCredits: { answer: CREDITS },
  getLimits: { answer: LIMITS },
  listCreditMovements: { answer: { movements: [MOVEMENT] } },
  listSchedules: { answer: { schedules: [EXAMPLE_SCHEDULE] } },
  createSchedule: {
    body: { name: 'Mondays', workflow_id: 'site_checkup', cron: '0 9 * * MON', timezone: 'Europe/Berlin' },
    answer: EXAMPLE_SCHEDULE,
  },
  previewSchedule: {
    body: { cron: '0 9 * * MON', timezone: 'Europe/Berlin', count: 2 },
    answer: { times: EXAMPLE_TIMES },
  },
  getSchedule: { answer: EXAMPLE_SCHEDULE },
  listScheduleTimes: { answer: { times: EXAMPLE_TIMES } },
  updateSchedule: { body: { enabled: false }, answer: { ...EXAMPLE_SCHEDULE, enabled: false, next_at: null } },
  deleteSchedule: { answer: null },
  listSecrets: { answer: { secrets: [EXAMPLE_STORED] } },
  setSecret: { body: { value: '…' }, answer: EXAMPLE_STORED },
  removeSecret: { answer: null },
  listWebhooks: { answer: { webhooks: [EXAMPLE_WEBHOOK] } },
  createWebhook: {
    body: { url: EXAMPLE_WEBHOOK.url },
    answer: { ...EXAMPLE_WEBHOOK, secret: EXAMPLE_SECRET },
  },
  getCallbackSecret: { answer: { secret: EXAMPLE_SECRET, secrets: EXAMPLE_WEBHOOK.secrets } },
  rotateCallbackSecret: {
    body: { keep_old_for_seconds: 3_600 },
    answer: { secret: EXAMPLE_SECRET, secrets: EXAMPLE_WEBHOOK.secrets },
  },
  getWebhook: { answer: EXAMPLE_WEBHOOK },
  updateWebhook: { body: { enabled: false }, answer: { ...EXAMPLE_WEBHOOK, enabled: false } },
  deleteWebhook: { answer: null },
  rotateWebhookSecret: {
    body: { keep_old_for_seconds: 3_600 },
    answer: { ...EXAMPLE_WEBHOOK, secret: EXAMPLE_SECRET },
  },
  testWebhook: { body: {}, answer: EXAMPLE_DELIVERY },
  replayDeliveries: { body: { state: 'failed', since: AT }, answer: { replayed: 12 } },
  listDeliveries: { answer: { deliveries: [LISTED_DELIVERY] } },
  getDelivery: { answer: EXAMPLE_DELIVERY },
  replayDelivery: { body: {}, answer: EXAMPLE_DELIVERY },
  listHooks: { answer: { hooks: [EXAMPLE_HOOK] } },
  createHook: {
    body: EXAMPLE_HOOK_FIELDS,
    answer: EXAMPLE_NEW_HOOK,
  },
  getHook: { answer: EXAMPLE_HOOK },
  updateHook: { body: { enabled: false }, answer: { ...EXAMPLE_HOOK, enabled: false } },
  deleteHook: { answer: null },
  rotateHookAddress: { body: {}, answer: EXAMPLE_NEW_HOOK },
  setHookSecret: { body: { secret: '…', keep_old_for_seconds: 3_600 }, answer: EXAMPLE_HOOK },
  sendEvent: EXAMPLE_SENT_EVENT,
  listSentEvents: { answer: { events: [EXAMPLE_LISTED_EVENT] } },
  getSentEvent: { answer: { ...EXAMPLE_LISTED_EVENT, data: EXAMPLE_SENT_EVENT.body.data } },
  listKeys: { answer: { keys: [KEY] } },
  createKey: {
    body: { name: 'billing', scopes: ['run'] },
    answer: { ...KEY, key: 'sk_live_…' },
  },
  revokeKey: { answer: null },
  listGrants: { answer: { grants: [GRANT] } },
  revokeGrant: { answer: null },
  listOrganizations: { answer: { organizations: [ORGANIZATION], total: 1 } },
  createOrganization: { body: { slug: 'acme', name: 'Acme', monthly_credits: 1000 }, answer: ORGANIZATION },
  updateOrganization: { body: { limits: { runs: 50 } }, answer: ORGANIZATION },
  setCredits: { body: { monthly_credits: 1000 }, answer: CREDITS },
  topUpCredits: TOP_UP,
  listModels: {
    answer: {
      providers: [{ name: 'openai', api: 'openai', key: 'environment', usable: true, lacking: null }],
      aliases: [{ name: 'default', models: [{ name: 'openai/gpt-5', usable: true, lacking: null, price: PRICE }] }],
      prices: [{ model: 'openai/gpt-5', ...PRICE }],
    },
  },
  testModel: {
    body: { model: 'default' },
    answer: { ok: true, model: 'openai/gpt-5', milliseconds: 812, usage: USAGE },
  },
  listModelCredentials: { answer: { credentials: [CREDENTIAL] } },
  setModelCredential: { body: { key: 'sk-…' }, answer: CREDENTIAL },
  removeModelCredential: { answer: null },
  listAudit: { answer: { entries: [EXAMPLE_ENTRY] } },
  exportAudit: { answer: { entries: [EXAMPLE_ENTRY] } },
  verifyAudit: { answer: EXAMPLE_CHECK },
  getSystem: { answer: EXAMPLE_SYSTEM },
  listProcesses: { answer: { processes: [EXAMPLE_PROCESS] } },
  getDoctor: { answer: EXAMPLE_DOCTOR },
  getLogLevel: { answer: { level: 'warn' } },
  setLogLevel: { body: { level: 'debug' }, answer: { level: 'debug' } },
  getUsage: { answer: { month: '2026-11', total: USAGE, models: [{ model: 'openai/gpt-5', ...USAGE }] } },
};
