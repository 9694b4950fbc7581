import { Link } from '@tanstack/react-router';
import { useMemo, useRef, useState, type ReactNode } from 'react';
import type { ApiNode, ApiRun } from '@api/api-types.js';
import { Took } from '../../../../design/moment.js';
import { StatusIcon } from '../../../../design/status.js';
import { useFixedRows } from '../../../../design/use-fixed-rows.js';
import { formatDuration } from '../../../../format/format.js';
import { text } from '../../../../text/en.js';
import { lastNameOf, nameOf } from '../../node/node-name.js';
import type { NodeHistory, RunHistory } from '../../history/history.js';
import { listRows, withToggled, type TimelineRow } from '../../history/timeline-rows.js';
import { Bar } from './bar.js';
import { Playhead } from './playhead.js';
import { scaleOfEnded, useLiveScale, type Scale } from './scale.js';

const t = text.timeline;
const ROW_PX = 34;
/** Rows beyond this are made only while they are looked at. */
const MAX_HEIGHT_PX = 560;
const AXIS_PX = 26;
const INDENT_PX = 14;
/** Deeper nodes stand no further in: their names tell. */
const MAX_INDENT = 3;

interface TimelineProps {
  readonly run: ApiRun;
  readonly history: RunHistory;
  readonly chosen: string | undefined;
}

/** When each node was at work and when it waited. */
export function Timeline(props: TimelineProps): ReactNode {
  const { run } = props;
  const end = run.completed_at === null ? null : Date.parse(run.completed_at);
  return end === null ? <LiveTimeline {...props} /> : <Rows {...props} scale={scaleOfEnded(run, end)} />;
}

function LiveTimeline(props: TimelineProps): ReactNode {
  return <Rows {...props} scale={useLiveScale(props.run)} />;
}

function Rows({ run, history, chosen, scale }: TimelineProps & { readonly scale: Scale }): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const { nodes } = run;
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const started = useMemo(
    () => nodes.filter(({ id }) => (history.nodes.get(id)?.stretches.length ?? 0) > 0),
    [nodes, history],
  );
  const shown = useMemo(() => listRows(started, { run, history, toggled }), [started, run, history, toggled]);
  const { indexes, height } = useFixedRows(box, shown.length, ROW_PX);
  if (started.length === 0) return <p className="p-4 text-soft">{run.terminal ? t.none : t.empty}</p>;
  return (
    <>
      <div
        ref={box}
        tabIndex={0}
        role="group"
        aria-label={text.views.timeline}
        style={{ maxHeight: MAX_HEIGHT_PX, scrollPaddingTop: AXIS_PX }}
        className="overflow-y-auto"
      >
        <Axis scale={scale} rowsPx={height} />
        <ol className="relative" style={{ height }}>
          {indexes.map((index) => {
            const row = shown.at(index);
            return (
              row !== undefined && (
                <li key={row.node.id} className="absolute inset-x-0" style={{ top: index * ROW_PX, height: ROW_PX }}>
                  <Row
                    row={row}
                    history={history.nodes.get(row.node.id)}
                    scale={scale}
                    isChosen={row.node.id === chosen}
                    onToggle={(id) => setToggled(withToggled(toggled, id))}
                  />
                </li>
              )
            );
          })}
        </ol>
      </div>
      <p className="border-t border-line px-4 py-2 text-sm text-soft">
        {started.length < run.nodes.length && `${t.notStarted(run.nodes.length - started.length)}. `}
        {t.hint}
      </p>
    </>
  );
}

const GRID =
  'grid grid-cols-[14rem_minmax(0,1fr)_4.5rem] items-center gap-3 px-4 max-md:grid-cols-[7.5rem_minmax(0,1fr)_3.75rem] max-md:gap-2 max-md:px-2';

