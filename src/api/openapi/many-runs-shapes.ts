import { BULK_ACTIONS, BULK_STATUSES } from '../../core/bulk/bulk-job.js';
import type { JsonSchema } from '../../core/json.js';
import { WAIT_REASONS } from '../../core/run/node-execution.js';
import { RUN_STATUSES } from '../../core/run/run.js';
import type { ApiBulkJob, ApiBulkPreview } from '../bulk-types.js';
import type { ApiEstimate, ApiQuantiles } from '../estimate-types.js';
import type {
  ApiDayFigures,
  ApiDays,
  ApiOverview,
  ApiOverviewWait,
  ApiTrend,
  ApiTrendSpan,
} from '../overview-types.js';
import { described, FLAG, INTEGER, listOf, NUMBER, oneOf, orNull, shapeOf, TEXT, TIME } from './shape.js';

const DAY: JsonSchema = { type: 'string', format: 'date' };

const QUANTILES = shapeOf<ApiQuantiles>()({ p50: NUMBER, p90: NUMBER, max: NUMBER });

export const ESTIMATE_SHAPE: JsonSchema = shapeOf<ApiEstimate>()({
  workflow_id: TEXT,
  runs: described(INTEGER, 'On how many runs it rests.'),
  since: described(orNull(TIME), 'When the oldest of them was made.'),
  credits_reserved: described(INTEGER, 'What a run needs to be available when it starts.'),
  duration_seconds: described(orNull(QUANTILES), 'From its start to its end, waiting included.'),
  credits: orNull(QUANTILES),
  cost_usd: described(orNull(QUANTILES), 'Of the model calls whose price is known.'),
  unpriced_runs: described(INTEGER, 'How many of the runs made calls whose price is not known.'),
});

export const OVERVIEW_SHAPE: JsonSchema = shapeOf<ApiOverview>()({
  counts: shapeOf<ApiOverview['counts']>()({
    pending: INTEGER,
    running: INTEGER,
    completed: INTEGER,
    partial_complete: INTEGER,
    failed: INTEGER,
    cancelled: INTEGER,
  }),
  waits: listOf(
    shapeOf<ApiOverviewWait>()({
      run_id: TEXT,
      workflow_id: TEXT,
      workflow_name: TEXT,
      created_at: described(TIME, 'Of the run.'),
      node_id: described(orNull(TEXT), 'Null when the run itself waits.'),
      label: orNull(TEXT),
      waits_for: described(
        oneOf([...WAIT_REASONS.filter((reason) => reason !== 'nodes'), 'turn']),
        '`turn`: a limit on what goes on at once.',
      ),
      reason: described(orNull(TEXT), 'In words.'),
      until: described(orNull(TIME), 'When it goes on by itself.'),
    }),
  ),
  looked_at: described(INTEGER, 'How many unfinished runs were looked at: the newest, 100 at most.'),
});

const DURATION = orNull(shapeOf<NonNullable<ApiTrendSpan['duration_seconds']>>()({ p50: NUMBER, p95: NUMBER }));

const ENDED_FIGURES = {
  ended: described(INTEGER, 'In any way: the four below together.'),
  completed: INTEGER,
  partial_complete: INTEGER,
  failed: INTEGER,
  cancelled: INTEGER,
  duration_seconds: DURATION,
  credits: INTEGER,
};

const SPAN = shapeOf<ApiTrendSpan>()({ from: orNull(TIME), to: orNull(TIME), runs: INTEGER, ...ENDED_FIGURES });

const DAY_FIGURES = {
  ...ENDED_FIGURES,
  duration_seconds: described(DURATION, 'From start to end, waiting included, within 5 %.'),
  cost_usd: described(NUMBER, 'Of the model calls whose price is known.'),
  unpriced_runs: described(INTEGER, 'How many of the runs made calls whose price is not known.'),
};

export const DAYS_SHAPE: JsonSchema = shapeOf<ApiDays>()({
  since: described(orNull(DAY), 'The first day of which figures are kept, 90 days ago at most.'),
  whole: described(shapeOf<ApiDayFigures>()(DAY_FIGURES), 'All of these days as one.'),
  days: described(
    listOf(shapeOf<ApiDays['days'][number]>()({ day: DAY, ...DAY_FIGURES })),
    'The oldest first, today last. Days are those of UTC; a run counts on the day on which it ended last.',
  ),
});

