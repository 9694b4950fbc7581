import type { SharedBudget } from '../../../../core/models/shared-budget.js';
import { type BudgetRow, toSharedBudget } from '../../../rows/credits/use-budgets.js';
import { decodeText, encodeText } from '../../../rows/text.js';
import type { Sql } from '../../connection/sql.js';

const LIST = 'SELECT * FROM run_budgets WHERE run_id = ANY($1::text[]) ORDER BY run_id';
const UPSERT = `
  INSERT INTO run_budgets (run_id, limits, calls, tokens, cost_micros, credits)
  SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
  ON CONFLICT (run_id) DO UPDATE SET
    calls = excluded.calls, tokens = excluded.tokens, cost_micros = excluded.cost_micros, credits = excluded.credits`;

export const runBudgetsTable = {
  /** Those that there are. */
  async list(sql: Sql, runIds: readonly string[]): Promise<SharedBudget[]> {
    return toBudgets(await sql.all(LIST, [runIds.map(encodeText)]));
  },

  /** The same, which nobody else changes until the transaction ends: in one order, so that none waits for another. */
  async lock(sql: Sql, runIds: readonly string[]): Promise<SharedBudget[]> {
    return toBudgets(await sql.all(`${LIST} FOR NO KEY UPDATE`, [runIds.map(encodeText)]));
  },

  async save(sql: Sql, budgets: readonly SharedBudget[]): Promise<void> {
    if (budgets.length === 0) return;
    await sql.run(UPSERT, [
      budgets.map(({ runId }) => encodeText(runId)),
      budgets.map(({ limits }) => JSON.stringify(limits)),
      budgets.map(({ calls }) => calls),
      budgets.map(({ tokens }) => tokens),
      budgets.map(({ costMicros }) => costMicros),
      budgets.map(({ credits }) => credits),
    ]);
  },
};

function toBudgets(rows: readonly unknown[]): SharedBudget[] {
  return (rows as readonly BudgetRow[]).map((row) => toSharedBudget(row, decodeText(row.run_id)));
}
