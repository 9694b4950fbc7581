import type { ModelMonth } from '../../../core/ports/store/model-store.js';
import type { ModelUse } from '../../../core/ports/store/run-store.js';
import type { SqliteConnection } from '../connection/connection.js';
import { decodeText, encodeText } from '../connection/text.js';

interface UsageRow {
  readonly model: string;
  readonly calls: number;
  readonly input_tokens: number;
  readonly cached_input_tokens: number;
  readonly output_tokens: number;
  readonly cost_micros: number;
  readonly unpriced_calls: number;
}

const ADD = `
  INSERT INTO model_usage
    (organization_id, month, model, calls, input_tokens, cached_input_tokens, output_tokens, cost_micros, unpriced_calls)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET
    calls = calls + excluded.calls,
    input_tokens = input_tokens + excluded.input_tokens,
    cached_input_tokens = cached_input_tokens + excluded.cached_input_tokens,
    output_tokens = output_tokens + excluded.output_tokens,
    cost_micros = cost_micros + excluded.cost_micros,
    unpriced_calls = unpriced_calls + excluded.unpriced_calls`;
const SELECT_MONTH = 'SELECT * FROM model_usage WHERE organization_id = ? AND month = ? ORDER BY model';

export class ModelUsageTable {
  readonly #db: SqliteConnection;

  constructor(db: SqliteConnection) {
    this.#db = db;
  }

  add(organizationId: string, { month, model, usage }: ModelUse): void {
    this.#db.run(
      ADD,
      encodeText(organizationId),
      month,
      encodeText(model),
      usage.calls,
      usage.inputTokens,
      usage.cachedInputTokens,
      usage.outputTokens,
      usage.costMicros,
      usage.unpricedCalls,
    );
  }

  list({ organizationId, month }: { readonly organizationId: string; readonly month: string }): ModelMonth[] {
    return (this.#db.all(SELECT_MONTH, encodeText(organizationId), month) as UsageRow[]).map((row) => ({
      model: decodeText(row.model),
      usage: {
        calls: row.calls,
        inputTokens: row.input_tokens,
        cachedInputTokens: row.cached_input_tokens,
        outputTokens: row.output_tokens,
        costMicros: row.cost_micros,
        unpricedCalls: row.unpriced_calls,
      },
    }));
  }
}
