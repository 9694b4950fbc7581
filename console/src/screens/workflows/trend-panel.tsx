import { useQuery } from '@tanstack/react-query';
import { Suspense, useMemo, type ReactNode } from 'react';
import type { ApiRunListItem, ApiWorkflow } from '@api/api-types.js';
import type { RunStatus } from '@core/run/run.js';
import { trendQuery } from '../../api/queries.js';
import { LazyChart } from '../../design/lazy-chart.js';
import { OutcomeFacts } from '../../design/outcome-facts.js';
import { Fact, Panel } from '../../design/panel.js';
import { formatDuration } from '../../format/format.js';
import { text } from '../../text/en.js';

const t = text.trend;
/** Runs that a median is taken of. */
const WINDOW = 15;

/** How long the last runs of a workflow took, how they ended and what they cost. */
export function TrendPanel({ workflow }: { readonly workflow: ApiWorkflow }): ReactNode {
  const { data: runs } = useQuery(trendQuery(workflow.id));
  const trend = useMemo(() => toTrend(runs ?? []), [runs]);
  if (trend.places.length < 2) return null;
  const { outcomes, half, most, credits, places, series } = trend;
  return (
    <Panel title={t.title(places.length)}>
      <dl className="mb-3 flex flex-wrap gap-x-8 gap-y-2 text-sm">
        <OutcomeFacts outcomes={outcomes} />
        <Fact name={text.overview.half}>{formatDuration(half)}</Fact>
        <Fact name={text.overview.most}>{formatDuration(most)}</Fact>
        <Fact name={text.overview.credits}>{credits.toLocaleString()}</Fact>
      </dl>
      <Suspense fallback={<div className="skeleton h-56" />}>
        <LazyChart
          label={t.chart(formatDuration(half), formatDuration(most))}
          places={places}
          scale="ranks"
          series={series}
          format={formatDuration}
        />
      </Suspense>
      <p className="mt-2 text-sm text-soft">{t.about(WINDOW)}</p>
    </Panel>
  );
}

/** Of runs that have begun and ended, the oldest first. */
function toTrend(listed: readonly ApiRunListItem[]) {
  const runs = listed.flatMap((run) => {
    const { started_at: from, completed_at: to } = run;
    if (from === null || to === null) return [];
    // Nothing is left out of a scale of proportions.
    return [{ run, at: Date.parse(to), took: Math.max(1, Date.parse(to) - Date.parse(from)) }];
  });
  runs.sort((a, b) => a.at - b.at);
  const durations = runs.map(({ took }) => took);
  const countOf = (status: RunStatus): number => runs.filter(({ run }) => run.status === status).length;
  const valuesOf = (hasFailed: boolean) =>
    runs.map(({ run, took }) => ((run.status === 'failed') === hasFailed ? took : null));
  return {
    outcomes: {
      ended: runs.length,
      completed: countOf('completed'),
      partial_complete: countOf('partial_complete'),
      failed: countOf('failed'),
      cancelled: countOf('cancelled'),
    },
    half: quantile(durations, 0.5),
    most: quantile(durations, 0.95),
    credits: runs.reduce((sum, { run }) => sum + run.credits_consumed, 0),
    places: runs.map((_, place) => place),
    series: [
      { label: t.ended, values: valuesOf(false), color: 'completed', look: 'points' as const },
      { label: t.failed, values: valuesOf(true), color: 'failed', look: 'points' as const },
      { label: t.median, values: mediansOf(durations), color: 'running', look: 'line' as const },
    ],
  };
}

function mediansOf(durations: readonly number[]): readonly number[] {
  return durations.map((_, place) => quantile(durations.slice(Math.max(0, place - WINDOW + 1), place + 1), 0.5));
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
