import type { LastTime, NextTime, Schedule } from '../../schedules/schedule.js';

export interface ScheduleId {
  readonly organizationId: string;
  readonly id: string;
}

export interface ListSchedulesParams {
  readonly organizationId: string;
  readonly workflowId?: string;
}

export interface ListDueParams {
  /** Due by then. */
  readonly at: number;
  readonly limit: number;
}

export interface PostponeParams extends ScheduleId {
  /** Of the time that is put off. */
  readonly moment: number;
  readonly dueAt: number;
}

export interface AdvanceParams extends ScheduleId {
  /** The time that was dealt with. */
  readonly moment: number;
  readonly next: NextTime | null;
  readonly last: LastTime;
}

export interface ScheduleStore {
  insert(schedule: Schedule): Promise<void>;
  get(params: ScheduleId): Promise<Schedule | null>;
  /** Oldest first. */
  list(params: ListSchedulesParams): Promise<Schedule[]>;
  /** Those that stand in files of workflows, of all organizations. */
  listDeclared(): Promise<Schedule[]>;
  count(params: { readonly organizationId: string }): Promise<number>;
  /** Writes all but `last`. False when there is no such schedule. */
  update(schedule: Schedule): Promise<boolean>;
  delete(params: ScheduleId): Promise<boolean>;
  /** Of all organizations; those that have been due for longest first. */
  listDue(params: ListDueParams): Promise<Schedule[]>;
  /** When the next of any organization is due. */
  findNextDue(): Promise<number | null>;
  /** Puts a time off; nothing happens when the schedule has gone on. */
  postpone(params: PostponeParams): Promise<void>;
  /** Writes what became of a time. The next one is changed only where that time is still the next. */
  advance(params: AdvanceParams): Promise<void>;
}
