import type { JsonSchema } from '../../core/json.js';
import type { ChangedField, ChangedNode, InputChange, NamedNode } from '../../core/workflow/definition-diff.js';
import type {
  ApiCheckedText,
  ApiDraft,
  ApiDraftItem,
  ApiDryRun,
  ApiDryRunNode,
  ApiGraphEdge,
  ApiPlacedFault,
  ApiPublication,
  ApiPublished,
  ApiVersionItem,
  ApiWorkflowDiff,
  ApiWorkflowVersion,
} from '../authoring-types.js';
import { ESTIMATE_SHAPE } from './many-runs-shapes.js';
import { ANYTHING, described, FLAG, INTEGER, listOf, oneOf, orNull, SCHEMA, shapeOf, TEXT, TIME } from './shape.js';

const VERSION = { version: INTEGER, hash: described(TEXT, 'SHA-256 of definition and code.'), created_at: TIME };

const PUBLICATION = shapeOf<ApiPublication>()({
  number: described(INTEGER, 'Counts over all organizations, in the order in which they took effect.'),
  for_all: FLAG,
  created_at: TIME,
  key_id: orNull(TEXT),
  changes: described(
    listOf(
      shapeOf<ApiPublication['changes'][number]>()({
        workflow_id: TEXT,
        before: orNull(INTEGER),
        after: orNull(INTEGER),
      }),
    ),
    'Versions; null: not published.',
  ),
});

const FAULTS = listOf(
  shapeOf<ApiPlacedFault>()(
    {
      path: described(TEXT, 'Empty for the definition as a whole.'),
      message: TEXT,
      value: ANYTHING,
      line: orNull(INTEGER),
      column: orNull(INTEGER),
    },
    'value',
  ),
);

const CHECKED_TEXT = shapeOf<ApiCheckedText>()({
  ok: described(FLAG, 'Whether it can be published.'),
  workflow_id: orNull(TEXT),
  name: orNull(TEXT),
  faults: described(FAULTS, 'The first 100.'),
  fault_count: INTEGER,
  warnings: FAULTS,
  graph: described(
    shapeOf<ApiCheckedText['graph']>()({
      nodes: listOf({ $ref: '#/components/schemas/GraphNode' }),
      edges: listOf(shapeOf<ApiGraphEdge>()({ from: TEXT, to: described(TEXT, 'Comes after `from`.') })),
    }),
    'As much as can be made out.',
  ),
  input_schema: orNull(SCHEMA),
  output_schema: orNull(SCHEMA),
  estimate: described(orNull(ESTIMATE_SHAPE), 'By the latest runs of the workflow with this id; null with faults.'),
  published_version: described(orNull(INTEGER), 'Published now under this id by the same owner.'),
});

const FAILURE = { kind: TEXT, message: TEXT };

const DRY_RUN = shapeOf<ApiDryRun>()({
  status: TEXT,
  output: ANYTHING,
  error: orNull(shapeOf<NonNullable<ApiDryRun['error']>>()({ ...FAILURE, node_id: orNull(TEXT) })),
  summary: orNull(TEXT),
  credits: described({ type: 'number' }, 'What such a run would have cost.'),
  waited_seconds: described({ type: 'number' }, 'How long its waits and pauses would have taken.'),
  cut_off: described(FLAG, 'Whether it was ended because it took too long.'),
  nodes: listOf(
    shapeOf<ApiDryRunNode>()({
      id: TEXT,
      kind: TEXT,
      status: described(orNull(TEXT), 'Null for nodes of maps, of which there is one for each item.'),
      replaced_by: described(orNull(oneOf(['given', 'stand_in'])), 'Null: it worked.'),
      call_count: INTEGER,
      calls: described(
        listOf(shapeOf<ApiDryRunNode['calls'][number]>()({ attempt: INTEGER, input: ANYTHING, fields: ANYTHING })),
        'The first five. Null: too long to be shown.',
      ),
      output: ANYTHING,
      error: orNull(shapeOf<NonNullable<ApiDryRunNode['error']>>()(FAILURE)),
    }),
  ),
});

const NAMED_NODE = { id: described(TEXT, 'With those that it stands in: `review.draft`.'), kind: TEXT };
const CHANGED_FIELDS = listOf(
  shapeOf<ChangedField>()(
    {
      field: TEXT,
      before: described(ANYTHING, 'Absent: it is new.'),
      after: described(ANYTHING, 'Absent: it is gone.'),
    },
    'before',
    'after',
  ),
);