/** `run`: a run of a list. */
export function trendShape(run: JsonSchema): JsonSchema {
  return shapeOf<ApiTrend>()({
    workflow_id: TEXT,
    workflow_name: TEXT,
    latest: described(listOf(run), 'The newest runs, newest first: 30 at most.'),
    whole: described(SPAN, 'The newest runs as one: 100 at most.'),
    spans: described(listOf(SPAN), 'The same in spans of ten, the oldest first.'),
    cost_usd: described(NUMBER, 'Of the model calls in `latest` whose price is known.'),
    unpriced_runs: described(INTEGER, 'How many of those runs made calls whose price is not known.'),
  });
}

const ORDER = {
  action: oneOf(BULK_ACTIONS),
  filter: shapeOf<ApiBulkJob['filter']>()({
    status: listOf(oneOf(RUN_STATUSES)),
    workflow_id: orNull(TEXT),
    tags: listOf(TEXT),
    fields: { type: 'object', additionalProperties: TEXT },
    created_from: orNull(TIME),
    created_before: orNull(TIME),
    run_ids: described(listOf(TEXT), 'Where the runs were named; else empty.'),
  }),
  reason: orNull(TEXT),
  same_version: FLAG,
};

/** Bulk jobs, as the document names them. */
export const BULK_SCHEMAS: { readonly [name: string]: JsonSchema } = {
  BulkPreview: shapeOf<ApiBulkPreview>()({
    ...ORDER,
    runs: described(INTEGER, 'Runs that the action would be done to.'),
    has_more: described(FLAG, 'Whether there are more than are counted.'),
    skipped: described(INTEGER, 'Runs that others have started, which are dealt with in their stead.'),
    by_status: { type: 'object', additionalProperties: INTEGER },
    by_workflow: listOf(shapeOf<ApiBulkPreview['by_workflow'][number]>()({ workflow_id: TEXT, runs: INTEGER })),
    credits_reserved: described(INTEGER, 'What would be reserved for all of them.'),
    credits_released: described(INTEGER, 'What is reserved for them and would be released.'),
    credits_available: INTEGER,
  }),
  BulkJob: shapeOf<ApiBulkJob>()({
    id: TEXT,
    ...ORDER,
    status: oneOf(BULK_STATUSES),
    expected_runs: described(orNull(INTEGER), 'How many runs it found at first; null: more than are counted.'),
    done: INTEGER,
    skipped: described(INTEGER, 'Runs that needed nothing any more, or that others have started.'),
    refused: INTEGER,
    refusals: described(
      listOf(shapeOf<ApiBulkJob['refusals'][number]>()({ run_id: TEXT, code: TEXT, message: TEXT })),
      'The first 20.',
    ),
    waits_for: described(orNull(TEXT), 'Why it does not go on just now.'),
    created_at: TIME,
    updated_at: TIME,
    ended_at: orNull(TIME),
  }),
};

const AT = '2026-11-28T10:00:00.000Z';
const ORDERED = {
  action: 'retry',
  filter: {
    status: ['failed'],
    workflow_id: 'enrich_contact',
    tags: ['nightly'],
    fields: {},
    created_from: null,
    created_before: null,
    run_ids: [],
  },
  reason: null,
  same_version: false,
} satisfies Partial<ApiBulkJob>;

/** For the document's examples. */
export const EXAMPLE_BULK_PREVIEW: ApiBulkPreview = {
  ...ORDERED,
  runs: 412,
  has_more: false,
  skipped: 0,
  by_status: { failed: 412 },
  by_workflow: [{ workflow_id: 'enrich_contact', runs: 412 }],
  credits_reserved: 412,
  credits_released: 0,
  credits_available: 9_000,
};
export const EXAMPLE_BULK_JOB: ApiBulkJob = {
  ...ORDERED,
  id: '01a22331-d1cb-7565-ae00-23c8f4d255f1',
  status: 'running',
  expected_runs: 412,
  done: 140,
  skipped: 2,
  refused: 0,
  refusals: [],
  waits_for: null,
  created_at: AT,
  updated_at: AT,
  ended_at: null,
};
