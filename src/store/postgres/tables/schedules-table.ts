import { ErrandError } from '../../../core/errors.js';
import type {
  AdvanceParams,
  ListDueParams,
  ListSchedulesParams,
  PostponeParams,
  ScheduleId,
} from '../../../core/ports/store/schedule-store.js';
import type { Schedule } from '../../../core/schedules/schedule.js';
import { fromScheduleRow, type ScheduleRow, toScheduleRow } from '../../rows/schedule-rows.js';
import { encodeText } from '../../rows/text.js';
import { ConstraintError } from '../connection/errors.js';
import { missingOrganization } from '../../rows/missing-organization.js';
import { first, type Sql } from '../connection/sql.js';

const INSERT = `
  INSERT INTO schedules
    (id, organization_id, workflow_id, settings, created_at, updated_at, next_moment, due_at, last,
     declared)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`;
const GET = 'SELECT * FROM schedules WHERE id = $1 AND organization_id = $2';
const LIST = `
  SELECT * FROM schedules WHERE organization_id = $1 AND ($2::text IS NULL OR workflow_id = $2) ORDER BY id`;
const COUNT = 'SELECT count(*) AS count FROM schedules WHERE organization_id = $1';
const UPDATE = `
  UPDATE schedules SET workflow_id = $1, settings = $2, updated_at = $3, next_moment = $4, due_at = $5
  WHERE id = $6 AND organization_id = $7`;
const DELETE = 'DELETE FROM schedules WHERE id = $1 AND organization_id = $2';
const LIST_DUE = 'SELECT * FROM schedules WHERE due_at <= $1 ORDER BY due_at, id LIMIT $2';
const POSTPONE = 'UPDATE schedules SET due_at = $1 WHERE id = $2 AND organization_id = $3 AND next_moment = $4';
/** `$1` is the time that was dealt with. */
const ADVANCE = `
  UPDATE schedules SET
    last = $4,
    next_moment = CASE WHEN next_moment = $1 THEN $2::bigint ELSE next_moment END,
    due_at = CASE WHEN next_moment = $1 THEN $3::bigint ELSE due_at END
  WHERE id = $5 AND organization_id = $6`;

export const schedulesTable = {
  async insert(sql: Sql, schedule: Schedule): Promise<void> {
    const row = toScheduleRow(schedule);
    const { id, organization_id, workflow_id, settings, created_at, updated_at, next_moment, due_at, last } = row;
    const { declared } = row;
    const values = [
      id,
      organization_id,
      workflow_id,
      settings,
      created_at,
      updated_at,
      next_moment,
      due_at,
      last,
      declared,
    ];
    try {
      await sql.run(INSERT, values);
    } catch (error) {
      if (!(error instanceof ConstraintError)) throw error;
      if (error.kind === 'foreign_key') throw missingOrganization(schedule.organizationId, error);
      throw new ErrandError('conflict', 'There is a schedule with this id already.', { cause: error });
    }
  },

  async get(sql: Sql, { organizationId, id }: ScheduleId): Promise<Schedule | null> {
    const row = await first(sql, GET, [encodeText(id), encodeText(organizationId)]);
    return row === undefined ? null : fromScheduleRow(row as unknown as ScheduleRow);
  },

  async list(sql: Sql, { organizationId, workflowId }: ListSchedulesParams): Promise<Schedule[]> {
    const workflow = workflowId === undefined ? null : encodeText(workflowId);
    return toSchedules(await sql.all(LIST, [encodeText(organizationId), workflow]));
  },

  async listDeclared(sql: Sql): Promise<Schedule[]> {
    return toSchedules(await sql.all('SELECT * FROM schedules WHERE declared = 1 ORDER BY id', []));
  },

  async count(sql: Sql, { organizationId }: { readonly organizationId: string }): Promise<number> {
    return ((await first(sql, COUNT, [encodeText(organizationId)])) as { readonly count: number }).count;
  },

  async update(sql: Sql, schedule: Schedule): Promise<boolean> {
    const { workflow_id, settings, updated_at, next_moment, due_at, id, organization_id } = toScheduleRow(schedule);
    const values = [workflow_id, settings, updated_at, next_moment, due_at, id, organization_id];
    return (await sql.run(UPDATE, values)) > 0;
  },

  async delete(sql: Sql, { organizationId, id }: ScheduleId): Promise<boolean> {
    return (await sql.run(DELETE, [encodeText(id), encodeText(organizationId)])) > 0;
  },

  async listDue(sql: Sql, { at, limit }: ListDueParams): Promise<Schedule[]> {
    return toSchedules(await sql.all(LIST_DUE, [at, limit]));
  },

  async findNextDue(sql: Sql): Promise<number | null> {
    const found = await first(sql, 'SELECT min(due_at) AS due FROM schedules', []);
    return (found as { readonly due: number | null }).due;
  },

  async postpone(sql: Sql, { organizationId, id, moment, dueAt }: PostponeParams): Promise<void> {
    await sql.run(POSTPONE, [dueAt, encodeText(id), encodeText(organizationId), moment]);
  },

  async advance(sql: Sql, { organizationId, id, moment, next, last }: AdvanceParams): Promise<void> {
    const [nextMoment, dueAt] = [next?.moment ?? null, next?.dueAt ?? null];
    const values = [moment, nextMoment, dueAt, JSON.stringify(last), encodeText(id), encodeText(organizationId)];
    await sql.run(ADVANCE, values);
  },
};

const toSchedules = (rows: readonly unknown[]): Schedule[] => rows.map((row) => fromScheduleRow(row as ScheduleRow));
