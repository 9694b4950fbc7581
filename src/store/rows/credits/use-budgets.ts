import { ErrandError } from '../../../core/errors.js';
import type { CommitRunParams } from '../../../core/ports/store/run-store.js';
import type { SharedBudget, SharedUse } from '../../../core/models/shared-budget.js';
import { renderRunId } from '../../../core/render/run-id.js';

export interface BudgetRow {
  readonly run_id: string;
  readonly limits: string;
  readonly calls: number;
  readonly tokens: number;
  readonly cost_micros: number;
  readonly credits: number;
}

export function toSharedBudget(row: BudgetRow, runId: string): SharedBudget {
  const { calls, tokens, cost_micros: costMicros, credits } = row;
  return { runId, limits: JSON.parse(row.limits) as SharedBudget['limits'], calls, tokens, costMicros, credits };
}

const NOTHING: SharedUse = { calls: 0, tokens: 0, costMicros: 0, credits: 0 };

/** What a commit adds to the budgets that its run draws from; null for nothing. */
function useIn({ movement, usage }: CommitRunParams): SharedUse | null {
  if (movement === null && usage.length === 0) return null;
  const credits = movement === null ? 0 : movement.reservedDelta + movement.usedDelta;
  return usage.reduce(
    (sum, { usage: { calls, inputTokens, outputTokens, costMicros } }) => ({
      calls: sum.calls + calls,
      tokens: sum.tokens + inputTokens + outputTokens,
      costMicros: sum.costMicros + costMicros,
      credits: sum.credits,
    }),
    { ...NOTHING, credits },
  );
}

/**
 * The budgets as a commit leaves them, of those that its run draws from. Throws `conflict`, with the reason
 * `shared_budget`, when a run that another one starts would reserve more credits than are left.
 */
export function useBudgets(params: CommitRunParams, kept: readonly SharedBudget[]): readonly SharedBudget[] {
  const { run, created } = params;
  const own = created?.budget ?? null;
  const budgets = own === null ? kept : [{ runId: run.id, limits: own, ...NOTHING }, ...kept];
  const use = useIn(params);
  if (use === null) return own === null ? [] : budgets.slice(0, 1);
  return budgets.map((budget) => {
    const credits = budget.credits + use.credits;
    const { credits: limit } = budget.limits;
    if (limit !== undefined && use.credits > 0 && created !== null && credits > limit) throw exceeded(limit, budget);
    return {
      ...budget,
      calls: budget.calls + use.calls,
      tokens: budget.tokens + use.tokens,
      costMicros: budget.costMicros + use.costMicros,
      credits,
    };
  });
}

function exceeded(limit: number, { credits, runId }: SharedBudget): ErrandError {
  const shares = `Of the ${limit} credits that run ${renderRunId(runId)} shares`;
  return new ErrandError('conflict', `${shares}, ${limit - credits} are left.`, {
    details: { reason: 'shared_budget' },
  });
}
