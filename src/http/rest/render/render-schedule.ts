import type { ApiNextTime, ApiSchedule } from '../../../api/schedule-types.js';
import type { NextTime, Schedule } from '../../../core/schedules/schedule.js';
import { tellMoment, tellMomentOrNull } from '../../../core/time/moment.js';

export function renderSchedule(schedule: Schedule): ApiSchedule {
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
            run_id: last.runId === null ? null : `run_${last.runId}`,
            message: last.message,
          },
    created_at: tellMoment(schedule.createdAt),
    updated_at: tellMoment(schedule.updatedAt),
  };
}

export const renderNextTime = ({ moment, dueAt }: NextTime): ApiNextTime => ({
  at: tellMoment(moment),
  starts_at: tellMoment(dueAt),
});
