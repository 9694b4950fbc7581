import { AUDIT_SCHEMAS } from './audit-shapes.js';
import { NODE_STATUSES, WAIT_REASONS, type NodeError, type Question } from '../../core/run/node-execution.js';
import type { Problem } from '../../core/errors.js';
import type { JsonSchema } from '../../core/json.js';
import { MODEL_APIS } from '../../core/models/models-config.js';
import { ENDED_STATUSES } from '../../core/run/retention.js';
import { RUN_STATUSES } from '../../core/run/run.js';
import { SECRET_KINDS } from '../../core/ports/secrets.js';
import { SCOPES } from '../../core/tenant/principal.js';
import type { Fault } from '../../core/workflow/definition.js';
import type {
  ApiBatchOutcome,
  ApiEvent,
  ApiKeyView,
  ApiModelCredential,
  ApiModelPrice,
  ApiModels,
  ApiMonthUsage,
  ApiGrant,
  ApiNewKey,
  ApiNode,
  ApiNodeItem,
  ApiOrganization,
  ApiRun,
  ApiRunError,
  ApiRunListItem,
  ApiUsage,
  ApiWorkflow,
} from '../api-types.js';
import type { ApiCreditMovement, ApiCredits, ApiPrice, ApiTopUp } from '../credit-types.js';
import {
  ANYTHING,
  described,
  FLAG,
  INTEGER,
  listOf,
  NUMBER,
  oneOf,
  orNull,
  SCHEMA,
  shapeOf,
  TEXT,
  TIME,
} from './shape.js';
import { SCHEDULE_SCHEMAS } from './schedule-shapes.js';
import { SECRET_SOURCES } from '../../core/ports/secrets.js';
import type { ApiGraphNode, ApiNodeInput } from '../run-plan-types.js';
import type { ApiSecret } from '../secret-types.js';
import { BULK_SCHEMAS } from './many-runs-shapes.js';
import { HOOK_SCHEMAS, SENT_EVENT_SCHEMAS } from './hook-shapes.js';
import { AUTHORING_SCHEMAS } from './authoring-shapes.js';
import { LIMIT_SCHEMAS } from './limit-shapes.js';
import { WEBHOOK_SCHEMAS } from './webhook-shapes.js';

