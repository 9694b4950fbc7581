/** Half of the runs took no more than `p50`, nine in ten no more than `p90`, and none more than `max`. */
export interface ApiQuantiles {
  readonly p50: number;
  readonly p90: number;
  readonly max: number;
}

/** `GET /api/v1/workflows/:id/estimate`: by the latest runs that completed, 100 at most. */
export interface ApiEstimate {
  readonly workflow_id: string;
  /** On how many runs it rests. */
  readonly runs: number;
  /** When the oldest of them was made. */
  readonly since: string | null;
  /** What a run needs to be available when it starts. */
  readonly credits_reserved: number;
  /** Null, like the others, when it rests on no run. */
  readonly duration_seconds: ApiQuantiles | null;
  readonly credits: ApiQuantiles | null;
  /** Of the model calls whose price is known. */
  readonly cost_usd: ApiQuantiles | null;
  /** How many of the runs made calls whose price is not known. */
  readonly unpriced_runs: number;
}
