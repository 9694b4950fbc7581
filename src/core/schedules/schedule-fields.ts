import type { Json } from '../json.js';
import type { CatchUp, Overlap, ScheduleSettings } from './schedule.js';

/** When a schedule has its times, as people and programs write it. Times are RFC 3339. */
export interface TimingFields {
  readonly cron: string;
  readonly timezone?: string;
  readonly jitter_seconds?: number;
  readonly starts_at?: string | null;
  readonly ends_at?: string | null;
}

/** All that can be set of a schedule, under the names that every door has. */
export interface ScheduleFields extends TimingFields {
  readonly name: string;
  readonly workflow_id: string;
  readonly input?: Json;
  readonly enabled?: boolean;
  readonly overlap?: Overlap;
  readonly catch_up?: CatchUp;
}

/** What holds where a field is not given. */
export const SCHEDULE_DEFAULTS = {
  timezone: 'UTC',
  input: {},
  enabled: true,
  overlap: 'skip',
  catchUp: 'none',
  jitterMs: 0,
  startsAt: null,
  endsAt: null,
} as const satisfies Partial<ScheduleSettings>;

/** Those of the fields that are there. `readMoment` is told the field's name, and throws for what is no time. */
export function readScheduleFields(
  fields: Partial<ScheduleFields>,
  readMoment: (field: string, text: string | null) => number | null,
): Partial<ScheduleSettings> {
  const { workflow_id: workflowId, catch_up: catchUp, jitter_seconds: jitter, starts_at, ends_at, ...same } = fields;
  return {
    ...same,
    ...(workflowId === undefined ? {} : { workflowId }),
    ...(catchUp === undefined ? {} : { catchUp }),
    ...(jitter === undefined ? {} : { jitterMs: Math.round(jitter * 1_000) }),
    ...(starts_at === undefined ? {} : { startsAt: readMoment('starts_at', starts_at) }),
    ...(ends_at === undefined ? {} : { endsAt: readMoment('ends_at', ends_at) }),
  };
}
