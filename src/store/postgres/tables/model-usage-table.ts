import type { Usage } from '../../../core/models/models.js';
import type { ModelMonth, UsageOfMonthParams } from '../../../core/ports/store/model-store.js';
import type { ModelUse } from '../../../core/ports/store/run-store.js';
import { decodeText, encodeText } from '../../rows/text.js';
import type { Sql } from '../connection/sql.js';

interface UsageRow {
  readonly model: string;
  readonly calls: number;
  readonly input_tokens: number;
  readonly cached_input_tokens: number;
  readonly output_tokens: number;
  readonly cost_micros: number;
  readonly unpriced_calls: number;
}

/** What an organization has used of a model. */
export interface OrganizationUse extends ModelUse {
  readonly organizationId: string;
}

/** Summed first, as a statement changes a row once; in one order, so that two statements never wait for each other. */
const ADD = `
  INSERT INTO model_usage AS kept
    (organization_id, month, model, calls, input_tokens, cached_input_tokens, output_tokens, cost_micros, unpriced_calls)
  SELECT organization_id, month, model, sum(calls), sum(input_tokens), sum(cached_input_tokens), sum(output_tokens),
    sum(cost_micros), sum(unpriced_calls)
  FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[],
    $9::bigint[])
    AS used (organization_id, month, model, calls, input_tokens, cached_input_tokens, output_tokens, cost_micros,
      unpriced_calls)
  GROUP BY organization_id, month, model ORDER BY organization_id COLLATE "C", month COLLATE "C", model COLLATE "C"
  ON CONFLICT (organization_id, month, model) DO UPDATE SET
    calls = kept.calls + excluded.calls,
    input_tokens = kept.input_tokens + excluded.input_tokens,
    cached_input_tokens = kept.cached_input_tokens + excluded.cached_input_tokens,
    output_tokens = kept.output_tokens + excluded.output_tokens,
    cost_micros = kept.cost_micros + excluded.cost_micros,
    unpriced_calls = kept.unpriced_calls + excluded.unpriced_calls`;
const SELECT_MONTH = 'SELECT * FROM model_usage WHERE organization_id = $1 AND month = $2 ORDER BY model';

export const modelUsageTable = {
  async add(sql: Sql, uses: readonly OrganizationUse[]): Promise<void> {
    const of = (name: keyof Usage): number[] => uses.map(({ usage }) => usage[name]);
    await sql.run(ADD, [
      uses.map(({ organizationId }) => encodeText(organizationId)),
      uses.map(({ month }) => month),
      uses.map(({ model }) => encodeText(model)),
      of('calls'),
      of('inputTokens'),
      of('cachedInputTokens'),
      of('outputTokens'),
      of('costMicros'),
      of('unpricedCalls'),
    ]);
  },

  async list(sql: Sql, { organizationId, month }: UsageOfMonthParams): Promise<ModelMonth[]> {
    const rows = (await sql.all(SELECT_MONTH, [encodeText(organizationId), month])) as UsageRow[];
    return rows.map((row) => ({
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
  },
};
