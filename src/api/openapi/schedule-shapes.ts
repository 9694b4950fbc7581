import type { JsonSchema } from '../../core/json.js';
import { CATCH_UPS, OVERLAPS } from '../../core/schedules/schedule.js';
import type { ApiLastTime, ApiNextTime, ApiSchedule } from '../schedule-types.js';
import { ANYTHING, described, FLAG, NUMBER, oneOf, orNull, shapeOf, TEXT, TIME } from './shape.js';

const LAST_TIME = shapeOf<ApiLastTime>()({
  scheduled_for: TIME,
  at: described(TIME, 'When it was dealt with.'),
  outcome: oneOf(['started', 'skipped', 'refused', 'missed']),
  run_id: described(orNull(TEXT), 'The latest run that the schedule has started.'),
  message: described(orNull(TEXT), 'Why no run could be started.'),
});

/** Schedules, as the document names them. */
export const SCHEDULE_SCHEMAS: { readonly [name: string]: JsonSchema } = {
  Schedule: shapeOf<ApiSchedule>()({
    id: TEXT,
    name: TEXT,
    workflow_id: TEXT,
    cron: described(TEXT, 'Five fields, six with seconds first, or `@hourly` and its like.'),
    timezone: described(TEXT, 'A name of the IANA time zone database.'),
    input: ANYTHING,
    enabled: FLAG,
    overlap: described(oneOf(OVERLAPS), 'What happens while the run before is under way.'),
    catch_up: described(
      oneOf(CATCH_UPS),
      'Which of the times that passed while no server was running still start a run.',
    ),
    jitter_seconds: NUMBER,
    starts_at: orNull(TIME),
    ends_at: orNull(TIME),
    next_at: described(orNull(TIME), 'Null while it is disabled, and when it has no more times.'),
    last: { anyOf: [LAST_TIME, { type: 'null' }] },
    declared: described(FLAG, 'True for one that stands in the file of its workflow, and is changed there.'),
    created_at: TIME,
    updated_at: TIME,
  }),
  NextTime: shapeOf<ApiNextTime>()({ at: TIME, starts_at: described(TIME, 'When the run starts, with jitter.') }),
};

/** One of each, for the document's examples. */
export const EXAMPLE_SCHEDULE: ApiSchedule = {
  id: '019ab7c4-9c3b-7a51-8f6e-0d2f6c1b7a55',
  name: 'Mondays',
  workflow_id: 'site_checkup',
  cron: '0 9 * * MON',
  timezone: 'Europe/Berlin',
  input: { url: 'https://example.com' },
  enabled: true,
  overlap: 'skip',
  catch_up: 'last',
  jitter_seconds: 0,
  starts_at: null,
  ends_at: null,
  next_at: '2026-11-30T08:00:00.000Z',
  last: null,
  declared: false,
  created_at: '2026-11-27T10:00:00.000Z',
  updated_at: '2026-11-27T10:00:00.000Z',
};
export const EXAMPLE_TIMES: readonly ApiNextTime[] = [
  { at: '2026-11-30T08:00:00.000Z', starts_at: '2026-11-30T08:00:00.000Z' },
  { at: '2026-12-07T08:00:00.000Z', starts_at: '2026-12-07T08:00:00.000Z' },
];
