import type { LastTime, Schedule, ScheduleSettings } from '../../core/schedules/schedule.js';
import { decodeText, encodeText } from './text.js';

/** A row of `schedules`, in either store. */
export interface ScheduleRow {
  readonly id: string;
  readonly organization_id: string;
  readonly workflow_id: string;
  /** Name, timing, input and the rest of what a person sets, as JSON. */
  readonly settings: string;
  readonly created_at: number;
  readonly updated_at: number;
  readonly next_moment: number | null;
  readonly due_at: number | null;
  readonly last: string | null;
  /** 1 for one that stands in the file of its workflow. */
  readonly declared: number;
}

export function toScheduleRow(schedule: Schedule): ScheduleRow {
  const { id, organizationId, createdAt, updatedAt, next, last, workflowId, isDeclared, ...settings } = schedule;
  return {
    id: encodeText(id),
    organization_id: encodeText(organizationId),
    workflow_id: encodeText(workflowId),
    settings: JSON.stringify(settings),
    created_at: createdAt,
    updated_at: updatedAt,
    next_moment: next?.moment ?? null,
    due_at: next?.dueAt ?? null,
    last: last === null ? null : JSON.stringify(last),
    declared: isDeclared ? 1 : 0,
  };
}

export function fromScheduleRow(row: ScheduleRow): Schedule {
  const { next_moment: moment, due_at: dueAt } = row;
  return {
    ...(JSON.parse(row.settings) as Omit<ScheduleSettings, 'workflowId'>),
    id: decodeText(row.id),
    organizationId: decodeText(row.organization_id),
    workflowId: decodeText(row.workflow_id),
    isDeclared: row.declared === 1,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    next: moment === null || dueAt === null ? null : { moment, dueAt },
    last: row.last === null ? null : (JSON.parse(row.last) as LastTime),
  };
}
