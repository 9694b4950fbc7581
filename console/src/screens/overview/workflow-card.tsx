import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ApiRunListItem, ApiWorkflow } from '@api/api-types.js';
import { latestRunsQuery } from '../../api/queries.js';
import { Fact } from '../../design/panel.js';
import { formatAgo, formatDuration } from '../../format/format.js';
import { useNow } from '../../format/use-now.js';
import { text } from '../../text/en.js';

const t = text.overview;
const STRIP = 30;

/** How the last runs of a workflow fared, in one look. */
export function WorkflowCard({ workflow }: { readonly workflow: ApiWorkflow }): ReactNode {
  const { data: runs } = useQuery(latestRunsQuery({ workflow: workflow.id, limit: STRIP }));
  return (
    <article className="h-full space-y-3 rounded-lg border border-line bg-panel p-4">
      <h3 className="truncate text-base">
        <Link
          to="/workflows/$workflowId"
          params={{ workflowId: workflow.id }}
          className="plain text-ink hover:underline"
        >
          {workflow.name}
        </Link>
      </h3>
      {runs === undefined && <div className="skeleton h-16" />}
      {runs?.length === 0 && <p className="text-sm text-soft">{t.noRuns}</p>}
      {runs !== undefined && runs.length > 0 && (
        <>
          <RunStrip runs={runs} />
          <Figures runs={runs} />
          <LastFailure runs={runs} />
        </>
      )}
    </article>
  );
}

/** One bar a run, the newest on the right; taller where it took longer. */
export function RunStrip({ runs }: { readonly runs: readonly ApiRunListItem[] }): ReactNode {
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
              title={`${text.status[run.status]}, ${run.created_at}`}
              aria-label={`${text.status[run.status]}, ${run.created_at}`}
              className={`plain state state-${run.status} block w-full rounded-sm bg-(--state) hover:opacity-70`}
              style={{ height: `${Math.max(15, share * 100)}%` }}
            />
          </li>
        );
      })}
    </ul>
  );
}

function Figures({ runs }: { readonly runs: readonly ApiRunListItem[] }): ReactNode {
  const ended = runs.filter(({ terminal }) => terminal);
  const durations = ended.flatMap((run) => durationOf(run) ?? []).toSorted((a, b) => a - b);
  const completed = ended.filter(({ status }) => status === 'completed').length;
  const credits = runs.reduce((sum, run) => sum + run.credits_consumed, 0);
  return (
    <dl className="flex flex-wrap gap-x-6 gap-y-1 text-sm">
      <Fact name={t.success}>{ended.length === 0 ? '–' : `${Math.round((completed / ended.length) * 100)} %`}</Fact>
      <Fact name={t.half}>{quantile(durations, 0.5)}</Fact>
      <Fact name={t.most}>{quantile(durations, 0.95)}</Fact>
      <Fact name={t.credits}>{credits}</Fact>
    </dl>
  );
}

function LastFailure({ runs }: { readonly runs: readonly ApiRunListItem[] }): ReactNode {
  const now = useNow();
  const run = runs.find(({ error }) => error !== null);
  if (run === undefined) return null;
  return (
    <p className="line-clamp-2 text-sm wrap-anywhere">
      <Link to="/runs/$runId" params={{ runId: run.run_id }}>
        {t.lastFailure}
      </Link>
      , {formatAgo(run.created_at, now)}: <span className="text-failed">{run.error?.message}</span>
    </p>
  );
}

function durationOf({ started_at: from, completed_at: to }: ApiRunListItem): number | null {
  return from === null || to === null ? null : Math.max(0, Date.parse(to) - Date.parse(from));
}

/** `sorted`: the smallest first. */
function quantile(sorted: readonly number[], share: number): string {
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return value === undefined ? '–' : formatDuration(value);
}
