import type { Budget } from './models.js';

/** What a run and the runs that it has started, near and far, have come to. */
export interface SharedUse {
  readonly calls: number;
  /** Input and output together. */
  readonly tokens: number;
  /** Millionths of a dollar. */
  readonly costMicros: number;
  /** Reserved and used. */
  readonly credits: number;
}

/** A budget that a run shares with the runs that it starts, near and far. */
export interface SharedBudget extends SharedUse {
  /** The run whose workflow has it. */
  readonly runId: string;
  readonly limits: Budget;
}

/** What bounds a run that begins with such a budget: itself first, then those of the runs above. */
export function sharedBudgetsOf(params: {
  readonly runId: string;
  readonly budget: Budget | null;
  readonly above: readonly string[] | undefined;
}): readonly string[] | undefined {
  const { runId, budget, above } = params;
  return budget?.shared === true ? [runId, ...(above ?? [])] : above;
}
