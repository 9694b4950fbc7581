import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo, type ReactNode } from 'react';
import type { ApiOverviewWait } from '@api/overview-types.js';
import { messageOf } from '../../api/client.js';
import { overviewQuery, runsQuery } from '../../api/queries.js';
import { keepFilters, type RunFilters } from '../../app/run-filters.js';
import { Notice } from '../../design/notice.js';
import { Heading } from '../../design/heading.js';
import { text } from '../../text/en.js';
import { BulkBar } from './bulk/bulk-bar.js';
import { RunningJobs } from './bulk/running-jobs.js';
import { useSelection } from './bulk/use-selection.js';
import { FirstRun } from './first-run.js';
import { RunFilterBar } from './run-filter-bar.js';
import { RunTable } from './run-table.js';
import { ViewsBar } from './views-bar.js';

const t = text.runs;

/** All runs of the organization, newest first, as the address filters them. */
export function RunsScreen(): ReactNode {
  const filters = useSearch({ from: '/runs' });
  const navigate = useNavigate({ from: '/runs' });
  const { data, error, isPlaceholderData } = useQuery(runsQuery(filters));
  const waits = useWaits();
  useEffect(() => keepFilters(filters), [filters]);
  const selection = useSelection();
  const change = (next: RunFilters): void => {
    selection.clear();
    void navigate({ search: next });
  };
  const isFiltered = Object.keys(filters).length > 0;
  return (
    <div className="space-y-3">
      <div className="flex flex-wrap items-baseline justify-between gap-2">
        <Heading title={t.title} />
        <p className="text-sm text-soft tabular-nums">
          {data?.total === undefined || data.total === null ? '' : t.total(data.total)}
        </p>
      </div>
      <RunFilterBar filters={filters} onChange={change} />
      <ViewsBar filters={filters} onClear={() => change({})} />
      <RunningJobs />
      {error !== null && <Notice kind="failed">{messageOf(error)}</Notice>}
      {filters.before !== undefined && <p className="text-sm text-soft">{t.showingOlder}</p>}
      {data === undefined ? (
        <RunTableSkeleton />
      ) : data.runs.length > 0 ? (
        <div className={`space-y-2 ${isPlaceholderData ? 'opacity-60' : ''}`}>
          <BulkBar filters={filters} selection={selection} />
          <RunTable runs={data.runs} selection={selection} waits={waits} />
        </div>
      ) : isFiltered ? (
        <p className="rounded-lg border border-line bg-panel p-6 text-center">{t.noneFound}</p>
      ) : (
        <FirstRun />
      )}
      <Pages filters={filters} last={data?.next_before ?? undefined} />
    </div>
  );
}

/** What runs wait for, of the newest that go on. */
function useWaits(): ReadonlyMap<string, ApiOverviewWait> {
  const { data } = useQuery(overviewQuery);
  return useMemo(() => new Map(data?.waits.map((wait) => [wait.run_id, wait])), [data]);
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
