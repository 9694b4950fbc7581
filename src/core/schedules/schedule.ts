import type { Json } from '../json.js';

/**
 * What is done at a schedule's time while the run before is still under way: leave it out, wait for the end, or cancel
 * that run.
 */
export const OVERLAPS = ['skip', 'queue', 'cancel_previous'] as const;
export type Overlap = (typeof OVERLAPS)[number];

/**
 * Which of the times are made up for that passed while no server was there: none, the last, or all (see
 * `MAX_CAUGHT_UP`).
 */
export const CATCH_UPS = ['none', 'last', 'all'] as const;
export type CatchUp = (typeof CATCH_UPS)[number];

/** Of times that were missed, at most so many are made up for, the latest. */
export const MAX_CAUGHT_UP = 100;
export const MAX_SCHEDULES = 1_000;
export const MAX_SCHEDULE_NAME = 100;
export const MAX_CRON_LENGTH = 100;
export const MAX_JITTER_MS = 24 * 3_600_000;

/** When a schedule has its times. Moments are epoch milliseconds. */
export interface Timing {
  /** Five or six fields (the first of six are seconds), or `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`. */
  readonly cron: string;
  /** A name of the IANA time zone database: `Europe/Berlin`. */
  readonly timezone: string;
  /** A run starts up to so much later than its time, the same for the same time. */
  readonly jitterMs: number;
  /** No time before it counts; null: no bound. */
  readonly startsAt: number | null;
  /** No time from it on counts; null: no bound. */
  readonly endsAt: number | null;
}

/** What a schedule starts, and how. */
export interface ScheduleSettings extends Timing {
  readonly name: string;
  readonly workflowId: string;
  readonly input: Json;
  readonly enabled: boolean;
  readonly overlap: Overlap;
  readonly catchUp: CatchUp;
}

/** A time of a schedule that is to come. */
export interface NextTime {
  /** As the schedule has it. */
  readonly moment: number;
  /** When the run is to be started: with jitter, or when it is tried again. */
  readonly dueAt: number;
}

/** What became of a schedule's latest time. */
export interface LastTime {
  readonly moment: number;
  /** When that was. */
  readonly at: number;
  /** `refused`: no run could be started, `message` says why. `missed`: no server was there. */
  readonly outcome: 'started' | 'skipped' | 'refused' | 'missed';
  /** The latest run that it has started. */
  readonly runId: string | null;
  readonly message: string | null;
}

/** Starts runs of a workflow at times. */
export interface Schedule extends ScheduleSettings {
  readonly id: string;
  readonly organizationId: string;
  /** True for one that stands in the file of its workflow, and is changed there. */
  readonly isDeclared: boolean;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Null while it is disabled, and when it has no more times. */
  readonly next: NextTime | null;
  /** Null before its first time. */
  readonly last: LastTime | null;
}
