import type { JsonObject, JsonSchema } from '../../../core/json.js';
import { NODE_STATUSES, WAIT_REASONS } from '../../../core/run/node-execution.js';
import { RUN_STATUSES } from '../../../core/run/run.js';
import { MAX_WAIT_SECONDS } from '../../../core/tool-form/workflow-tool-text.js';
import { MAX_TAG, MAX_TAGS } from '../../../core/search/labels.js';
import { PRIORITIES } from '../../../core/tenant/scheduling.js';
import { openObject, closedObject } from '../../tool-kit/object-schema.js';

/**
 * What the native tools take and give. Every field is always there, but those named as optional; absent values are
 * null. What is given is left open: a client that has kept these schemas goes on when a later version gives more.
 */

export const STRING: JsonSchema = { type: 'string' };
export const STRING_OR_NULL: JsonSchema = { type: ['string', 'null'] };
export const COUNT: JsonSchema = { type: 'integer', minimum: 0 };
export const TIME: JsonSchema = { type: 'string', format: 'date-time' };
export const TIME_OR_NULL: JsonSchema = { type: ['string', 'null'], format: 'date-time' };
export const ANY: JsonSchema = {};

export const DETAILS = ['summary', 'agents', 'full'] as const;
export type Detail = (typeof DETAILS)[number];

export function described(schema: JsonSchema, description: string): JsonSchema {
  return { ...schema, description };
}

export const WORKFLOW_ID = described(STRING, "The workflow's id, as list_workflows gives it.");
const RUN_ID = described(STRING, 'As run_workflow returned it: run_ and a UUID.');
export const LIMIT: JsonSchema = { type: 'integer', minimum: 1, maximum: 100, default: 20 };
export const OFFSET: JsonSchema = { type: 'integer', minimum: 0, default: 0 };

const WAIT_SECONDS: JsonSchema = {
  type: 'number',
  minimum: 0,
  maximum: MAX_WAIT_SECONDS,
  default: 0,
  description: 'How long to wait for the run to end before answering. 0 answers at once.',
};

export const NO_INPUT: JsonSchema = closedObject({});
const INSTRUCTION = described({ ...STRING, maxLength: 20_000 }, "An extra instruction for the run's agents.");
export const IDEMPOTENCY_KEY = described(
  { ...STRING, minLength: 1, maxLength: 200 },
  'Makes repeating this call safe: the same key with the same input returns the same run. Use a new key for new work.',
);
export const PRIORITY: JsonSchema = {
  type: 'string',
  enum: Object.keys(PRIORITIES),
  default: 'normal',
  description:
    'Which of your pending runs starts first when they have to wait. A whole number from -10 to 10 is accepted too.',
};

export const TAGS: JsonSchema = {
  type: 'array',
  items: { type: 'string', minLength: 1, maxLength: MAX_TAG },
  maxItems: MAX_TAGS,
};

/** An object: hosts refuse properties of several types, and of none. What else is taken is in `ACCEPTED`. */
export const INPUT: JsonSchema = { type: 'object', properties: {}, additionalProperties: true };

/** What those arguments really take that a published schema has to say less of. */
export const ACCEPTED: { readonly [name in 'input' | 'answer' | 'priority' | 'metadata']: JsonObject } = {
  metadata: { metadata: { type: 'object', additionalProperties: { type: 'string' } } },
  input: { input: ANY },
  answer: { answer: ANY },
  priority: {
    priority: {
      anyOf: [
        { enum: Object.keys(PRIORITIES) },
        { type: 'integer', minimum: PRIORITIES.low, maximum: PRIORITIES.high },
      ],
    },
  },
};

export const RUN_WORKFLOW_INPUT: JsonSchema = closedObject(
  {
    workflow_id: WORKFLOW_ID,
    input: described(
      INPUT,
      "The workflow's input; it must fit the input_schema that get_workflow gives. {} when left out. " +
        'If that schema is for a text, a number or a list: {"input": …}.',
    ),
    instruction: INSTRUCTION,
    idempotency_key: IDEMPOTENCY_KEY,
    priority: PRIORITY,
    tags: described(TAGS, 'Words to find the run by in list_runs.'),
    metadata: described(INPUT, 'Texts by name to keep with the run and find it by: {"region": "eu"}.'),
    callback: described(
      STRING,
      'An address of a program of the user that is told, by signed POST requests, when the run ends or asks something.',
    ),
    wait_seconds: WAIT_SECONDS,
  },
  ['input', 'instruction', 'idempotency_key', 'priority', 'tags', 'metadata', 'callback', 'wait_seconds'],
);

export const GET_RUN_STATUS_INPUT: JsonSchema = closedObject(
  {
    run_id: RUN_ID,
    wait_seconds: WAIT_SECONDS,
    since_version: described(
      COUNT,
      'The version in your last answer: waiting then also ends at the first change after it.',
    ),
    detail: described(
      { type: 'string', enum: DETAILS, default: 'summary' },
      'summary: the run. agents: also what each of its agents does and found. full: also all nodes and what they gave, long outputs cut.',
    ),
  },
  ['wait_seconds', 'since_version', 'detail'],
);

