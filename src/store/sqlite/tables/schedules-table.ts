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
import { ConstraintError, type SqliteConnection } from '../connection/connection.js';
import { missingOrganization } from '../../rows/missing-organization.js';
import { encodeText } from '../connection/text.js';

const INSERT = `
  INSERT INTO schedules
    (id, organization_id, workflow_id, settings, created_at, updated_at, next_moment, due_at, last,
     declared)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const UPDATE = `
  UPDATE schedules SET workflow_id = ?, settings = ?, updated_at = ?, next_moment = ?, due_at = ?
  WHERE id = ? AND organization_id = ?`;
const LIST = `
  SELECT * FROM schedules WHERE organization_id = ?1 AND (?2 IS NULL OR workflow_id = ?2) ORDER BY id`;
const LIST_DUE = 'SELECT * FROM schedules WHERE due_at <= ? ORDER BY due_at, id LIMIT ?';
const POSTPONE = 'UPDATE schedules SET due_at = ? WHERE id = ? AND organization_id = ? AND next_moment = ?';
/** `?1` is the time that was dealt with. */
const ADVANCE = `
  UPDATE schedules SET
    last = ?4,
    next_moment = CASE WHEN next_moment = ?1 THEN ?2 ELSE next_moment END,
    due_at = CASE WHEN next_moment = ?1 THEN ?3 ELSE due_at END
  WHERE id = ?5 AND organization_id = ?6`;

export class SchedulesTable {
  readonly #db: SqliteConnection;

  constructor(db: SqliteConnection) {
    this.#db = db;
  }

  insert(schedule: Schedule): void {
    const row = toScheduleRow(schedule);
    try {
      this.#db.run(
        INSERT,
        row.id,
        row.organization_id,
        row.workflow_id,
        row.settings,
        row.created_at,
        row.updated_at,
        row.next_moment,
        row.due_at,
        row.last,
        row.declared,
      );
    } catch (error) {
      if (!(error instanceof ConstraintError)) throw error;
      if (error.kind === 'foreign_key') throw missingOrganization(schedule.organizationId, error);
      throw new ErrandError('conflict', 'There is a schedule with this id already.', { cause: error });
    }
  }

  get({ organizationId, id }: ScheduleId): Schedule | null {
    const sql = 'SELECT * FROM schedules WHERE id = ? AND organization_id = ?';
    const row = this.#db.get(sql, encodeText(id), encodeText(organizationId)) as ScheduleRow | undefined;
    return row === undefined ? null : fromScheduleRow(row);
  }

  list({ organizationId, workflowId }: ListSchedulesParams): Schedule[] {
    const workflow = workflowId === undefined ? null : encodeText(workflowId);
    return (this.#db.all(LIST, encodeText(organizationId), workflow) as ScheduleRow[]).map(fromScheduleRow);
  }

  listDeclared(): Schedule[] {
    return (this.#db.all('SELECT * FROM schedules WHERE declared = 1 ORDER BY id') as ScheduleRow[]).map(
      fromScheduleRow,
    );
  }

  count({ organizationId }: { readonly organizationId: string }): number {
    const sql = 'SELECT count(*) AS count FROM schedules WHERE organization_id = ?';
    return (this.#db.get(sql, encodeText(organizationId)) as { readonly count: number }).count;
  }

  update(schedule: Schedule): boolean {
    const row = toScheduleRow(schedule);
    const { workflow_id, settings, updated_at, next_moment, due_at, id, organization_id } = row;
    return this.#db.run(UPDATE, workflow_id, settings, updated_at, next_moment, due_at, id, organization_id) > 0;
  }

  delete({ organizationId, id }: ScheduleId): boolean {
    const sql = 'DELETE FROM schedules WHERE id = ? AND organization_id = ?';
    return this.#db.run(sql, encodeText(id), encodeText(organizationId)) > 0;
  }

  listDue({ at, limit }: ListDueParams): Schedule[] {
    return (this.#db.all(LIST_DUE, at, limit) as ScheduleRow[]).map(fromScheduleRow);
  }

  findNextDue(): number | null {
    return (this.#db.get('SELECT min(due_at) AS due FROM schedules') as { readonly due: number | null }).due;
  }

  postpone({ organizationId, id, moment, dueAt }: PostponeParams): void {
    this.#db.run(POSTPONE, dueAt, encodeText(id), encodeText(organizationId), moment);
  }

  advance({ organizationId, id, moment, next, last }: AdvanceParams): void {
    const [nextMoment, dueAt] = [next?.moment ?? null, next?.dueAt ?? null];
    this.#db.run(ADVANCE, moment, nextMoment, dueAt, JSON.stringify(last), encodeText(id), encodeText(organizationId));
  }
}
