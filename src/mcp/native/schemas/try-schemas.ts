import type { JsonObject, JsonSchema } from '../../../core/json.js';
import { closedObject, openObject } from '../../tool-kit/object-schema.js';
import { ACCEPTED_DEFINITION, DEFINITION, DRAFT_ID } from './authoring-schemas.js';
import { ACCEPTED, ANY, COUNT, described, INPUT, orError, STRING, STRING_OR_NULL } from './native-schemas.js';

/** What the tool for dry runs takes and gives. */

const OUTPUTS: JsonSchema = described(
  { type: 'object', properties: {}, additionalProperties: true },
  'What nodes give, by their ids: {"charge": {"output": {"paid": true}}} or {"charge": {"error": {"message": "busy", "kind": "http_5xx"}}}; a list of these is one for each call. each/do is the node inside the map each, review.draft one of a group.',
);
const OUTCOME: JsonSchema = {
  type: 'object',
  properties: { output: {}, error: { type: 'object', required: ['message'] } },
  additionalProperties: false,
  minProperties: 1,
  maxProperties: 1,
};

export const ACCEPTED_TRY: JsonObject = {
  ...ACCEPTED_DEFINITION,
  input: ACCEPTED.input,
  outputs: {
    type: 'object',
    additionalProperties: { anyOf: [OUTCOME, { type: 'array', items: OUTCOME, minItems: 1 }] },
  },
};

export const TRY_WORKFLOW_INPUT: JsonSchema = closedObject(
  {
    definition: DEFINITION,
    draft_id: described(DRAFT_ID, 'Instead of definition.'),
    input: described(INPUT, "The run's input."),
    outputs: OUTPUTS,
  },
  ['definition', 'draft_id', 'input', 'outputs'],
);

const FAILURE: JsonSchema = { type: ['object', 'null'] };

export const TRY_WORKFLOW_OUTPUT: JsonSchema = orError(
  openObject({
    status: STRING,
    output: ANY,
    error: FAILURE,
    summary: STRING_OR_NULL,
    credits: described({ type: 'number' }, 'What such a run would have cost.'),
    waited_seconds: described({ type: 'number' }, 'How long its waits and pauses would have taken.'),
    cut_off: described({ type: 'boolean' }, 'Whether it was ended because it took too long.'),
    cut: described(STRING_OR_NULL, 'What is left out here, and where it is.'),
    nodes: {
      type: 'array',
      items: openObject({
        id: STRING,
        kind: STRING,
        status: STRING_OR_NULL,
        replaced_by: described(STRING_OR_NULL, 'given: what outputs says. stand_in: a sample. null: it worked.'),
        call_count: COUNT,
        output: ANY,
        error: FAILURE,
      }),
    },
  }),
);
