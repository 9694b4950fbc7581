import type { JsonObject, JsonSchema } from '../../../core/json.js';
import {
  CATCH_UPS,
  MAX_CRON_LENGTH,
  MAX_JITTER_MS,
  MAX_SCHEDULE_NAME,
  OVERLAPS,
} from '../../../core/schedules/schedule.js';
import { closedObject, openObject } from '../../tool-kit/object-schema.js';
import {
  ANY,
  COUNT,
  LIMIT,
  OFFSET,
  described,
  IDEMPOTENCY_KEY,
  INPUT,
  orError,
  STRING,
  STRING_OR_NULL,
  TIME,
  TIME_OR_NULL,
} from './native-schemas.js';

/** What the native tools for schedules take and give. */

const SCHEDULE_ID = described(STRING, "The schedule's id, as list_schedules gives it.");

const TIMING: JsonObject = {
  cron: described(
    { ...STRING, minLength: 1, maxLength: MAX_CRON_LENGTH },
    'Five fields (minute, hour, day of the month, month, day of the week), six with seconds first, or @hourly, @daily, @weekly, @monthly, @yearly. ' +
      '"0 9 * * MON" is every Monday at nine.',
  ),
  timezone: described(STRING, 'A name of the IANA time zone database, such as Europe/Berlin; UTC when left out.'),
  jitter_seconds: described(
    { type: 'number', minimum: 0, maximum: MAX_JITTER_MS / 1_000 },
    'A run starts up to so much later.',
  ),
  starts_at: described(STRING, 'No time before it counts. RFC 3339: 2027-01-31T12:00:00Z.'),
  ends_at: described(STRING, 'No time from it on counts.'),
};
const SETTINGS: JsonObject = {
  name: described({ ...STRING, minLength: 1, maxLength: MAX_SCHEDULE_NAME }, 'What people call it.'),
  workflow_id: described(STRING, "The workflow's id, as list_workflows gives it."),
  ...TIMING,
  input: described(INPUT, "The runs' input; it must fit the input_schema that get_workflow gives."),
  overlap: described(
    { type: 'string', enum: OVERLAPS },
    'What happens at a time while the previous run is unfinished: the time is skipped, waits, or that run is cancelled.',
  ),
  catch_up: described(
    { type: 'string', enum: CATCH_UPS },
    'Which of the times that passed while no server was running still start a run.',
  ),
  enabled: described({ type: 'boolean' }, 'False: it starts nothing until it is enabled.'),
};
const optionalBut = (...required: readonly string[]): string[] =>
  Object.keys(SETTINGS).filter((name) => !required.includes(name));

export const LIST_SCHEDULES_INPUT: JsonSchema = closedObject(
  { workflow_id: described(STRING, 'Only those of this workflow.'), limit: LIMIT, offset: OFFSET },
  ['workflow_id', 'limit', 'offset'],
);
export const PREVIEW_SCHEDULE_INPUT: JsonSchema = closedObject(
  { ...TIMING, count: { type: 'integer', minimum: 1, maximum: 100, default: 10 } },
  [...Object.keys(TIMING).filter((name) => name !== 'cron'), 'count'],
);
export const CREATE_SCHEDULE_INPUT: JsonSchema = closedObject({ ...SETTINGS, idempotency_key: IDEMPOTENCY_KEY }, [
  ...optionalBut('name', 'workflow_id', 'cron'),
  'idempotency_key',
]);
export const UPDATE_SCHEDULE_INPUT: JsonSchema = closedObject({ schedule_id: SCHEDULE_ID, ...SETTINGS }, optionalBut());
export const DELETE_SCHEDULE_INPUT: JsonSchema = closedObject({ schedule_id: SCHEDULE_ID });

const SCHEDULE: JsonObject = {
  id: STRING,
  name: STRING,
  workflow_id: STRING,
  cron: STRING,
  timezone: STRING,
  input: described(ANY, 'Absent when it is long.'),
  enabled: { type: 'boolean' },
  overlap: { enum: OVERLAPS },
  catch_up: { enum: CATCH_UPS },
  jitter_seconds: { type: 'number', minimum: 0 },
  starts_at: TIME_OR_NULL,
  ends_at: TIME_OR_NULL,
  next_at: described(TIME_OR_NULL, 'Null while it is disabled, and when it has no more times.'),
  last: {
    anyOf: [
      openObject({
        scheduled_for: TIME,
        at: TIME,
        outcome: { enum: ['started', 'skipped', 'refused', 'missed'] },
        run_id: described(STRING_OR_NULL, 'The latest run that it has started.'),
        message: described(STRING_OR_NULL, 'Why no run could be started.'),
      }),
      { type: 'null' },
    ],
    description: 'What became of its latest time.',
  },
  declared: described({ type: 'boolean' }, 'It is defined in the file of its workflow, and can be changed only there.'),
  created_at: TIME,
  updated_at: TIME,
};

export const LIST_SCHEDULES_OUTPUT: JsonSchema = orError(
  openObject({
    schedules: { type: 'array', items: openObject(SCHEDULE, ['input']) },
    total: COUNT,
    limit: COUNT,
    offset: COUNT,
  }),
);
export const PREVIEW_SCHEDULE_OUTPUT: JsonSchema = orError(
  openObject({
    times: {
      type: 'array',
      items: openObject({ at: TIME, starts_at: described(TIME, 'When the run starts, with jitter.') }),
    },
  }),
);
export const CREATE_SCHEDULE_OUTPUT: JsonSchema = orError(
  openObject(
    {
      ...SCHEDULE,
      created: described({ type: 'boolean' }, 'False when the idempotency key belongs to an existing schedule.'),
    },
    ['input'],
  ),
);
export const UPDATE_SCHEDULE_OUTPUT: JsonSchema = orError(openObject(SCHEDULE, ['input']));
export const DELETE_SCHEDULE_OUTPUT: JsonSchema = orError(openObject({ id: STRING, deleted: { type: 'boolean' } }));
