import type { SharedBudget } from '../../../../core/models/shared-budget.js';
import { type BudgetRow, toSharedBudget } from '../../../rows/credits/use-budgets.js';
import type { SqliteConnection } from '../../connection/connection.js';
import { encodeText } from '../../connection/text.js';

const UPSERT = `
  INSERT INTO run_budgets (run_id, limits, calls, tokens, cost_micros, credits) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (run_id) DO UPDATE SET
    calls = excluded.calls, tokens = excluded.tokens, cost_micros = excluded.cost_micros, credits = excluded.credits`;

export class RunBudgetsTable {
  readonly #db: SqliteConnection;

  constructor(db: SqliteConnection) {
    this.#db = db;
  }

  /** Those that there are. */
  list(runIds: readonly string[]): SharedBudget[] {
    return runIds.flatMap((runId) => {
      const row = this.#db.get('SELECT * FROM run_budgets WHERE run_id = ?', encodeText(runId)) as
        BudgetRow | undefined;
      return row === undefined ? [] : [toSharedBudget(row, runId)];
    });
  }

  save({ runId, limits, calls, tokens, costMicros, credits }: SharedBudget): void {
    this.#db.run(UPSERT, encodeText(runId), JSON.stringify(limits), calls, tokens, costMicros, credits);
  }
}
