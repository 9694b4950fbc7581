import type { JsonObject, JsonSchema } from '../../../core/json.js';
import { closedObject, openObject } from '../../tool-kit/object-schema.js';
import {
  ANY,
  COUNT,
  CUT,
  described,
  IDEMPOTENCY_KEY,
  orError,
  STRING,
  STRING_OR_NULL,
  TIME,
} from './native-schemas.js';

/** What the tools for writing workflows take and give. */

export const DEFINITION = described(
  STRING,
  'The whole definition as YAML or JSON: id, name, description, nodes, and input (a JSON Schema) where it takes any.',
);
export const DRAFT_ID: JsonSchema = described(STRING, "The draft's id, as create_workflow or read_workflow gives it.");
const OWN = 'The id of a workflow that this organization has published itself.';
const OWN_ID = described(STRING, OWN);
const PUBLISH = described(
  { type: 'boolean', default: false },
  'Publish it at once, so that it can be started. Ask the user first. Nothing is published while it has faults.',
);
const VERSION: JsonSchema = { type: 'integer', minimum: 1 };
const VERSION_OR_NULL: JsonSchema = { type: ['integer', 'null'], minimum: 1 };

/** A definition is taken as an object too. */
export const ACCEPTED_DEFINITION: JsonObject = { definition: { type: ['string', 'object'] } };

export const CHECK_WORKFLOW_INPUT: JsonSchema = closedObject({ definition: DEFINITION });
export const READ_WORKFLOW_INPUT: JsonSchema = closedObject(
  {
    workflow_id: OWN_ID,
    version: described(VERSION, 'Of the workflow; the published one when left out.'),
    draft_id: DRAFT_ID,
  },
  ['workflow_id', 'version', 'draft_id'],
);
export const CREATE_WORKFLOW_INPUT: JsonSchema = closedObject(
  { definition: DEFINITION, publish: PUBLISH, idempotency_key: IDEMPOTENCY_KEY },
  ['publish', 'idempotency_key'],
);
export const UPDATE_WORKFLOW_INPUT: JsonSchema = closedObject(
  {
    draft_id: DRAFT_ID,
    revision: described(VERSION, 'With draft_id: the revision that you have read.'),
    workflow_id: described(STRING, `${OWN} Instead of draft_id: begins a draft of it.`),
    version: described(VERSION, 'With workflow_id: the version that you have read.'),
    definition: described(
      STRING,
      'The whole new definition as YAML or JSON. May be left out to publish a draft as it is.',
    ),
    publish: PUBLISH,
    restore_version: described(
      VERSION,
      'With workflow_id alone: publishes this earlier version again, also after delete_workflow.',
    ),
  },
  ['draft_id', 'revision', 'workflow_id', 'version', 'definition', 'publish', 'restore_version'],
);
export const DELETE_WORKFLOW_INPUT: JsonSchema = closedObject({ workflow_id: OWN_ID, draft_id: DRAFT_ID }, [
  'workflow_id',
  'draft_id',
]);

const FAULTS: JsonSchema = {
  type: 'array',
  items: openObject({
    path: STRING,
    message: STRING,
    line: { type: ['integer', 'null'] },
    column: { type: ['integer', 'null'] },
  }),
};

const CHECKED: JsonObject = {
  ok: described({ type: 'boolean' }, 'Whether it can be published.'),
  workflow_id: STRING_OR_NULL,
  name: STRING_OR_NULL,
  faults: described(FAULTS, 'What is to be mended before it can be published.'),
  fault_count: COUNT,
  warnings: FAULTS,
  graph: {
    anyOf: [
      openObject({
        nodes: { type: 'array', items: ANY },
        edges: { type: 'array', items: openObject({ from: STRING, to: STRING }) },
      }),
      { type: 'null' },
    ],
    description: 'As much as can be made out.',
  },
  input_schema: { type: ['object', 'null'] },
  output_schema: { type: ['object', 'null'] },
  estimate: described({ type: ['object', 'null'] }, 'What a run is likely to take, as estimate_workflow gives it.'),
  published_version: described(VERSION_OR_NULL, 'Published now under this id by this organization.'),
};

const LEFT_OUT = described(
  { type: 'array', items: STRING },
  'Fields that are null because they are too long for an answer.',
);

export const CHECK_WORKFLOW_OUTPUT: JsonSchema = orError(openObject({ ...CHECKED, left_out: LEFT_OUT }, ['left_out']));

const DRAFT: JsonObject = {
  id: STRING,
  workflow_id: STRING_OR_NULL,
  name: STRING_OR_NULL,
  base_version: described(VERSION_OR_NULL, 'The published version that it was made of; null: it is a new workflow.'),
  fault_count: COUNT,
  revision: VERSION,
  updated_at: TIME,
};

export const READ_WORKFLOW_OUTPUT: JsonSchema = orError(
  openObject(
    {
      definition: described(STRING, 'YAML or JSON.'),
      definition_cut: CUT,
      workflow_id: STRING_OR_NULL,
      version: VERSION,
      published_version: VERSION_OR_NULL,
      draft: openObject(DRAFT),
      faults: FAULTS,
      drafts: described({ type: 'array', items: openObject(DRAFT) }, 'When nothing was named: the latest 50.'),
    },
    ['definition', 'definition_cut', 'workflow_id', 'version', 'published_version', 'draft', 'faults', 'drafts'],
  ),
);

const WRITTEN: JsonObject = {
  workflow_id: STRING_OR_NULL,
  published_version: described(VERSION_OR_NULL, 'What can be started now.'),
  draft: described({ anyOf: [openObject(DRAFT), { type: 'null' }] }, 'Null once it is published.'),
  faults: FAULTS,
  warnings: FAULTS,
  not_published_because: STRING_OR_NULL,
  changes: described({ type: ['object', 'null'] }, 'What differs from the published version.'),
  left_out: LEFT_OUT,
};

export const WRITE_WORKFLOW_OUTPUT: JsonSchema = orError(openObject(WRITTEN, ['left_out']));
export const DELETE_WORKFLOW_OUTPUT: JsonSchema = orError(
  openObject({
    deleted: { enum: ['draft', 'workflow'] },
    id: STRING,
    version: described(VERSION_OR_NULL, 'Of a workflow: the version that was published.'),
    next_action: described(STRING_OR_NULL, 'How to take it back.'),
  }),
);
