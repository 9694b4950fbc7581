import type { EndedFigures } from './overview.js';
import { sumUsage, type Run, type RunListItem, type RunStatus } from '../run/run.js';

const DAY_MS = 86_400_000;
/** So many days of figures are kept; today is one of them. */
export const KEPT_DAYS = 90;
/** Stands for all workflows of an organization. */
export const ALL_WORKFLOWS = '';

/** What is added up of the runs that ended on a day. `took:N`: how many of them took as long as that span. */
export type DayMeasure = EndedStatus | 'credits' | 'cost_micros' | 'unpriced_runs' | `took:${number}`;
type EndedStatus = Exclude<RunStatus, 'pending' | 'running'>;

/** A day is the number of whole days since 1970, in UTC. */
export interface DayAmount {
  readonly day: number;
  readonly measure: DayMeasure;
  readonly amount: number;
}

/** What a commit changes of the figures of a workflow. */
export interface DayChange extends DayAmount {
  readonly organizationId: string;
  /** The workflow's key, or `ALL_WORKFLOWS`. */
  readonly workflowId: string;
}

/** How the runs went that ended within a time. Durations are within 5 %: lengths are counted in spans. */
export interface DayFigures extends EndedFigures {
  /** Of their model calls whose price is known. */
  readonly costMicros: number;
  /** How many of them made calls whose price is not known. */
  readonly unpricedRuns: number;
}

/** The figures of some days in a row, the last of them today. */
export interface DaysReport {
  /** The first day of which anything is known; null when nothing is. */
  readonly since: number | null;
  readonly whole: DayFigures;
  /** Each of them, the oldest first. */
  readonly days: readonly { readonly day: number; readonly figures: DayFigures }[];
}

export function dayOf(at: number): number {
  return Math.floor(at / DAY_MS);
}

/** `2026-11-29`. */
export function tellDay(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** A run as far as it counts. */
export type EndedFacts = Pick<RunListItem, 'status' | 'startedAt' | 'completedAt' | 'creditsConsumed' | 'usage'>;

/**
 * What a run that goes from one record to another changes of the figures of its workflow and of all workflows. A run
 * counts once, on the day on which it ended last: a retry takes back what it had come to. `workflow`: the key of the
 * run's workflow.
 */
export function changesOfDays(before: EndedFacts | null, after: Run, workflow: string): readonly DayChange[] {
  const { organizationId } = after;
  const amounts = [
    ...(before === null ? [] : amountsOf(before).map((one) => ({ ...one, amount: -one.amount }))),
    ...(after.completedAt === null ? [] : amountsOf(endedFacts(after))),
  ];
  return amounts.flatMap((amount) => [
    { organizationId, workflowId: workflow, ...amount },
    { organizationId, workflowId: ALL_WORKFLOWS, ...amount },
  ]);
}

export function endedFacts(run: Run): EndedFacts {
  const { status, startedAt, completedAt, creditsConsumed } = run;
  return { status, startedAt, completedAt, creditsConsumed, usage: sumUsage(run) };
}

function amountsOf({ status, startedAt, completedAt, creditsConsumed, usage }: EndedFacts): readonly DayAmount[] {
  if (completedAt === null || status === 'pending' || status === 'running') return [];
  const day = dayOf(completedAt);
  const amounts: DayAmount[] = [{ day, measure: status, amount: 1 }];
  if (startedAt !== null) amounts.push({ day, measure: `took:${spanOf(completedAt - startedAt)}`, amount: 1 });
  if (creditsConsumed !== 0) amounts.push({ day, measure: 'credits', amount: creditsConsumed });
  if (usage === null) return amounts;
  if (usage.costMicros !== 0) amounts.push({ day, measure: 'cost_micros', amount: usage.costMicros });
  if (usage.unpricedCalls !== 0) amounts.push({ day, measure: 'unpriced_runs', amount: 1 });
  return amounts;
}

/** Each span is a tenth longer than the one before. */
const GROWTH = Math.log(1.1);

function spanOf(ms: number): number {
  return Math.floor(Math.log(Math.max(1, ms)) / GROWTH);
}

/** The middle of a span, in milliseconds. */
function lengthOf(span: number): number {
  return Math.round(Math.exp((span + 0.5) * GROWTH));
}

/** By the amounts of one day or of several. Where a retry took back what was never counted, none is below zero. */
export function figuresOf(amounts: readonly Omit<DayAmount, 'day'>[]): DayFigures {
  const sums = new Map<DayMeasure, number>();
  for (const { measure, amount } of amounts) sums.set(measure, (sums.get(measure) ?? 0) + amount);
  const sumOf = (measure: DayMeasure): number => Math.max(0, sums.get(measure) ?? 0);
  const [completed, partial, failed, cancelled] = [
    sumOf('completed'),
    sumOf('partial_complete'),
    sumOf('failed'),
    sumOf('cancelled'),
  ];
  return {
    ended: completed + partial + failed + cancelled,
    completed,
    partial,
    failed,
    cancelled,
    durationMs: durationsOf(sums),
    credits: sumOf('credits'),
    costMicros: sumOf('cost_micros'),
    unpricedRuns: sumOf('unpriced_runs'),
  };
}

function durationsOf(sums: ReadonlyMap<DayMeasure, number>): DayFigures['durationMs'] {
  const spans = [...sums]
    .flatMap(([measure, count]) =>
      measure.startsWith('took:') && count > 0 ? [{ span: Number(measure.slice('took:'.length)), count }] : [],
    )
    .toSorted((one, other) => one.span - other.span);
  const total = spans.reduce((sum, { count }) => sum + count, 0);
  if (total === 0) return null;
  const at = (share: number): number => {
    let passed = 0;
    const found = spans.find(({ count }) => (passed += count) >= share * total);
    return lengthOf(found?.span ?? 0);
  };
  return { p50: at(0.5), p95: at(0.95) };
}