/** What runs are found by. */
const RUN_FILTER: JsonObject = {
  status: { type: 'string', enum: RUN_STATUSES },
  workflow_id: WORKFLOW_ID,
  tags: described(TAGS, 'Runs that have all of these tags.'),
  fields: described(
    { type: 'array', items: STRING },
    'Runs that have all of these values, each as path=value: input.… or output.… where the workflow declares them as searchable, or metadata.….',
  ),
  created_from: described(STRING, 'Runs made at this time or later. RFC 3339: 2027-01-31T12:00:00Z.'),
  created_before: described(STRING, 'Runs made before this time.'),
};

export const LIST_RUNS_INPUT: JsonSchema = closedObject(
  {
    ...RUN_FILTER,
    limit: LIMIT,
    offset: OFFSET,
    before: described(STRING, 'Runs older than this one: next_before of the page before.'),
  },
  [...Object.keys(RUN_FILTER), 'limit', 'offset', 'before'],
);

export const CANCEL_RUN_INPUT: JsonSchema = closedObject(
  { run_id: RUN_ID, reason: described({ ...STRING, maxLength: 500 }, 'Why, for the record.') },
  ['reason'],
);

export const ANSWER_RUN_INPUT: JsonSchema = closedObject({
  run_id: RUN_ID,
  node_id: described(STRING, 'The node that asks: node_id in questions of its status.'),
  answer: described(
    STRING,
    'What the user answered; it must fit the schema of the question. Write other values than text as JSON: {"approved": true}, true, 3.',
  ),
});

export const RETRY_RUN_INPUT: JsonSchema = closedObject({ run_id: RUN_ID });

export const RERUN_INPUT: JsonSchema = closedObject(
  {
    run_id: described(STRING, 'The earlier run.'),
    input: described(INPUT, "Another input; the earlier run's when left out. Not together with from_node."),
    instruction: INSTRUCTION,
    from_node: described(STRING, 'The id of the node to begin at.'),
    same_version: described(
      { type: 'boolean', default: false },
      'Run on the version of the workflow that the earlier run was on.',
    ),
    idempotency_key: IDEMPOTENCY_KEY,
    priority: PRIORITY,
  },
  ['input', 'instruction', 'from_node', 'same_version', 'idempotency_key', 'priority'],
);

export const ERROR_OUTPUT: JsonSchema = openObject(
  {
    error: openObject(
      {
        code: STRING,
        message: STRING,
        problems: { type: 'array', items: openObject({ path: STRING, message: STRING }) },
        retry_after_seconds: COUNT,
      },
      ['problems', 'retry_after_seconds'],
    ),
    run_id: STRING,
    status: { enum: RUN_STATUSES },
    next_action: described(
      STRING,
      'What to do now; present when the run of a repeated idempotency key has failed or was cancelled.',
    ),
  },
  ['run_id', 'status', 'next_action'],
);

/** Clients check `structuredContent` of errors against the output schema as well, so it must allow for them. */
export function orError(output: JsonSchema): JsonSchema {
  return { type: 'object', anyOf: [output, ERROR_OUTPUT] };
}

const RUN_LIST_ITEM: JsonObject = {
  run_id: STRING,
  workflow_id: STRING,
  workflow_name: STRING,
  workflow_version: COUNT,
  status: { enum: RUN_STATUSES },
  terminal: { type: 'boolean' },
  version: COUNT,
  agent_count: COUNT,
  credits_reserved: COUNT,
  credits_consumed: COUNT,
  summary: STRING_OR_NULL,
  error: described(STRING_OR_NULL, 'Why the run failed.'),
  error_message: described(STRING_OR_NULL, 'The same as error.'),
  error_kind: STRING_OR_NULL,
  error_node: described(STRING_OR_NULL, 'The node that failed, null when the run itself did.'),
  output_error: described(STRING_OR_NULL, 'Why a run that completed in part has no output.'),
  created_at: TIME,
  started_at: TIME_OR_NULL,
  completed_at: TIME_OR_NULL,
  duration_seconds: { type: ['number', 'null'], minimum: 0 },
};

const USAGE_FIELDS: JsonObject = {
  calls: COUNT,
  input_tokens: COUNT,
  cached_input_tokens: COUNT,
  output_tokens: COUNT,
  cost_usd: described({ type: 'number', minimum: 0 }, 'Of the calls whose price is known.'),
  unpriced_calls: COUNT,
};
const USAGE: JsonSchema = { ...openObject(USAGE_FIELDS), description: 'What its model calls have used.' };

const OPTIONAL_OF_NODE: JsonObject = {
  held_up_by: described(STRING, 'Why it does not start.'),
  waiting_for: { enum: WAIT_REASONS },
  waiting_until: TIME_OR_NULL,
  question: described({ type: 'object' }, 'What a person is asked: message, and the schema that the answer must fit.'),
  event: described({ type: 'object' }, 'The event that it waits for: its name and key.'),
  child_run_id: described(STRING, 'The run that it started.'),
  items: {
    ...openObject({ total: COUNT, done: COUNT, failed: COUNT }),
    description: 'How far the items of a map are.',
  },
  used_fallback: described({ type: 'boolean' }, 'Its output is its fallback.'),
  usage: USAGE,
  kind: STRING,
  output: ANY,
  output_cut: { $ref: '#/$defs/cut' },
};

