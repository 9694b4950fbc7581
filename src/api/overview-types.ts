import type { WaitReason } from '../core/run/node-execution.js';
import type { RunStatus } from '../core/run/run.js';
import type { ApiRunListItem } from './api-types.js';

/** `GET /api/v1/overview` */
export interface ApiOverview {
  /** How many runs stand how, of all that are kept. */
  readonly counts: Readonly<Record<RunStatus, number>>;
  /** What unfinished runs wait for, those of the newest runs first. */
  readonly waits: readonly ApiOverviewWait[];
  /** How many unfinished runs were looked at for that: the newest, 100 at most. */
  readonly looked_at: number;
}

export interface ApiOverviewWait {
  readonly run_id: string;
  readonly workflow_id: string;
  readonly workflow_name: string;
  /** Of the run. */
  readonly created_at: string;
  /** Null when the run itself waits. */
  readonly node_id: string | null;
  readonly label: string | null;
  /** `answer`: for a person. `turn`: for a limit on what goes on at once. */
  readonly waits_for: Exclude<WaitReason, 'nodes'> | 'turn';
  /** In words: what is asked, which limit, which event, the error before the next attempt. */
  readonly reason: string | null;
  /** When it goes on by itself; null when it does not. */
  readonly until: string | null;
}

/** `GET /api/v1/overview/workflows` gives `{ workflows, next_after }`. */
export interface ApiTrend {
  readonly workflow_id: string;
  readonly workflow_name: string;
  /** The newest runs, newest first: 30 at most. */
  readonly latest: readonly ApiRunListItem[];
  /** The newest runs as one: 100 at most. */
  readonly whole: ApiTrendSpan;
  /** The same in spans of ten, the oldest first. */
  readonly spans: readonly ApiTrendSpan[];
  /** Of the model calls in `latest` whose price is known. */
  readonly cost_usd: number;
  /** How many of those runs made calls whose price is not known. */
  readonly unpriced_runs: number;
}

/** `GET /api/v1/overview/days` */
export interface ApiDays {
  /** The first day of which figures are kept, 90 days ago at most; null: there are none yet. */
  readonly since: string | null;
  /** All of these days as one. */
  readonly whole: ApiDayFigures;
  /** The oldest first, today last. Days are those of UTC. */
  readonly days: readonly (ApiDayFigures & { readonly day: string })[];
}

/** What runs that have ended came to. */
interface ApiEndedFigures {
  /** In any way: the four below together. */
  readonly ended: number;
  readonly completed: number;
  readonly partial_complete: number;
  readonly failed: number;
  readonly cancelled: number;
  /** From start to end, waiting included; null when none had begun. */
  readonly duration_seconds: { readonly p50: number; readonly p95: number } | null;
  readonly credits: number;
}

/** Of runs that ended within a time; durations within 5 %. A run that was retried counts when it ended last. */
export interface ApiDayFigures extends ApiEndedFigures {
  /** Of the model calls whose price is known. */
  readonly cost_usd: number;
  /** How many of the runs made calls whose price is not known. */
  readonly unpriced_runs: number;
}

export interface ApiTrendSpan extends ApiEndedFigures {
  readonly from: string | null;
  readonly to: string | null;
  readonly runs: number;
}
