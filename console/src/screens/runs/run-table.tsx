import { Link } from '@tanstack/react-router';
import { useRef, type ReactNode } from 'react';
import type { ApiRunListItem } from '@api/api-types.js';
import { Moment, Took } from '../../design/moment.js';
import { StatusBadge } from '../../design/status.js';
import { shortRunId } from '../../format/format.js';
import { text } from '../../text/en.js';
import { useRowKeys } from './use-row-keys.js';

const t = text.runs.columns;
const HEAD = [t.status, t.run, t.outcome, t.started, t.took, t.credits];

/** One row a run; on a phone, one card. Its link is what the keyboard goes through. */
export function RunTable({ runs }: { readonly runs: readonly ApiRunListItem[] }): ReactNode {
  const body = useRef<HTMLTableSectionElement>(null);
  useRowKeys(body);
  return (
    <div className="overflow-hidden rounded-lg border border-line bg-panel">
      <table className="w-full table-fixed border-collapse max-md:block">
        <caption className="sr-only">{text.runs.title}</caption>
        <thead className="max-md:sr-only">
          <tr className="border-b border-line text-left text-xs text-soft">
            {HEAD.map((name, column) => (
              <th key={name} scope="col" className={`px-3 py-2 font-medium ${WIDTHS[column]}`}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody ref={body} className="max-md:block">
          {runs.map((run) => (
            <RunRow key={run.run_id} run={run} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

const WIDTHS = ['w-44', 'w-60', '', 'w-28', 'w-28', 'w-20'];
const CELL = 'px-3 py-2 align-middle max-md:block max-md:px-4 max-md:py-0.5';

function RunRow({ run }: { readonly run: ApiRunListItem }): ReactNode {
  return (
    <tr className="relative border-b border-line last:border-b-0 hover:bg-sunken max-md:block max-md:py-3">
      <td className={CELL}>
        <StatusBadge status={run.status} />
      </td>
      <td className={CELL}>
        {/* The link covers its row. */}
        <Link
          to="/runs/$runId"
          params={{ runId: run.run_id }}
          data-row
          className="plain block font-medium text-ink after:absolute after:inset-0 hover:text-link"
        >
          <span className="block truncate">{run.workflow_name}</span>
          <span className="font-mono text-xs font-normal text-soft" title={run.run_id}>
            {shortRunId(run.run_id)}
          </span>
        </Link>
      </td>
      <td className={`${CELL} text-sm`}>
        <Outcome run={run} />
      </td>
      <td className={`${CELL} text-sm text-soft`}>
        <Moment at={run.created_at} relative />
      </td>
      <td className={`${CELL} text-sm text-soft tabular-nums max-md:hidden`}>
        {run.started_at === null ? '–' : <Took from={run.started_at} to={run.completed_at} />}
      </td>
      <td className={`${CELL} text-sm text-soft tabular-nums max-md:hidden`}>
        {run.terminal ? run.credits_consumed : run.credits_reserved}
      </td>
    </tr>
  );
}

/** Why it failed, before anything else. */
function Outcome({ run }: { readonly run: ApiRunListItem }): ReactNode {
  const { error, output_error: outputError, summary } = run;
  if (error !== null) {
    return (
      <span className="line-clamp-2 text-failed wrap-anywhere">
        {error.node_id !== null && <b className="font-semibold">{error.node_id}: </b>}
        {error.message}
      </span>
    );
  }
  if (outputError !== null) return <span className="line-clamp-2 text-failed wrap-anywhere">{outputError}</span>;
  return <span className="line-clamp-2 text-soft wrap-anywhere">{summary}</span>;
}
