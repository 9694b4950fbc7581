import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { messageOf } from '../../api/client.js';
import { RUNS_PER_PAGE, runsQuery, type RunFilters } from '../../api/queries.js';
import { Notice } from '../../design/notice.js';
import { text } from '../../text/en.js';
import { FirstRun } from './first-run.js';
import { RunFilterBar } from './run-filter-bar.js';
import { RunTable } from './run-table.js';

const t = text.runs;

/** All runs of the organization, newest first, as the address filters them. */
export function RunsScreen(): ReactNode {
  const filters = useSearch({ from: '/runs' });
  const navigate = useNavigate({ from: '/runs' });
  const { data, error, isPlaceholderData } = useQuery(runsQuery(filters));
  const change = (next: RunFilters): void => void navigate({ search: next });
  const isFiltered = filters.status !== undefined || filters.workflow !== undefined;
  return (
    <div className="space-y-3">
      <div className="flex flex-wrap items-baseline justify-between gap-2">
        <h1 className="text-xl">{t.title}</h1>
        <p className="text-sm text-soft tabular-nums">{data === undefined ? '' : t.total(data.total)}</p>
      </div>
      <RunFilterBar filters={filters} onChange={change} />
      {error !== null && <Notice kind="failed">{messageOf(error)}</Notice>}
      {filters.before !== undefined && <p className="text-sm text-soft">{t.showingOlder}</p>}
      {data === undefined ? (
        <RunTableSkeleton />
      ) : data.runs.length > 0 ? (
        <div className={isPlaceholderData ? 'opacity-60' : ''}>
          <RunTable runs={data.runs} />
        </div>
      ) : isFiltered ? (
        <p className="rounded-lg border border-line bg-panel p-6 text-center">{t.noneFound}</p>
      ) : (
        <FirstRun />
      )}
      <Pages filters={filters} last={data?.runs.length === RUNS_PER_PAGE ? data.runs.at(-1)?.run_id : undefined} />
    </div>
  );
}

function Pages({ filters, last }: { readonly filters: RunFilters; readonly last: string | undefined }): ReactNode {
  const { before, ...others } = filters;
  return (
    <nav className="flex gap-4 text-sm" aria-label={t.older}>
      {before !== undefined && (
        <Link to="/runs" search={others}>
          {t.newest}
        </Link>
      )}
      {last !== undefined && (
        <Link to="/runs" search={{ ...filters, before: last }}>
          {t.older}
        </Link>
      )}
    </nav>
  );
}

function RunTableSkeleton(): ReactNode {
  return (
    <div className="space-y-2" role="status" aria-label={text.common.loading}>
      {Array.from({ length: 8 }, (_, row) => (
        <div key={row} className="skeleton h-11" />
      ))}
    </div>
  );
}
