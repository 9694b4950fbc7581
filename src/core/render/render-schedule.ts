import type { CatchUp, LastTime, NextTime, Overlap, Schedule } from '../schedules/schedule.js';
import type { Json } from '../json.js';
import { tellMoment, tellMomentOrNull } from '../time/moment.js';
import { renderRunId } from './run-id.js';

/** What starts runs of a workflow at times. Times are RFC 3339 in UTC. */
export interface ScheduleView {
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
  readonly last: LastTimeView | null;
  /** True for one that stands in the file of its workflow, and is changed there. */
  readonly declared: boolean;
  readonly created_at: string;
  readonly updated_at: string;
}

export interface LastTimeView {
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
export interface NextTimeView {
  readonly at: string;
  /** When the run starts, with jitter. */
  readonly starts_at: string;
}

export function renderSchedule(schedule: Schedule): ScheduleView {
  const { last } = schedule;
  return {
    id: schedule.id,
    name: schedule.name,
    workflow_id: schedule.workflowId,
    cron: schedule.cron,
    timezone: schedule.timezone,
    input: schedule.input,
    enabled: schedule.enabled,
    overlap: schedule.overlap,
    catch_up: schedule.catchUp,
    jitter_seconds: schedule.jitterMs / 1_000,
    starts_at: tellMomentOrNull(schedule.startsAt),
    ends_at: tellMomentOrNull(schedule.endsAt),
    next_at: tellMomentOrNull(schedule.next?.moment ?? null),
    last:
      last === null
        ? null
        : {
            scheduled_for: tellMoment(last.moment),
            at: tellMoment(last.at),
            outcome: last.outcome,
            run_id: last.runId === null ? null : renderRunId(last.runId),
            message: last.message,
          },
    declared: schedule.isDeclared,
    created_at: tellMoment(schedule.createdAt),
    updated_at: tellMoment(schedule.updatedAt),
  };
}

export const renderNextTime = ({ moment, dueAt }: NextTime): NextTimeView => ({
  at: tellMoment(moment),
  starts_at: tellMoment(dueAt),
});
