import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ApiRunListItem } from '@api/api-types.js';
import type { ApiOverviewWait } from '@api/overview-types.js';
import { hasScope } from '@core/tenant/principal.js';
import { useSession } from '../../app/session-context.js';
import { Moment, Took } from '../../design/moment.js';
import { StatusBadge } from '../../design/status.js';
import { shortRunId } from '../../format/format.js';
import { text } from '../../text/en.js';
import type { Selection } from './bulk/use-selection.js';

const t = text.runs.columns;
const b = text.bulk;
const HEAD = [t.status, t.run, t.outcome, t.started, t.took, t.credits];

/** One row a run; on a phone, one card. Its link is what the keyboard goes through. */
export function RunTable({
  runs,
  selection: given,
  waits,
}: {
  readonly runs: readonly ApiRunListItem[];
  /** For a list of which runs can be selected. */
  readonly selection?: Selection;
  /** What is known of what runs wait for, by their ids. */
  readonly waits?: ReadonlyMap<string, ApiOverviewWait>;
}): ReactNode {
  const selection = hasScope(useSession(), 'run') && given !== undefined ? given : null;
  return (
    <div className="overflow-hidden rounded-lg border border-line bg-panel">
      <table className="w-full table-fixed border-collapse max-md:block">
        <caption className="sr-only">{text.runs.title}</caption>
        <thead className="max-md:sr-only">
          <tr className="border-b border-line text-left text-xs text-soft">
            {selection !== null && (
              <th scope="col" className="w-11 p-0 max-md:hidden">
                <SelectBox
                  label={b.selectPage}
                  isSelected={runs.every(({ run_id: id }) => selection.has(id))}
                  onChange={(isSelected) => selection.set(runs, isSelected)}
                />
              </th>
            )}
            {HEAD.map((name, column) => (
              <th key={name} scope="col" className={`px-3 py-2 font-medium ${WIDTHS[column]}`}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="max-md:block">
          {runs.map((run) => (
            <RunRow key={run.run_id} run={run} selection={selection} wait={waits?.get(run.run_id)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

const WIDTHS = ['w-44', 'w-60', '', 'w-28', 'w-28', 'w-20'];
const CELL = 'px-3 py-2 align-middle max-md:block max-md:px-4 max-md:py-0.5';

interface RowProps {
  readonly run: ApiRunListItem;
  /** Null where nothing can be done to it. */
  readonly selection: Selection | null;
  readonly wait: ApiOverviewWait | undefined;
}

function RunRow({ run, selection, wait }: RowProps): ReactNode {
  const isSelected = selection?.has(run.run_id) === true;
  return (
    <tr
      data-row
      className={`relative border-b border-line last:border-b-0 max-md:block max-md:py-3 ${isSelected ? 'bg-sunken shadow-[inset_3px_0_0_var(--accent)]' : 'hover:bg-sunken'}`}
    >
      {selection !== null && (
        <td className="p-0 align-middle max-md:absolute max-md:top-2 max-md:right-1">
          <SelectBox
            label={b.selectRun(run.workflow_name, shortRunId(run.run_id))}
            isSelected={isSelected}
            onChange={(next) => selection.set([run], next)}
          />
        </td>
      )}
      <td className={CELL}>
        <StatusBadge status={run.status} />
      </td>
      <td className={CELL}>
        {/* The link covers its row. */}
        <Link
          to="/runs/$runId"
          params={{ runId: run.run_id }}
          data-open
          className="plain block font-medium text-ink after:absolute after:inset-0 hover:text-link"
        >
          <span className="block truncate">{run.workflow_name}</span>
          <span className="font-mono text-xs font-normal text-soft" title={run.run_id}>
            {shortRunId(run.run_id)}
          </span>
          {run.tags.length > 0 && (
            <span className="block truncate text-xs font-normal text-soft">{run.tags.join(', ')}</span>
          )}
        </Link>
      </td>
      <td className={`${CELL} text-sm`}>
        <Outcome run={run} wait={run.terminal ? undefined : wait} />
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

/** It stands above the link that covers its row. */
function SelectBox({
  label,
  isSelected,
  onChange,
}: {
  readonly label: string;
  readonly isSelected: boolean;
  readonly onChange: (isSelected: boolean) => void;
}): ReactNode {
  return (
    <label className="relative z-10 flex size-11 cursor-pointer items-center justify-center">
      <input
        type="checkbox"
        aria-label={label}
        checked={isSelected}
        onChange={(event) => onChange(event.target.checked)}
        data-select
        className="size-4"
      />
    </label>
  );
}

/** Why it failed, or what it waits for, before anything else. */
function Outcome({ run, wait }: Pick<RowProps, 'run' | 'wait'>): ReactNode {
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
  if (wait !== undefined) {
    return (
      <span className="line-clamp-2 text-waiting wrap-anywhere">
        <b className="font-semibold">{wait.label ?? wait.node_id}</b> {text.runs.waits(waitOf(wait))}
      </span>
    );
  }
  return <span className="line-clamp-2 text-soft wrap-anywhere">{summary}</span>;
}

function waitOf({ waits_for: waitsFor, reason }: ApiOverviewWait): string {
  const what = waitsFor === 'turn' ? text.runs.turn : text.waiting.reasons[waitsFor];
  return reason === null ? what : `${what}: ${reason}`;
}
