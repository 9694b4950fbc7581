import type { JsonSchema } from '../../../core/json.js';
import { RUN_STATUSES } from '../../../core/run/run.js';

/** What `contracts/mcp-app.schema.json` says of arguments, as the tools advertise it. A test holds the two together. */
const STRING: JsonSchema = { type: 'string' };

function input(properties: JsonSchema, required: readonly string[]): JsonSchema {
  return { type: 'object', properties, required, additionalProperties: true };
}

export const NO_INPUT: JsonSchema = input({}, []);

export const RUN_WORKFLOW_INPUT: JsonSchema = input(
  { workflowId: STRING, configuration: { type: 'object' }, companyId: STRING },
  ['workflowId'],
);

export const RUN_INPUT: JsonSchema = input({ runId: STRING, companyId: STRING }, ['runId']);

export const LIST_WORKFLOW_RUNS_INPUT: JsonSchema = input(
  {
    status: { enum: RUN_STATUSES },
    workflowId: STRING,
    limit: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
    offset: { type: 'integer', minimum: 0, default: 0 },
    companyId: STRING,
  },
  [],
);