const DIFF = shapeOf<ApiWorkflowDiff>()({
  workflow_id: orNull(TEXT),
  from: described(orNull(INTEGER), 'A version; null: from nothing.'),
  to: described(orNull(INTEGER), 'A version; null: to the draft.'),
  breaking: described(FLAG, 'Whether callers may be refused who were not before.'),
  nodes: shapeOf<ApiWorkflowDiff['nodes']>()({
    added: listOf(shapeOf<NamedNode>()(NAMED_NODE)),
    removed: listOf(shapeOf<NamedNode>()(NAMED_NODE)),
    changed: listOf(shapeOf<ChangedNode>()({ ...NAMED_NODE, fields: CHANGED_FIELDS })),
  }),
  fields: described(CHANGED_FIELDS, 'Of the workflow, its nodes and input aside.'),
  input: listOf(
    shapeOf<InputChange>()({ path: described(TEXT, '`input.customer.id`.'), message: TEXT, breaking: FLAG }),
  ),
  credits: described(
    shapeOf<ApiWorkflowDiff['credits']>()({ before: INTEGER, after: INTEGER }),
    'What a run reserves.',
  ),
});

const DRAFT_ITEM = {
  id: TEXT,
  for_all: FLAG,
  workflow_id: orNull(TEXT),
  name: orNull(TEXT),
  base_version: described(orNull(INTEGER), 'The published version that it was made of; null: it is a new workflow.'),
  fault_count: INTEGER,
  revision: described(INTEGER, 'Counts from 1.'),
  created_at: TIME,
  updated_at: TIME,
  key_id: orNull(TEXT),
};

/** Published workflows and drafts, as the document names them. */
export const AUTHORING_SCHEMAS: { readonly [name: string]: JsonSchema } = {
  Publication: PUBLICATION,
  CheckedText: CHECKED_TEXT,
  DryRun: DRY_RUN,
  WorkflowDiff: DIFF,
  DraftItem: shapeOf<ApiDraftItem>()(DRAFT_ITEM),
  Draft: shapeOf<ApiDraft>()({ ...DRAFT_ITEM, text: TEXT, format: oneOf(['yaml', 'json']), check: CHECKED_TEXT }),
  Published: shapeOf<ApiPublished>()({
    publication: PUBLICATION,
    workflows: listOf(shapeOf<ApiPublished['workflows'][number]>()({ id: TEXT, version: INTEGER })),
  }),
  VersionItem: shapeOf<ApiVersionItem>()(VERSION),
  WorkflowVersion: shapeOf<ApiWorkflowVersion>()({
    ...VERSION,
    id: TEXT,
    definition: { type: 'object' },
    bundles: described(listOf(TEXT), 'SHA-256 of the bundles that its functions are in.'),
  }),
};

const AT = '2026-11-28T10:00:00.000Z';

