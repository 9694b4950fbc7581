import type { Quantiles, WorkflowEstimate } from '../estimates/estimate.js';
import { tellMomentOrNull } from '../time/moment.js';

/** As REST and Errand's own contract show it: seconds and US dollars. */
export function renderEstimate(estimate: WorkflowEstimate) {
  return {
    workflow_id: estimate.workflowId,
    runs: estimate.runs,
    since: tellMomentOrNull(estimate.since),
    credits_reserved: estimate.creditsReserved,
    duration_seconds: scaled(estimate.durationMs, 1_000),
    credits: scaled(estimate.credits, 1),
    cost_usd: scaled(estimate.costMicros, 1_000_000),
    unpriced_runs: estimate.unpricedRuns,
  };
}

function scaled(quantiles: Quantiles | null, by: number): Quantiles | null {
  if (quantiles === null) return null;
  const { p50, p90, max } = quantiles;
  return { p50: p50 / by, p90: p90 / by, max: max / by };
}
