/** Of what several runs took: half took no more than `p50`, nine in ten no more than `p90`, and none more than `max`. */
export type Quantiles = {
  readonly p50: number;
  readonly p90: number;
  readonly max: number;
};

/** What a run of a workflow is likely to take, by what the latest of them took. */
export interface WorkflowEstimate {
  readonly workflowId: string;
  /** On how many runs it rests. */
  readonly runs: number;
  /** When the oldest of them was made; null when there is none. Epoch milliseconds. */
  readonly since: number | null;
  /** What a run reserves when it starts, whole, and so needs to be available. */
  readonly creditsReserved: number;
  /** From its start to its end, waiting included. Null, like the others, when it rests on no run. */
  readonly durationMs: Quantiles | null;
  readonly credits: Quantiles | null;
  /** Of model calls whose price is known, in millionths of a US dollar, without those of child runs. */
  readonly costMicros: Quantiles | null;
  /** How many of the runs made calls whose price is not known: their cost is more than what is told. */
  readonly unpricedRuns: number;
}

/** Null for no values. */
export function quantilesOf(values: readonly number[]): Quantiles | null {
  if (values.length === 0) return null;
  const at = ranksOf(values);
  return { p50: at(0.5), p90: at(0.9), max: at(1) };
}

/** The value at a share of them, by nearest rank: one that there was. */
export function ranksOf(values: readonly number[]): (share: number) => number {
  const sorted = values.toSorted((a, b) => a - b);
  return (share) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
