import type { JsonSchema } from '../../../core/json.js';
import { closedObject, openObject } from '../../tool-kit/object-schema.js';
import {
  COUNT,
  described,
  IDEMPOTENCY_KEY,
  INPUT,
  orError,
  PRIORITY,
  STRING,
  TAGS,
  TIME_OR_NULL,
  WORKFLOW_ID,
} from './native-schemas.js';

/** What the tools for many runs at once take and give. */

const MAX_INPUTS = 1_000;

export const RUN_BATCH_INPUT: JsonSchema = closedObject(
  {
    workflow_id: WORKFLOW_ID,
    inputs: described(
      { type: 'array', items: INPUT, minItems: 1, maxItems: MAX_INPUTS },
      'An input for each run; each must fit the input_schema that get_workflow gives.',
    ),
    idempotency_key: IDEMPOTENCY_KEY,
    priority: PRIORITY,
    tags: described(TAGS, 'Words to find the runs by in list_runs.'),
  },
  ['idempotency_key', 'priority', 'tags'],
);

export const RUN_BATCH_OUTPUT: JsonSchema = orError(
  openObject(
    {
      started: COUNT,
      repeated: described(COUNT, 'Started before with the same idempotency key.'),
      refused: COUNT,
      runs: {
        type: 'array',
        items: openObject({
          index: described(COUNT, 'Of its input, from 0.'),
          run_id: STRING,
          created: described({ type: 'boolean' }, 'False when it was started before.'),
        }),
      },
      runs_left_out: described(COUNT, 'How many more there are; absent when all are shown.'),
      refusals: {
        type: 'array',
        description: 'The first 20.',
        items: openObject({ index: COUNT, code: STRING, message: STRING }),
      },
    },
    ['runs_left_out'],
  ),
);

const AMOUNT: JsonSchema = { type: 'number', minimum: 0 };

function quantiles(description: string): JsonSchema {
  return { anyOf: [openObject({ p50: AMOUNT, p90: AMOUNT, max: AMOUNT }), { type: 'null' }], description };
}

export const ESTIMATE_OUTPUT: JsonSchema = orError(
  openObject({
    workflow_id: STRING,
    runs: described(COUNT, 'On how many runs it rests.'),
    since: described(TIME_OR_NULL, 'When the oldest of them was made.'),
    credits_reserved: described(COUNT, 'What a run needs to be available when it starts.'),
    duration_seconds: quantiles('From its start to its end, waiting included; null when it rests on no run.'),
    credits: quantiles('What runs cost.'),
    cost_usd: quantiles('Of the model calls whose price is known.'),
    unpriced_runs: described(COUNT, 'How many of the runs made calls whose price is not known.'),
  }),
);