/** An agent; or, at `detail: full`, any node. */
const NODE: JsonSchema = openObject(
  {
    id: STRING,
    role: STRING_OR_NULL,
    label: STRING_OR_NULL,
    status: { enum: NODE_STATUSES },
    attempt: COUNT,
    progress: { type: 'number', minimum: 0, maximum: 100 },
    message: STRING_OR_NULL,
    findings: STRING_OR_NULL,
    error_message: STRING_OR_NULL,
    started_at: TIME_OR_NULL,
    completed_at: TIME_OR_NULL,
    ...OPTIONAL_OF_NODE,
  },
  Object.keys(OPTIONAL_OF_NODE),
);

export const CUT: JsonSchema = {
  ...openObject({ text: STRING, shown_characters: COUNT, total_characters: COUNT, resource: STRING }, ['resource']),
  description:
    'Instead of an output that is too long for an answer: the beginning of its JSON. The resource has all of it.',
};

const RUN_STATUS: JsonObject = {
  ...RUN_LIST_ITEM,
  status_message: STRING,
  waiting_for: described(STRING_OR_NULL, 'Why a pending run does not start.'),
  progress: { type: 'integer', minimum: 0, maximum: 100 },
  poll_after_ms: described(COUNT, 'When it is worth asking again; 0 once the run has ended.'),
  next_action: described(
    STRING,
    'What to do now; absent once the run has ended, except for a repeated call whose run has failed.',
  ),
  questions: {
    type: 'array',
    description: 'What the run asks a person and waits for; absent when it asks nothing.',
    items: openObject({ node_id: STRING, message: STRING, schema: { type: 'object' }, default: ANY }, ['default']),
  },
  questions_left_out: described(COUNT, 'How many more there are; absent when all are shown.'),
  output: described(ANY, 'The output of the run; absent until it completes.'),
  output_cut: { $ref: '#/$defs/cut' },
  usage: { anyOf: [USAGE, { type: 'null' }] },
  agents: { type: 'array', items: { $ref: '#/$defs/node' } },
  agents_left_out: described(COUNT, 'How many more there are; absent when all are shown.'),
  nodes: { type: 'array', items: { $ref: '#/$defs/node' } },
  nodes_left_out: described(COUNT, 'How many more there are; absent when all are shown.'),
};
const OF_DETAIL = ['usage', 'agents', 'agents_left_out', 'nodes', 'nodes_left_out'];
const OPTIONAL = ['next_action', 'questions', 'questions_left_out', 'output', 'output_cut', ...OF_DETAIL];

/** A run as it stands, at any `detail`. */
export const GET_RUN_STATUS_OUTPUT: JsonSchema = {
  ...orError(openObject(RUN_STATUS, OPTIONAL)),
  $defs: { node: NODE, cut: CUT },
};

/** The fields in answers of tools that are not asked for details. */
const RUN_SUMMARY = Object.fromEntries(Object.entries(RUN_STATUS).filter(([name]) => !OF_DETAIL.includes(name)));

const CREATED = described({ type: 'boolean' }, 'False when the idempotency key belongs to an existing run.');

export const CANCEL_RUN_OUTPUT: JsonSchema = { ...orError(openObject(RUN_SUMMARY, OPTIONAL)), $defs: { cut: CUT } };

export const ANSWER_RUN_OUTPUT: JsonSchema = CANCEL_RUN_OUTPUT;

export const RETRY_RUN_OUTPUT: JsonSchema = CANCEL_RUN_OUTPUT;

export const RERUN_OUTPUT: JsonSchema = {
  ...orError(openObject({ ...RUN_SUMMARY, created: CREATED }, OPTIONAL)),
  $defs: { cut: CUT },
};

export const RUN_WORKFLOW_OUTPUT: JsonSchema = {
  ...orError(
    openObject({ ...RUN_SUMMARY, created: CREATED, estimated_duration: STRING_OR_NULL }, [...OPTIONAL, 'created']),
  ),
  $defs: { cut: CUT },
};

const OWN_TAGS = described({ type: 'array', items: STRING }, 'Absent when it has none.');

export const LIST_RUNS_OUTPUT: JsonSchema = orError(
  openObject(
    {
      runs: { type: 'array', items: openObject({ ...RUN_LIST_ITEM, tags: OWN_TAGS }, ['tags']) },
      total: described(COUNT, 'Absent where the runs are found by tags, fields or times.'),
      limit: COUNT,
      offset: COUNT,
      next_before: described(STRING_OR_NULL, 'The before of the next page, null when there is none.'),
    },
    ['total'],
  ),
);

export const GET_CREDITS_OUTPUT: JsonSchema = orError(
  openObject({
    available: COUNT,
    reserved: COUNT,
    used_this_month: COUNT,
    monthly_limit: COUNT,
    topped_up: described(COUNT, 'Left of top-ups, which pay for what is used beyond the limit.'),
    paid_by_top_ups: COUNT,
    reset_date: TIME,
  }),
);