/** One of each, for the document's examples. */
const EXAMPLE_DEFINITION = {
  id: 'greet',
  name: 'Greet',
  description: 'Says hello.',
  nodes: [{ id: 'hello', kind: 'transform', with: { text: 'Hello {{ input.name }}' } }],
};
const EXAMPLE_VERSION: ApiVersionItem = { version: 4, hash: '9f86d081884c7d65…', created_at: AT };
const EXAMPLE_PUBLICATION: ApiPublication = {
  number: 17,
  for_all: false,
  created_at: AT,
  key_id: 'key_0190b0c2-7f3a-7abc-8def-0123456789ab',
  changes: [{ workflow_id: 'greet', before: 3, after: 4 }],
};
const EXAMPLE_PUBLISHED: ApiPublished = {
  publication: EXAMPLE_PUBLICATION,
  workflows: [{ id: 'greet', version: 4 }],
};
const EXAMPLE_TEXT = `id: greet
name: Greet
description: Says hello.
nodes:
  - { id: hello, kind: transform, with: { text: 'Hello {{ input.name }}' } }
`;
const EXAMPLE_CHECKED: ApiCheckedText = {
  ok: true,
  workflow_id: 'greet',
  name: 'Greet',
  faults: [],
  fault_count: 0,
  warnings: [],
  graph: {
    nodes: [
      {
        id: 'hello',
        kind: 'transform',
        needs: [],
        join: 'all',
        conditional: false,
        inner_kind: null,
        nodes: [],
        numbered: false,
      },
    ],
    edges: [],
  },
  input_schema: null,
  output_schema: null,
  estimate: {
    workflow_id: 'greet',
    runs: 0,
    since: null,
    credits_reserved: 0,
    duration_seconds: null,
    credits: null,
    cost_usd: null,
    unpriced_runs: 0,
  },
  published_version: null,
};
const EXAMPLE_DRY_RUN: ApiDryRun = {
  status: 'completed',
  output: { text: 'Hello Ada' },
  error: null,
  summary: null,
  credits: 0,
  waited_seconds: 0,
  cut_off: false,
  nodes: [
    {
      id: 'hello',
      kind: 'transform',
      status: 'completed',
      replaced_by: null,
      call_count: 1,
      calls: [{ attempt: 1, input: { text: 'Hello Ada' }, fields: {} }],
      output: { text: 'Hello Ada' },
      error: null,
    },
  ],
};
const EXAMPLE_DRAFT_ITEM: ApiDraftItem = {
  id: '0190b0c2-7f3a-7abc-8def-0123456789ab',
  for_all: false,
  workflow_id: 'greet',
  name: 'Greet',
  base_version: null,
  fault_count: 0,
  revision: 1,
  created_at: AT,
  updated_at: AT,
  key_id: 'key_0190b0c2-7f3a-7abc-8def-0123456789ab',
};
const EXAMPLE_DRAFT: ApiDraft = {
  ...EXAMPLE_DRAFT_ITEM,
  text: EXAMPLE_TEXT,
  format: 'yaml',
  check: EXAMPLE_CHECKED,
};

const EXAMPLE_DIFF: ApiWorkflowDiff = {
  workflow_id: 'greet',
  from: 3,
  to: 4,
  breaking: true,
  nodes: {
    added: [{ id: 'translate', kind: 'llm' }],
    removed: [],
    changed: [{ id: 'hello', kind: 'transform', fields: [{ field: 'retry', after: { attempts: 2 } }] }],
  },
  fields: [{ field: 'credits', before: 1, after: 2 }],
  input: [{ path: 'input.name', breaking: true, message: 'is required now' }],
  credits: { before: 1, after: 2 },
};

/** One call of each endpoint, by its name. */
export const AUTHORING_EXAMPLES = {
  checkWorkflow: { body: { text: EXAMPLE_TEXT }, answer: EXAMPLE_CHECKED },
  tryWorkflow: { body: { text: EXAMPLE_TEXT, input: { name: 'Ada' } }, answer: EXAMPLE_DRY_RUN },
  createDraft: { body: { text: EXAMPLE_TEXT }, answer: EXAMPLE_DRAFT },
  listDrafts: { answer: { drafts: [EXAMPLE_DRAFT_ITEM], next_before: null } },
  getDraft: { answer: EXAMPLE_DRAFT },
  updateDraft: { body: { text: EXAMPLE_TEXT, revision: 1 }, answer: { ...EXAMPLE_DRAFT, revision: 2 } },
  publishDraft: { body: { revision: 2 }, answer: EXAMPLE_PUBLISHED },
  deleteDraft: { answer: null },
  diffDraft: { answer: { ...EXAMPLE_DIFF, to: null } },
  diffVersions: { answer: EXAMPLE_DIFF },
  publishWorkflows: { body: { workflows: [{ definition: EXAMPLE_DEFINITION }] }, answer: EXAMPLE_PUBLISHED },
  listPublications: { answer: { publications: [EXAMPLE_PUBLICATION] } },
  revertPublication: { body: {}, answer: EXAMPLE_PUBLICATION },
  listWorkflowVersions: { answer: { versions: [EXAMPLE_VERSION], published: 4 } },
  getWorkflowVersion: { answer: { ...EXAMPLE_VERSION, id: 'greet', definition: EXAMPLE_DEFINITION, bundles: [] } },
  rollBackWorkflow: { body: { version: 4 }, answer: EXAMPLE_PUBLISHED },
  unpublishWorkflow: { answer: EXAMPLE_PUBLICATION },
} as const;