export function reference(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

const ERROR_FIELDS = { kind: described(TEXT, 'What programs look at: `timeout`, `http_5xx`, …'), message: TEXT };
const USAGE_FIELDS = {
  calls: INTEGER,
  input_tokens: described(INTEGER, 'All that was sent, what a provider had cached included.'),
  cached_input_tokens: INTEGER,
  output_tokens: INTEGER,
  cost_usd: described(NUMBER, 'In US dollars, of the calls whose price is known.'),
  unpriced_calls: INTEGER,
};
const PRICE_FIELDS = { input: NUMBER, cached_input: orNull(NUMBER), cache_write: orNull(NUMBER), output: NUMBER };
const KEY_FIELDS = {
  id: TEXT,
  name: TEXT,
  hint: described(TEXT, "The key's last characters."),
  scopes: listOf(oneOf(SCOPES)),
  created_at: TIME,
  expires_at: orNull(TIME),
  revoked_at: orNull(TIME),
  last_used_at: orNull(TIME),
};
const RUN_FIELDS = {
  run_id: described(TEXT, '`run_` and a UUID.'),
  workflow_id: TEXT,
  workflow_name: TEXT,
  workflow_version: INTEGER,
  status: oneOf(RUN_STATUSES),
  terminal: described(FLAG, 'Whether it has ended.'),
  version: described(INTEGER, 'Grows with every change of the run.'),
  agent_count: INTEGER,
  credits_reserved: INTEGER,
  credits_consumed: INTEGER,
  summary: orNull(TEXT),
  error: orNull(reference('RunError')),
  output_error: orNull(TEXT),
  created_at: TIME,
  started_at: orNull(TIME),
  completed_at: orNull(TIME),
  rerun_of: orNull(shapeOf<NonNullable<ApiRun['rerun_of']>>()({ run_id: TEXT, from_node: orNull(TEXT) })),
  retries: INTEGER,
  priority: described(INTEGER, '-10 to 10; 0 is normal.'),
  parent: orNull(shapeOf<NonNullable<ApiRun['parent']>>()({ run_id: TEXT, node_id: TEXT })),
  tags: listOf(TEXT),
  metadata: { type: 'object', additionalProperties: TEXT },
};
const BOUNDS: JsonSchema = {
  type: 'object',
  properties: { keep_for_seconds: orNull(INTEGER), keep: orNull(INTEGER) },
};

const RATES = { base: INTEGER, per_item: NUMBER, per_1k_tokens: NUMBER };
const PRICE = shapeOf<ApiPrice>()({
  ...RATES,
  max: INTEGER,
  nodes: listOf(shapeOf<ApiPrice['nodes'][number]>()({ node_id: TEXT, ...RATES })),
});

/** The shapes of `../api-types.ts`, as JSON Schema. */
export const SCHEMAS: { readonly [name: string]: JsonSchema } = {
  Problem: shapeOf<Problem>()({ path: described(TEXT, 'A JSON pointer.'), message: TEXT }),
  Fault: shapeOf<Fault>()(
    { file: TEXT, line: orNull(INTEGER), column: orNull(INTEGER), path: TEXT, message: TEXT, value: ANYTHING },
    'value',
  ),
  NodeError: shapeOf<NodeError>()(ERROR_FIELDS),
  RunError: shapeOf<ApiRunError>()({ ...ERROR_FIELDS, node_id: orNull(TEXT) }),
  Usage: shapeOf<ApiUsage>()(USAGE_FIELDS),
  Workflow: shapeOf<ApiWorkflow>()({
    id: TEXT,
    name: TEXT,
    description: TEXT,
    version: INTEGER,
    credits: described(INTEGER, 'What a run reserves: what it costs at most.'),
    price: described(orNull(PRICE), 'What use costs; null where a run costs a fixed number of credits.'),
    estimated_duration: orNull(TEXT),
    agents: listOf(shapeOf<ApiWorkflow['agents'][number]>()({ role: TEXT, label: TEXT })),
    input_schema: SCHEMA,
    output_schema: orNull(SCHEMA),
    ready: described(FLAG, 'Whether the organization can start it.'),
    not_ready_because: orNull(TEXT),
    created_at: TIME,
    updated_at: TIME,
  }),
  RunListItem: shapeOf<ApiRunListItem>()(RUN_FIELDS),
  BatchOutcome: shapeOf<ApiBatchOutcome>()({
    outcome: oneOf(['started', 'repeated', 'refused']),
    run: described(orNull(reference('RunListItem')), 'Null when it was refused.'),
    error: orNull(
      shapeOf<NonNullable<ApiBatchOutcome['error']>>()(
        { code: TEXT, message: TEXT, problems: listOf(reference('Problem')), faults: listOf(reference('Fault')) },
        'problems',
        'faults',
      ),
    ),
  }),
  Run: shapeOf<ApiRun>()(
    {
      ...RUN_FIELDS,
      waiting_for: described(orNull(TEXT), 'Why a pending run does not start.'),
      nodes: listOf(reference('Node')),
      usage: orNull(reference('Usage')),
      output: described(ANYTHING, 'There when the run completed, wholly or in part with a fitting output.'),
      next_action: described(TEXT, 'There when an idempotency key named a run that has failed or was cancelled.'),
    },
    'output',
    'next_action',
  ),
  Node: shapeOf<ApiNode>()({
    id: TEXT,
    kind: TEXT,
    role: orNull(TEXT),
    label: orNull(TEXT),
    status: oneOf(NODE_STATUSES),
    attempt: INTEGER,
    progress: described(NUMBER, '0 to 100.'),
    message: orNull(TEXT),
    findings: orNull(TEXT),
    error: orNull(reference('NodeError')),
    used_fallback: FLAG,
    waiting_for: orNull(oneOf(WAIT_REASONS)),
    held_up_by: orNull(TEXT),
    waiting_until: orNull(TIME),
    question: orNull(shapeOf<Question>()({ message: TEXT, schema: SCHEMA, default: ANYTHING }, 'default')),
    event: orNull(shapeOf<NonNullable<ApiNode['event']>>()({ name: TEXT, key: TEXT })),
    child_run_id: orNull(TEXT),
    items: orNull(shapeOf<NonNullable<ApiNode['items']>>()({ total: INTEGER, done: INTEGER, failed: INTEGER })),
    rounds: described(orNull(INTEGER), 'How many rounds of a repeat have ended.'),
    inner: described(listOf(reference('Node')), 'The nodes inside it that have begun, at whatever depth.'),
    usage: orNull(reference('Usage')),
    started_at: orNull(TIME),
    completed_at: orNull(TIME),
  }),
  NodeItem: shapeOf<ApiNodeItem>()(
    {
      index: INTEGER,
      attempt: INTEGER,
      status: oneOf(['completed', 'failed']),
      error: orNull(reference('NodeError')),
      output: ANYTHING,
      seq: INTEGER,
      at: TIME,
    },
    'output',
  ),
  GraphNode: shapeOf<ApiGraphNode>()({
    id: TEXT,
    kind: TEXT,
    needs: described(listOf(TEXT), 'The nodes that it comes after.'),
    join: oneOf(['all', 'any']),
    conditional: described(FLAG, 'Whether it is skipped unless a condition holds.'),
    inner_kind: described(orNull(TEXT), 'The kind of what a `map` does with each item.'),
    nodes: described(listOf(reference('GraphNode')), 'The nodes inside it.'),
    numbered: described(FLAG, 'Whether paths inside it have the number of an item or a round.'),
  }),
  NodeInput: shapeOf<ApiNodeInput>()({
    input: described(ANYTHING, "The node's `with`, evaluated."),
    fields: { type: 'object', description: 'The fields of its kind, evaluated.' },
    error: described(orNull(reference('NodeError')), 'Why there is no input.'),
  }),
  Event: shapeOf<ApiEvent>()({
    seq: described(INTEGER, 'From 1, without gaps.'),
    at: TIME,
    kind: TEXT,
    node_id: orNull(TEXT),
    data: { type: 'object', description: 'What the event says beyond that, by its kind.' },
  }),
  Credits: shapeOf<ApiCredits>()({
    available: INTEGER,
    reserved: INTEGER,
    used_this_month: INTEGER,
    monthly_limit: INTEGER,
    topped_up: described(INTEGER, 'What is left of top-ups, which pay for what is used beyond the limit.'),
    paid_by_top_ups: described(INTEGER, 'What they have paid for this month.'),
    reset_date: TEXT,
  }),
  ...LIMIT_SCHEMAS,
  TopUp: shapeOf<ApiTopUp>()({ id: TEXT, credits: INTEGER, reason: TEXT, balance: reference('Credits') }),
  CreditMovement: shapeOf<ApiCreditMovement>()({
    id: TEXT,
    run_id: described(orNull(TEXT), 'Null for a top-up.'),
    kind: oneOf(['reserve', 'settle', 'top_up']),
    reserved_delta: INTEGER,
    used_delta: INTEGER,
    topped_up_delta: described(INTEGER, 'What was added to top-ups, or taken from them.'),
    reason: described(orNull(TEXT), 'Of a top-up.'),
    idempotency_key: orNull(TEXT),
    at: TIME,
  }),
  MonthUsage: shapeOf<ApiMonthUsage>()({
    month: TEXT,
    total: reference('Usage'),
    models: listOf(shapeOf<ApiMonthUsage['models'][number]>()({ model: TEXT, ...USAGE_FIELDS })),
  }),
  ModelPrice: described(shapeOf<ApiModelPrice>()(PRICE_FIELDS), 'In US dollars per million tokens.'),
  Models: shapeOf<ApiModels>()({
    providers: listOf(
      shapeOf<ApiModels['providers'][number]>()(
        {
          name: TEXT,
          api: oneOf(MODEL_APIS),
          base_url: described(orNull(TEXT), 'For keys with the scope `operate`, as is `key_env`.'),
          key_env: orNull(TEXT),
          key: orNull(oneOf(['organization', 'environment', 'not needed'])),
          usable: FLAG,
          lacking: orNull(TEXT),
        },
        'base_url',
        'key_env',
      ),
    ),
    aliases: listOf(
      shapeOf<ApiModels['aliases'][number]>()({
        name: TEXT,
        models: listOf(
          shapeOf<ApiModels['aliases'][number]['models'][number]>()({
            name: TEXT,
            usable: FLAG,
            lacking: orNull(TEXT),
            price: orNull(reference('ModelPrice')),
          }),
        ),
      }),
    ),
    prices: listOf(shapeOf<ApiModels['prices'][number]>()({ model: TEXT, ...PRICE_FIELDS })),
  }),
  ModelTest: {
    oneOf: [
      {
        type: 'object',
        properties: { ok: { const: true }, model: TEXT, milliseconds: NUMBER, usage: reference('Usage') },
        required: ['ok', 'model', 'milliseconds', 'usage'],
      },
      {
        type: 'object',
        properties: { ok: { const: false }, kind: TEXT, message: TEXT },
        required: ['ok', 'kind', 'message'],
      },
    ],
  },
  ModelCredential: shapeOf<ApiModelCredential>()({ provider: TEXT, hint: TEXT, created_at: TIME }),
  ...SCHEDULE_SCHEMAS,
  ...AUDIT_SCHEMAS,
  ...WEBHOOK_SCHEMAS,
  ...HOOK_SCHEMAS,
  ...BULK_SCHEMAS,
  ...AUTHORING_SCHEMAS,
  ...SENT_EVENT_SCHEMAS,
  Secret: shapeOf<ApiSecret>()({
    name: TEXT,
    source: described(orNull(oneOf(SECRET_SOURCES)), 'Where its value is; null: nowhere yet.'),
    updated_at: described(orNull(TIME), 'Null unless this server keeps it.'),
    kind: oneOf(SECRET_KINDS),
    earlier_values: described(INTEGER, 'How many earlier values runs under way may still use.'),
    workflows: described(listOf(TEXT), 'Those that name it.'),
  }),
  Key: shapeOf<ApiKeyView>()(KEY_FIELDS),
  NewKey: shapeOf<ApiNewKey>()({ ...KEY_FIELDS, key: described(TEXT, 'The key itself, seen this once.') }),
  Grant: shapeOf<ApiGrant>()({
    id: TEXT,
    client: shapeOf<ApiGrant['client']>()({
      name: described(TEXT, 'What it calls itself.'),
      id: described(TEXT, 'The address of the document about it, or the id that it registered under.'),
      host: described(TEXT, 'Where it had people sent back to.'),
    }),
    signed_in_with: TEXT,
    scopes: listOf(oneOf(SCOPES)),
    resources: described(listOf(TEXT), 'The paths that it is for.'),
    created_at: TIME,
    expires_at: described(TIME, 'When it ends unless it is used before.'),
    last_used_at: orNull(TIME),
  }),
  Organization: shapeOf<ApiOrganization>()({
    id: TEXT,
    slug: TEXT,
    name: TEXT,
    created_at: TIME,
    limits: { type: 'object', properties: { runs: orNull(INTEGER), nodes: orNull(INTEGER) } },
    retention: {
      type: 'object',
      properties: Object.fromEntries(['all', ...ENDED_STATUSES].map((status) => [status, BOUNDS])),
    },
    billing_day: orNull(INTEGER),
  }),
};