/** Stays above the rows, as wide as they are. The playhead is drawn from it over all rows that are seen. */
function Axis({ scale, rowsPx }: { readonly scale: Scale; readonly rowsPx: number }): ReactNode {
  const whole = scale.to - scale.from;
  return (
    <div className="sticky top-0 z-10" style={{ height: AXIS_PX }} aria-hidden="true">
      <div className={`${GRID} h-full border-b border-line bg-panel text-xs text-soft`}>
        <span>{t.node}</span>
        <span className="flex justify-between tabular-nums">
          <span>0</span>
          <span className="max-md:hidden">{formatDuration(whole / 2)}</span>
          <span>{formatDuration(whole)}</span>
        </span>
        <span className="text-right">{text.run.took}</span>
      </div>
      {scale.isLive && (
        <div
          className={`${GRID} pointer-events-none absolute inset-x-0 top-0`}
          style={{ height: Math.min(AXIS_PX + rowsPx, MAX_HEIGHT_PX) }}
        >
          <span className="relative col-start-2 h-full">
            <Playhead scale={scale} />
          </span>
        </div>
      )}
    </div>
  );
}

function Row({
  row,
  history,
  scale,
  isChosen,
  onToggle,
}: {
  readonly row: TimelineRow;
  readonly history: NodeHistory | undefined;
  readonly scale: Scale;
  readonly isChosen: boolean;
  readonly onToggle: (id: string) => void;
}): ReactNode {
  const { node } = row;
  const stretches = history?.stretches ?? [];
  const from = stretches[0]?.from;
  return (
    <div data-row className={`${GRID} h-full ${isChosen ? 'bg-sunken' : ''}`}>
      <RowName row={row} isChosen={isChosen} onToggle={onToggle} />
      <span className="relative h-4">
        {stretches.map((stretch) => (
          <Bar key={`${stretch.kind} ${stretch.from}`} stretch={stretch} node={node} scale={scale} />
        ))}
      </span>
      <span className="text-right text-xs whitespace-nowrap text-soft tabular-nums">
        {from !== undefined && <Took from={from} to={stretches.at(-1)?.to ?? endOf(scale)} />}
      </span>
    </div>
  );
}

/** Of a run that has ended, so has all of it. */
function endOf({ isLive, to }: Scale): string | null {
  return isLive ? null : new Date(to).toISOString();
}

function RowName({
  row: { node, depth, inside, isOpen },
  isChosen,
  onToggle,
}: {
  readonly row: TimelineRow;
  readonly isChosen: boolean;
  readonly onToggle: (id: string) => void;
}): ReactNode {
  return (
    <span className="flex min-w-0 items-center gap-1" style={{ paddingLeft: Math.min(depth, MAX_INDENT) * INDENT_PX }}>
      <Link
        from="/runs/$runId"
        search={(search) => ({ ...search, node: node.id })}
        resetScroll={false}
        aria-current={isChosen ? 'true' : undefined}
        data-open
        className="plain flex min-w-0 items-center gap-2 text-sm text-ink hover:underline"
      >
        <span className={`state state-${node.status} text-(--state)`}>
          <StatusIcon status={node.status} />
        </span>
        <span className="truncate" title={node.id}>
          {/* On a phone there is no room for it; a row above has what it stands in. */}
          <span className="max-md:sr-only">{holderOf(node)}</span>
          {nameOf(node).slice(holderOf(node).length)}
        </span>
        <span className="sr-only">{text.status[node.status]}</span>
      </Link>
      {inside > 0 && (
        <button
          type="button"
          aria-expanded={isOpen}
          aria-label={t.inside(inside, nameOf(node))}
          onClick={() => onToggle(node.id)}
          className="ml-auto shrink-0 rounded border border-line px-1.5 text-xs text-soft tabular-nums hover:text-ink"
        >
          {isOpen ? '−' : '+'} {inside.toLocaleString()}
        </button>
      )}
    </span>
  );
}

/** How the name begins of a node inside others, but for the number of its item or round. */
function holderOf(node: ApiNode): string {
  const before = nameOf(node).slice(0, -lastNameOf(node).length);
  return before.replace(/(\[\d+\])+ › $/, '');
}
