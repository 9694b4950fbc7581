import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ApiOverview, ApiTrend } from '@api/overview-types.js';
import { RUN_STATUSES, type RunStatus } from '@core/run/run.js';
import { overviewQuery, trendsQuery } from '../../api/queries.js';
import { Button } from '../../design/button.js';
import { Notice } from '../../design/notice.js';
import { StatusIcon } from '../../design/status.js';
import { Heading } from '../../design/heading.js';
import { NotYet } from '../../design/not-yet.js';
import { text } from '../../text/en.js';
import { FirstRun } from '../runs/first-run.js';
import { DaysPanel } from './days-panel.js';
import { QuestionsPanel, WaitsPanel } from './waits-panel.js';
import { WorkflowCard } from './workflow-card.js';

const t = text.overview;
/** What goes on, what needs a look, and what is done. */
const SHOWN = ['running', 'pending', 'failed', 'partial_complete', 'cancelled', 'completed'] as const;

/** What goes on now, what needs a person, what waits, and how each workflow fares. */
export function OverviewScreen(): ReactNode {
  const { data: overview, error } = useQuery(overviewQuery);
  const isEmpty = overview !== undefined && RUN_STATUSES.every((status) => overview.counts[status] === 0);
  return (
    <div className="space-y-4">
      <Heading title={t.title} />
      {error !== null && <Notice kind="waiting">{text.common.unreachable}</Notice>}
      {isEmpty ? <FirstRun /> : <Counts counts={overview?.counts} />}
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <QuestionsPanel overview={overview} />
        <WaitsPanel overview={overview} />
      </div>
      <DaysPanel />
      <Workflows />
    </div>
  );
}

function Counts({ counts }: { readonly counts: ApiOverview['counts'] | undefined }): ReactNode {
  return (
    <section
      aria-label={t.now}
      className="grid grid-cols-[repeat(auto-fit,minmax(min(9rem,100%),1fr))] gap-3 lg:grid-cols-3 2xl:grid-cols-6"
    >
      {SHOWN.map((status) => (
        <Count key={status} status={status} label={t.counts[status]} count={counts?.[status]} />
      ))}
    </section>
  );
}

function Count({
  status,
  label,
  count,
}: {
  readonly status: RunStatus;
  readonly label: string;
  readonly count: number | undefined;
}): ReactNode {
  return (
    <Link
      to="/runs"
      search={{ status }}
      className={`plain state state-${status} flex items-center gap-3 rounded-lg border border-line bg-panel p-4 text-ink max-sm:p-3 hover:border-edge`}
    >
      <span className="rounded-full bg-(--state-ground) p-2 text-(--state)">
        <StatusIcon status={status} />
      </span>
      <span className="min-w-0">
        <span className="block text-2xl leading-tight font-semibold tabular-nums max-sm:text-base">
          {count?.toLocaleString() ?? '–'}
        </span>
        <span className="text-sm text-soft">{label}</span>
      </span>
    </Link>
  );
}

function Workflows(): ReactNode {
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(trendsQuery);
  const trends = data?.pages.flatMap(({ workflows }) => workflows);
  const idle = trends?.filter(({ latest }) => latest.length === 0) ?? [];
  return (
    <section aria-label={t.workflows} className="space-y-3">
      <h2 className="text-base">{t.workflows}</h2>
      {trends === undefined && <NotYet error={error} size="h-40" />}
      <ul className="grid gap-3 md:grid-cols-2 2xl:grid-cols-3">
        {trends
          ?.filter(({ latest }) => latest.length > 0)
          .map((trend) => (
            <li key={trend.workflow_id} className="min-w-0">
              <WorkflowCard trend={trend} />
            </li>
          ))}
      </ul>
      {idle.length > 0 && <Idle trends={idle} />}
      {hasNextPage && (
        <Button disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {t.moreWorkflows}
        </Button>
      )}
    </section>
  );
}

/** Nothing is to be seen of them yet but their names. */
function Idle({ trends }: { readonly trends: readonly ApiTrend[] }): ReactNode {
  return (
    <p className="flex flex-wrap gap-x-3 gap-y-1 text-sm text-soft wrap-anywhere">
      {t.noRuns}:
      {trends.map(({ workflow_id: id, workflow_name: name }) => (
        <Link key={id} to="/workflows/$workflowId" params={{ workflowId: id }}>
          {name}
        </Link>
      ))}
    </p>
  );
}
