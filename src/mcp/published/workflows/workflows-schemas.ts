import type { JsonObject, JsonSchema } from '../../../core/json.js';
import { closedObject } from '../../tool-kit/object-schema.js';

/** What answers, and in which version: `source` of every answer that is no error. */
export const SOURCE = 'errand.workflows@v1';

/** What `contracts/workflows.schema.json` says, as the tools advertise it. A test holds the two together. */
const STATUSES = ['pending', 'running', 'completed', 'failed', 'cancelled'];

const TIME: JsonSchema = { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$' };
const RUN_ID: JsonSchema = { type: 'string', pattern: '^agent_run_[0-9a-f]{32}$' };
const WORKFLOW_ID: JsonSchema = { type: 'string', pattern: '^agent_[a-z0-9_]+$' };

export const LIST_WORKFLOWS_INPUT: JsonSchema = closedObject(
  {
    limit: { type: 'integer', minimum: 1, default: 50 },
    offset: { type: 'integer', minimum: 0, default: 0 },
  },
  ['limit', 'offset'],
);

export const GET_WORKFLOW_INPUT: JsonSchema = closedObject({ workflow_id: { type: 'string' } });

export const RUN_WORKFLOW_INPUT: JsonSchema = closedObject(
  { workflow_id: { type: 'string' }, input_data: { type: ['string', 'object', 'null'], default: {} } },
  ['input_data'],
);

export const GET_RUN_STATUS_INPUT: JsonSchema = closedObject({ run_id: { type: 'string' } });

export const ERROR_OUTPUT: JsonSchema = closedObject({
  error_type: {
    enum: ['auth_error', 'not_found', 'invalid_input', 'execution_error', 'rate_limited', 'insufficient_credits'],
  },
  message: { type: 'string', minLength: 1 },
});

/** An answer: these properties, and what computed it. */
function answer(properties: JsonObject): JsonSchema {
  return closedObject({ ...properties, source: { type: 'string' } }, ['source']);
}

/** Clients check `structuredContent` of errors against the output schema as well, so it must allow for them. */
function orError(output: JsonSchema): JsonSchema {
  return { type: 'object', anyOf: [output, ERROR_OUTPUT] };
}

export const LIST_WORKFLOWS_OUTPUT: JsonSchema = orError(
  answer({
    workflows: {
      type: 'array',
      items: closedObject({
        id: WORKFLOW_ID,
        name: { type: 'string' },
        description: { type: 'string' },
        created_at: TIME,
        updated_at: TIME,
      }),
    },
    total: { type: 'integer', minimum: 0 },
    offset: { type: 'integer', minimum: 0 },
    limit: { type: 'integer', minimum: 1, maximum: 100 },
    has_more: { type: 'boolean' },
  }),
);

export const GET_WORKFLOW_OUTPUT: JsonSchema = orError(
  answer({
    id: WORKFLOW_ID,
    name: { type: 'string' },
    description: { type: 'string' },
    input_schema: { type: 'object' },
    output_schema: { type: ['object', 'null'] },
    created_at: TIME,
    updated_at: TIME,
  }),
);

export const RUN_WORKFLOW_OUTPUT: JsonSchema = orError(answer({ run_id: RUN_ID, status: { enum: STATUSES } }));

function inStatus(status: string, more: JsonObject): JsonSchema {
  return answer({ run_id: RUN_ID, status: { const: status }, created_at: TIME, ...more });
}

export const GET_RUN_STATUS_OUTPUT: JsonSchema = orError({
  type: 'object',
  oneOf: [
    inStatus('pending', {}),
    inStatus('running', {}),
    inStatus('completed', {
      output: {},
      completed_at: TIME,
      // Whole tenths, as the contract says. `multipleOf: 0.1` is left out: in binary floating point 0.3 is no multiple
      // of it.
      duration_seconds: { type: 'number', minimum: 0 },
    }),
    inStatus('failed', { error: { type: 'string', minLength: 1 }, completed_at: TIME }),
    inStatus('cancelled', { completed_at: TIME }),
  ],
});
