import type { LastTimeView, NextTimeView, ScheduleView } from '../core/render/render-schedule.js';
import type { ScheduleFields, TimingFields } from '../core/schedules/schedule-fields.js';

/** What starts runs of a workflow at times. Times are RFC 3339 in UTC. */
export type ApiSchedule = ScheduleView;

/** What became of a schedule's latest time. */
export type ApiLastTime = LastTimeView;

/** A time to come. */
export type ApiNextTime = NextTimeView;

/** When a schedule has its times. */
export type ApiTiming = TimingFields;

/** All that can be changed of one. */
export type ApiScheduleFields = ScheduleFields;
