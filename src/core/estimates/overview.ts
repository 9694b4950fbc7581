import type { WaitReason } from '../run/node-execution.js';
import type { RunListItem, RunStatus } from '../run/run.js';
import { ranksOf } from './estimate.js';

/** How an organization's runs stand now. */
export interface Overview {
  readonly counts: Readonly<Record<RunStatus, number>>;
  /** What the newest unfinished runs wait for, those runs' newest first. */
  readonly waits: readonly OverviewWait[];
  /** How many unfinished runs were looked at for that. */
  readonly lookedAt: number;
}

/** Something that a run waits for. */
export interface OverviewWait {
  readonly run: Pick<RunListItem, 'id' | 'workflowId' | 'workflowName' | 'createdAt'>;
  /** Null when the run itself waits. */
  readonly nodeId: string | null;
  readonly label: string | null;
  /** `turn`: for a limit on what goes on at once. What a node waits for inside itself is told of those nodes. */
  readonly waitsFor: Exclude<WaitReason, 'nodes'> | 'turn';
  /** In words: the limit, what a person is asked, the event. */
  readonly reason: string | null;
  /** When it goes on by itself; null when it does not. */
  readonly until: number | null;
}

/** How the latest runs of a workflow went. */
export interface WorkflowTrend {
  readonly workflowId: string;
  readonly workflowName: string;
  /** The newest runs, newest first. */
  readonly latest: readonly RunListItem[];
  /** All of the runs that are looked at, as one. */
  readonly whole: TrendSpan;
  /** The same in spans of as many runs each, the oldest first. */
  readonly spans: readonly TrendSpan[];
  /** Of model calls of the runs in `latest`, in millionths of a US dollar. */
  readonly costMicros: number;
  /** How many of these runs made calls whose price is not known. */
  readonly unpricedRuns: number;
}

export interface TrendPage {
  readonly workflows: readonly WorkflowTrend[];
  /** The `afterId` to go on with; null: there are no more. */
  readonly nextAfterId: string | null;
}

/** What runs that have ended came to. */
export interface EndedFigures {
  /** Completed, partly complete, failed and cancelled ones together. */
  readonly ended: number;
  readonly completed: number;
  readonly partial: number;
  readonly failed: number;
  readonly cancelled: number;
  /** From start to end, of those that had begun; null for none. */
  readonly durationMs: { readonly p50: number; readonly p95: number } | null;
  readonly credits: number;
}

/** Some runs of a workflow, one after the other. */
export interface TrendSpan extends EndedFigures {
  /** When the oldest and the newest of them were made; null when there are none. */
  readonly from: number | null;
  readonly to: number | null;
  readonly runs: number;
}

/** By runs, newest first. */
export function spanOf(runs: readonly RunListItem[]): TrendSpan {
  const durations = runs.flatMap(({ startedAt, completedAt }) =>
    startedAt === null || completedAt === null ? [] : [Math.max(0, completedAt - startedAt)],
  );
  const at = ranksOf(durations);
  const countOf = (wanted: RunStatus): number => runs.filter(({ status }) => status === wanted).length;
  return {
    from: runs.at(-1)?.createdAt ?? null,
    to: runs[0]?.createdAt ?? null,
    runs: runs.length,
    ended: runs.filter(({ completedAt }) => completedAt !== null).length,
    completed: countOf('completed'),
    partial: countOf('partial_complete'),
    failed: countOf('failed'),
    cancelled: countOf('cancelled'),
    durationMs: durations.length === 0 ? null : { p50: at(0.5), p95: at(0.95) },
    credits: runs.reduce((sum, { creditsConsumed }) => sum + creditsConsumed, 0),
  };
}

/** Spans of so many runs, the oldest first; the oldest span may have fewer. */
export function spansOf(runs: readonly RunListItem[], size: number): readonly TrendSpan[] {
  const spans: TrendSpan[] = [];
  for (let from = 0; from < runs.length; from += size) spans.unshift(spanOf(runs.slice(from, from + size)));
  return spans;
}
