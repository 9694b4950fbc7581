import { Link } from '@tanstack/react-router';
import { useMemo, useRef, useState, type ReactNode } from 'react';
import type { ApiNode, ApiRun } from '@api/api-types.js';
import { StatusIcon } from '../../../design/status.js';
import { useFixedRows } from '../../../design/use-fixed-rows.js';
import { formatDuration, inBothZones } from '../../../format/format.js';
import { useNow } from '../../../format/use-now.js';
import { text } from '../../../text/en.js';
import { lastNameOf, nameOf } from '../node/node-name.js';
import type { NodeHistory, RunHistory, Stretch } from '../history/history.js';
import { listRows, withToggled, type TimelineRow } from '../history/timeline-rows.js';

const t = text.timeline;
const ROW_PX = 34;
/** Rows beyond this are made only while they are looked at. */
const MAX_HEIGHT_PX = 560;
const INDENT_PX = 14;
/** Deeper nodes stand no further in: their names tell. */
const MAX_INDENT = 3;

interface Scale {
  readonly from: number;
  readonly to: number;
}

interface TimelineProps {
  readonly run: ApiRun;
  readonly history: RunHistory;
  readonly chosen: string | undefined;
}

/** When each node was at work and when it waited. */
export function Timeline(props: TimelineProps): ReactNode {
  const { run } = props;
  const end = run.completed_at === null ? null : Date.parse(run.completed_at);
  return end === null ? <LiveTimeline {...props} /> : <Rows {...props} scale={scaleOf(run, end)} />;
}

function LiveTimeline(props: TimelineProps): ReactNode {
  return <Rows {...props} scale={scaleOf(props.run, useNow())} />;
}

function scaleOf(run: ApiRun, to: number): Scale {
  const from = Date.parse(run.created_at);
  return { from, to: Math.max(to, from + 1) };
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
      <Axis scale={scale} />
      <div
        ref={box}
        tabIndex={0}
        role="group"
        aria-label={text.views.timeline}
        style={{ maxHeight: MAX_HEIGHT_PX }}
        className="overflow-y-auto"
      >
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

function Axis({ scale }: { readonly scale: Scale }): ReactNode {
  const whole = scale.to - scale.from;
  return (
    <div className={`${GRID} border-b border-line py-1 text-xs text-soft`} aria-hidden="true">
      <span>{t.node}</span>
      <span className="flex justify-between tabular-nums">
        <span>0</span>
        <span className="max-md:hidden">{formatDuration(whole / 2)}</span>
        <span>{formatDuration(whole)}</span>
      </span>
      <span className="text-right">{text.run.took}</span>
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
  const to = stretches.at(-1)?.to ?? null;
  return (
    <div data-row className={`${GRID} h-full ${isChosen ? 'bg-sunken' : ''}`}>
      <RowName row={row} isChosen={isChosen} onToggle={onToggle} />
      <span className="relative h-4">
        {stretches.map((stretch) => (
          <Bar key={`${stretch.kind} ${stretch.from}`} stretch={stretch} node={node} scale={scale} />
        ))}
      </span>
      <span className="text-right text-xs whitespace-nowrap text-soft tabular-nums">
        {from !== undefined && formatDuration((to === null ? scale.to : Date.parse(to)) - Date.parse(from))}
      </span>
    </div>
  );
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

function Bar({
  stretch,
  node,
  scale,
}: {
  readonly stretch: Stretch;
  readonly node: ApiNode;
  readonly scale: Scale;
}): ReactNode {
  const whole = scale.to - scale.from;
  const from = Date.parse(stretch.from);
  const to = stretch.to === null ? scale.to : Date.parse(stretch.to);
  const left = Math.min(100, Math.max(0, ((from - scale.from) / whole) * 100));
  const width = Math.min(100 - left, Math.max(0, ((to - from) / whole) * 100));
  const isOpen = stretch.to === null;
  const status = stretch.hasFailed
    ? 'failed'
    : stretch.kind === 'wait'
      ? 'waiting'
      : isOpen
        ? 'running'
        : stretch.isCut
          ? 'cancelled'
          : statusOf(node);
  const what = stretch.kind === 'work' ? workWords(stretch) : t.wait(waitWords(stretch.waitsFor));
  return (
    <span
      title={`${what}, ${formatDuration(Math.max(0, to - from))}\n${inBothZones(stretch.from)}`}
      className={`state state-${status} absolute top-0 block h-full min-w-[3px] rounded-sm ${stretch.kind === 'wait' ? 'border border-(--state) bg-(--state-ground)' : 'bg-(--state)'} ${isOpen && stretch.kind === 'work' ? 'bar-busy' : ''}`}
      style={{ left: `${left}%`, width: `${width}%` }}
    />
  );
}

/** An earlier attempt that gave way to a wait was no failure. */
function statusOf({ status }: ApiNode): ApiNode['status'] {
  return status === 'cancelled' ? 'cancelled' : 'completed';
}

function workWords({ attempt, isCut }: Stretch): string {
  return isCut ? `${t.work(attempt)}, ${t.cut}` : t.work(attempt);
}

function waitWords(reason: string | null): string {
  const words: { readonly [reason: string]: string } = text.waiting.reasons;
  return words[reason ?? ''] ?? reason ?? '';
}
