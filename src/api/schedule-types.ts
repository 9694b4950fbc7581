import type { CatchUp, LastTime, Overlap } from '../core/schedules/schedule.js';
import type { Json } from '../core/json.js';

/** What starts runs of a workflow at times. Times are RFC 3339 in UTC. */
export interface ApiSchedule {
  readonly id: string;
  readonly name: string;
  readonly workflow_id: string;
  readonly cron: string;
  readonly timezone: string;
  readonly input: Json;
  readonly enabled: boolean;
  readonly overlap: Overlap;
  readonly catch_up: CatchUp;
  readonly jitter_seconds: number;
  readonly starts_at: string | null;
  readonly ends_at: string | null;
  /** Null while it is disabled, and when it has no more times. */
  readonly next_at: string | null;
  /** What became of its latest time; null before the first. */
  readonly last: ApiLastTime | null;
  readonly created_at: string;
  readonly updated_at: string;
}

export interface ApiLastTime {
  /** The time, as the schedule has it. */
  readonly scheduled_for: string;
  /** When it was dealt with. */
  readonly at: string;
  readonly outcome: LastTime['outcome'];
  /** The latest run that the schedule has started. */
  readonly run_id: string | null;
  /** Why no run could be started. */
  readonly message: string | null;
}

/** A time to come. */
export interface ApiNextTime {
  readonly at: string;
  /** When the run starts, with jitter. */
  readonly starts_at: string;
}

/** When a schedule has its times. */
export interface ApiTiming {
  readonly cron: string;
  readonly timezone?: string;
  readonly jitter_seconds?: number;
  readonly starts_at?: string | null;
  readonly ends_at?: string | null;
}

/** All that can be changed of one. */
export interface ApiScheduleFields extends ApiTiming {
  readonly name: string;
  readonly workflow_id: string;
  readonly input?: Json;
  readonly enabled?: boolean;
  readonly overlap?: Overlap;
  readonly catch_up?: CatchUp;
}
