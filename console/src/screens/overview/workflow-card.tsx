import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ApiRunListItem } from '@api/api-types.js';
import type { ApiTrend } from '@api/overview-types.js';
import { Moment } from '../../design/moment.js';
import { OutcomeFacts } from '../../design/outcome-facts.js';
import { Fact } from '../../design/panel.js';
import { formatModelCost, formatMoment, formatSeconds, hasModelCost, inBothZones } from '../../format/format.js';
import { useTimeZone } from '../../format/time-zone.js';
import { text } from '../../text/en.js';
import { Multiples } from './multiples.js';

const t = text.overview;

/** How the last runs of a workflow fared, in one look. */
export function WorkflowCard({ trend }: { readonly trend: ApiTrend }): ReactNode {
  const { latest } = trend;
  return (
    <article data-row className="h-full space-y-3 rounded-lg border border-line bg-panel p-4">
      <h3 className="truncate text-base">
        <Link
          to="/workflows/$workflowId"
          params={{ workflowId: trend.workflow_id }}
          data-open
          className="plain text-ink hover:underline"
        >
          {trend.workflow_name}
        </Link>
      </h3>
      <RunStrip runs={latest} />
      <Figures trend={trend} />
      <Multiples spans={trend.spans} />
      <LastFailure runs={latest} />
    </article>
  );
}

/** One bar a run, the newest on the right; taller where it took longer. */
function RunStrip({ runs }: { readonly runs: readonly ApiRunListItem[] }): ReactNode {
  const zone = useTimeZone();
  const longest = Math.max(1, ...runs.map((run) => durationOf(run) ?? 0));
  return (
    <ul aria-label={t.last(runs.length)} className="flex h-10 items-end gap-0.5">
      {runs.toReversed().map((run) => {
        const share = Math.sqrt((durationOf(run) ?? longest) / longest);
        return (
          <li key={run.run_id} className="flex h-full max-w-3 flex-1 items-end">
            <Link
              to="/runs/$runId"
              params={{ runId: run.run_id }}
              title={`${text.status[run.status]}\n${inBothZones(run.created_at)}`}
              aria-label={`${text.status[run.status]}, ${formatMoment(run.created_at, zone)}`}
              className={`plain state state-${run.status} block w-full rounded-sm bg-(--state) hover:opacity-70`}
              style={{ height: `${Math.max(15, share * 100)}%` }}
            />
          </li>
        );
      })}
    </ul>
  );
}

function Figures({ trend }: { readonly trend: ApiTrend }): ReactNode {
  const { whole, latest } = trend;
  const { duration_seconds: duration, credits, runs } = whole;
  return (
    <dl className="flex flex-wrap gap-x-6 gap-y-1 text-sm" title={t.figuresOf(runs)}>
      <OutcomeFacts outcomes={whole} />
      <Fact name={t.half}>{formatSeconds(duration?.p50)}</Fact>
      <Fact name={t.most}>{formatSeconds(duration?.p95)}</Fact>
      <Fact name={t.credits}>{credits.toLocaleString()}</Fact>
      {hasModelCost(trend) && <Fact name={t.cost(latest.length)}>{formatModelCost(trend)}</Fact>}
    </dl>
  );
}

function LastFailure({ runs }: { readonly runs: readonly ApiRunListItem[] }): ReactNode {
  const run = runs.find(({ error }) => error !== null);
  if (run === undefined) return null;
  return (
    <p className="line-clamp-2 text-sm wrap-anywhere">
      <Link to="/runs/$runId" params={{ runId: run.run_id }}>
        {t.lastFailure}
      </Link>
      , <Moment at={run.created_at} relative />: <span className="text-failed">{run.error?.message}</span>
    </p>
  );
}

function durationOf({ started_at: from, completed_at: to }: ApiRunListItem): number | null {
  return from === null || to === null ? null : Math.max(0, Date.parse(to) - Date.parse(from));
}
