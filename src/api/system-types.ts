/** What a server does just now: `GET /api/v1/system`. Of several processes, each tells of itself. */
export interface ApiSystem {
  readonly version: string;
  /** Of Node. */
  readonly node: string;
  /** RFC 3339. */
  readonly started_at: string;
  /** When this was read. */
  readonly at: string;
  readonly engine: 'embedded' | 'restate';
  readonly store: {
    readonly kind: 'sqlite' | 'postgres';
    /** Of the database file and its log; null for Postgres. */
    readonly bytes: number | null;
  };
  readonly process: {
    /** Without the processes beside it. */
    readonly resident_bytes: number;
    /** Since the start, all cores together. */
    readonly cpu_seconds: number;
    /** Of the event loop since the start: how long it worked, and how long it had nothing to do. */
    readonly busy_seconds: number;
    readonly idle_seconds: number;
  };
  readonly runs: {
    readonly active: number;
    readonly queued: number;
    /** Until a moment, an answer or another run. */
    readonly parked: number;
    /** How many may be active at once. */
    readonly max_active: number;
    /** Nodes that wait for a slot. */
    readonly nodes_held_up: number;
  };
  /** Since the start. */
  readonly totals: { readonly requests: number; readonly commits: number };
  /** Those of which runs were accepted or have ended since the start, at most a few hundred. */
  readonly workflows: readonly ApiWorkflowTotals[];
}

export interface ApiWorkflowTotals {
  readonly workflow_id: string;
  readonly accepted: number;
  readonly completed: number;
  readonly partial_complete: number;
  readonly failed: number;
  readonly cancelled: number;
}
