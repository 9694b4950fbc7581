import type { DayAmount, DayChange, DayMeasure } from '../../../core/estimates/run-days.js';
import type { ListDaysParams } from '../../../core/ports/store/day-store.js';
import type { BatchParticipant } from '../connection/batch-participants.js';
import type { SqliteConnection } from '../connection/connection.js';
import { encodeText } from '../connection/text.js';

const UPSERT = `
  INSERT INTO run_days (organization_id, workflow_id, day, measure, amount) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET amount = amount + excluded.amount`;
const LIST = `
  SELECT day, measure, amount FROM run_days
  WHERE organization_id = ? AND workflow_id = ? AND day >= ? AND amount <> 0 ORDER BY day, measure`;
const PURGE = `
  DELETE FROM run_days WHERE (organization_id, workflow_id, day, measure) IN (
    SELECT organization_id, workflow_id, day, measure FROM run_days INDEXED BY run_days_by_day WHERE day < ? LIMIT ?)`;

/** Changes are added up while a batch is open, and written once, before its COMMIT. */
export class RunDaysTable implements BatchParticipant {
  readonly #db: SqliteConnection;
  /** By what they are added to. */
  readonly #changes = new Map<string, DayChange>();

  constructor(db: SqliteConnection) {
    this.#db = db;
  }

  add(changes: readonly DayChange[]): void {
    for (const change of changes) {
      const { organizationId, workflowId, day, measure, amount } = change;
      const place = `${organizationId}\0${workflowId}\0${day}\0${measure}`;
      const earlier = this.#changes.get(place);
      this.#changes.set(place, earlier === undefined ? change : { ...change, amount: earlier.amount + amount });
      this.#db.writes++;
    }
  }

  list({ organizationId, workflowId, fromDay }: ListDaysParams): readonly DayAmount[] {
    this.flush();
    const rows = this.#db.all(LIST, encodeText(organizationId), encodeText(workflowId), fromDay);
    return rows as { day: number; measure: DayMeasure; amount: number }[];
  }

  purge({ beforeDay, limit }: { readonly beforeDay: number; readonly limit: number }): boolean {
    return this.#db.run(PURGE, beforeDay, limit) === limit;
  }

  flush(): void {
    for (const { organizationId, workflowId, day, measure, amount } of this.#changes.values()) {
      if (amount !== 0) this.#db.run(UPSERT, encodeText(organizationId), encodeText(workflowId), day, measure, amount);
    }
    this.#changes.clear();
  }

  markSavepoint(): void {}

  committed(): void {}

  undo(): void {
    this.#changes.clear();
  }

  reload(): void {
    this.undo();
  }
}
