import type { JsonObject, JsonSchema } from '../../../core/json.js';
import { closedObject, openObject } from '../../tool-kit/object-schema.js';
import {
  COUNT,
  CUT,
  described,
  LIMIT,
  OFFSET,
  orError,
  STRING,
  STRING_OR_NULL,
  TIME,
  WORKFLOW_ID,
} from './native-schemas.js';

/** What the tools that show workflows take and give. */

export const LIST_WORKFLOWS_INPUT: JsonSchema = closedObject({ limit: { ...LIMIT, default: 50 }, offset: OFFSET }, [
  'limit',
  'offset',
]);
export const GET_WORKFLOW_INPUT: JsonSchema = closedObject({ workflow_id: WORKFLOW_ID });

const WORKFLOW_SUMMARY: JsonObject = {
  id: STRING,
  name: STRING,
  description: STRING,
  version: { type: 'integer', minimum: 1 },
  credit_cost: COUNT,
  estimated_duration: STRING_OR_NULL,
  agent_count: COUNT,
  tool: described(STRING_OR_NULL, 'The tool that runs this workflow alone, null when it is not published as one.'),
  ready: described({ type: 'boolean' }, 'Whether it can be started.'),
  not_ready_because: described(STRING_OR_NULL, 'What must be set on the server before it can be started.'),
  created_at: TIME,
  updated_at: TIME,
};

export const LIST_WORKFLOWS_OUTPUT: JsonSchema = orError(
  openObject({
    workflows: { type: 'array', items: openObject(WORKFLOW_SUMMARY) },
    total: COUNT,
    limit: COUNT,
    offset: COUNT,
  }),
);

export const GET_WORKFLOW_OUTPUT: JsonSchema = orError(
  openObject(
    {
      ...WORKFLOW_SUMMARY,
      agents: { type: 'array', items: openObject({ id: STRING, role: STRING, label: STRING }) },
      price: { type: ['object', 'null'] },
      input_schema: { type: 'object' },
      output_schema: { type: ['object', 'null'] },
      input_schema_cut: CUT,
      output_schema_cut: CUT,
    },
    ['input_schema_cut', 'output_schema_cut'],
  ),
);
