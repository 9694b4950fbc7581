import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { StatusIcon } from '../../../../design/status.js';
import { text } from '../../../../text/en.js';
import { lastNameOf } from '../../node/node-name.js';
import { countStatuses, statusOf, type Box } from './fold.js';
import { Arrows } from './arrows.js';
import type { Place, Placement } from './layout.js';
import { TITLE_HEIGHT } from './sizes.js';
import { overlaps, type Area } from './use-visible.js';

const t = text.graph;

interface CanvasProps {
  readonly boxes: readonly Box[];
  readonly placement: Placement;
  readonly chosen: string | undefined;
  readonly scale: number;
  /** What can be seen: nothing else is drawn. */
  readonly view: Area;
  /** Draws each node of a group of like ones. */
  readonly onUnfold: (groupId: string) => void;
  /** Opens what holds nodes, or closes it. */
  readonly onToggle: (path: string) => void;
}

/** The drawing, for who points at it; the list beside it says the same to all others. */
export function Canvas({ boxes, placement, chosen, scale, view, onUnfold, onToggle }: CanvasProps): ReactNode {
  const { places, width, height } = placement;
  const statuses = new Map(boxes.map((box) => [box.id, statusOf(box)]));
  return (
    <div aria-hidden="true" style={{ width: width * scale, height: height * scale }} className="relative mx-auto">
      <div className="absolute top-0 left-0 origin-top-left" style={{ width, height, transform: `scale(${scale})` }}>
        {boxes.map((box) => {
          const place = places.get(box.id);
          return (
            place !== undefined &&
            overlaps(areaOf(place), view) && (
              <div
                key={box.id}
                className="absolute"
                style={{ ...place, height: box.inside === null ? place.height : undefined }}
                data-box={box.id}
              >
                {box.inside !== null && <Frame box={box} height={place.height} />}
                {box.nodes.length === 1 ? (
                  <NodeBox box={box} isChosen={box.id === chosen} onToggle={() => onToggle(box.id)} />
                ) : (
                  <GroupBox box={box} onUnfold={() => onUnfold(box.id)} />
                )}
              </div>
            )
          );
        })}
        <Arrows placement={placement} statuses={statuses} view={view} />
      </div>
    </div>
  );
}

function areaOf({ left, top, width, height }: Place): Area {
  return { left, top, right: left + width, bottom: top + height };
}

const FRAME = 'plain flex h-full w-full flex-col justify-center rounded-md border px-2.5 text-left text-ink';

/** Around what stands in a box. */
function Frame({ box, height }: { readonly box: Box; readonly height: number }): ReactNode {
  return (
    <div
      style={{ height }}
      className={`state state-${statusOf(box)} absolute inset-x-0 top-0 rounded-md border border-(--state) bg-sunken`}
    />
  );
}

function NodeBox({
  box,
  isChosen,
  onToggle,
}: {
  readonly box: Box;
  readonly isChosen: boolean;
  readonly onToggle: () => void;
}): ReactNode {
  const isOpen = box.inside !== null;
  return (
    <div className="relative h-full" style={{ height: isOpen ? TITLE_HEIGHT : undefined }}>
      <NodeLink box={box} isChosen={isChosen} />
      {box.plan.nodes.length > 0 && (
        <button
          type="button"
          tabIndex={-1}
          onClick={onToggle}
          title={isOpen ? t.close : t.open}
          className="absolute top-1 right-1 size-6 rounded text-soft hover:bg-sunken hover:text-ink"
        >
          {isOpen ? '−' : '+'}
        </button>
      )}
    </div>
  );
}

function NodeLink({ box, isChosen }: { readonly box: Box; readonly isChosen: boolean }): ReactNode {
  const [node] = box.nodes;
  if (node === undefined) return null;
  const { status } = node;
  const isLoud = status === 'failed' || status === 'running' || status === 'waiting';
  const place = box.inside?.[0]?.id.slice(box.id.length).replace(/\.[^.]*$/, '') ?? '';
  return (
    <Link
      from="/runs/$runId"
      search={(search) => ({ ...search, node: node.id })}
      resetScroll={false}
      tabIndex={-1}
      className={`${FRAME} state state-${status} border-(--state) ${isLoud ? 'bg-(--state-ground)' : 'bg-panel'} ${status === 'skipped' || status === 'pending' ? 'border-dashed' : ''} ${isChosen ? 'outline-2 outline-offset-2 outline-link' : ''}`}
    >
      <span className="flex items-center gap-1.5 text-sm font-medium">
        <span className="text-(--state)">
          <StatusIcon status={status} />
        </span>
        <span className="truncate">
          {lastNameOf(node)}
          {place !== '' && <span className="font-normal text-soft"> {place}</span>}
        </span>
      </span>
      {box.inside === null && <span className="truncate text-xs text-soft tabular-nums">{describeNode(box)}</span>}
    </Link>
  );
}

/** What a box says below its name. */
export function describeNode({ nodes, plan }: Pick<Box, 'nodes' | 'plan'>): string {
  const [node] = nodes;
  if (node === undefined) return '';
  const { kind, items, rounds, attempt, child_run_id: child } = node;
  return [
    plan.inner_kind === null ? kind : t.mapOf(plan.inner_kind),
    ...(items === null ? [] : [text.timeline.items(items.done, items.total, items.failed)]),
    ...(rounds === null ? [] : [t.rounds(rounds)]),
    ...(plan.nodes.length === 0 || items !== null || rounds !== null ? [] : [t.holds(plan.nodes.length)]),
    ...(attempt > 1 ? [text.timeline.work(attempt)] : []),
    ...(plan.conditional ? [t.conditional] : []),
    ...(child === null ? [] : [t.child]),
  ].join(' · ');
}

function GroupBox({ box, onUnfold }: { readonly box: Box; readonly onUnfold: () => void }): ReactNode {
  const status = statusOf(box);
  return (
    <button
      type="button"
      tabIndex={-1}
      onClick={onUnfold}
      title={t.unfold}
      className={`${FRAME} state state-${status} border-2 border-double border-(--state) bg-panel`}
    >
      <span className="truncate text-sm font-medium">{t.alike(box.nodes.length, box.nodes[0]?.id ?? '')}</span>
      <span className="flex gap-2 text-xs text-soft tabular-nums">
        {countStatuses(box).map(([each, count]) => (
          <span key={each} className={`state state-${each} flex items-center gap-1 text-(--state)`}>
            <StatusIcon status={each} /> {count}
          </span>
        ))}
      </span>
    </button>
  );
}
