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

/** `GET /api/v1/system/processes` gives `{ processes }`. */
export interface ApiProcess {
  /** Its host and its number there. */
  readonly place: string;
  readonly version: string;
  /** When it last said that it is there: every five seconds, where there are several. */
  readonly seen_at: string;
  /** False: nothing was heard of it for 30 seconds. */
  readonly alive: boolean;
  /** Whether it is the one that answers. */
  readonly answers: boolean;
}

/** `GET /api/v1/system/doctor` */
export interface ApiDoctor {
  /** When it was looked. */
  readonly at: string;
  /** No finding is a fault. */
  readonly healthy: boolean;
  readonly findings: readonly ApiFinding[];
  readonly backups: {
    /** Where the server puts them; null: it makes none. */
    readonly place: string | null;
    /** When the newest there was begun; null: there is none, or it is not known. */
    readonly last_at: string | null;
  };
}

export interface ApiFinding {
  /** What was looked at: `settings`, `room`, `disk`, `backups`, … */
  readonly name: string;
  readonly kind: 'ok' | 'warning' | 'fault';
  /** What was seen, and for what is wrong what to do. */
  readonly message: string;
}
