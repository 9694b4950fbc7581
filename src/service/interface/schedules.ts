import type { Principal } from '../../core/tenant/principal.js';
import type { NextTime, Schedule, ScheduleSettings, Timing } from '../../core/schedules/schedule.js';
import type { InOrganization } from './in-organization.js';

export interface OneScheduleParams extends InOrganization {
  readonly scheduleId: string;
}

export interface ListSchedulesParams extends InOrganization {
  readonly workflowId?: string;
}

export interface CreateScheduleParams extends InOrganization {
  readonly settings: ScheduleSettings;
  /** 1 to 200 characters: the same call with the same key gives what the first one made. */
  readonly idempotencyKey?: string;
}

export interface UpdateScheduleParams extends OneScheduleParams {
  readonly changes: Partial<ScheduleSettings>;
}

/** What starts runs at times. Each call checks scopes: `manage` to change, `read` to read. */
export interface ScheduleServices {
  createSchedule(
    caller: Principal,
    params: CreateScheduleParams,
  ): Promise<{ readonly schedule: Schedule; readonly created: boolean }>;
  /** Oldest first. */
  listSchedules(caller: Principal, params: ListSchedulesParams): Promise<readonly Schedule[]>;
  getSchedule(caller: Principal, params: OneScheduleParams): Promise<Schedule>;
  /** Changes what is given. The next time is worked out again, from now on, where its timing or `enabled` changes. */
  updateSchedule(caller: Principal, params: UpdateScheduleParams): Promise<Schedule>;
  deleteSchedule(caller: Principal, params: OneScheduleParams): Promise<void>;
  /** The next times that a timing has, without making anything. */
  previewTimes(
    caller: Principal,
    params: { readonly timing: Timing; readonly count: number },
  ): Promise<readonly NextTime[]>;
  /** Calls `listener` whenever a schedule was made or changed here; returns what ends that. */
  onSchedulesChanged(listener: () => void): () => void;
}
