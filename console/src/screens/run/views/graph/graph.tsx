import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import type { ApiRun } from '@api/api-types.js';
import type { ApiGraphNode } from '@api/run-plan-types.js';
import { messageOf } from '../../../../api/client.js';
import { graphQuery } from '../../../../api/queries.js';
import { Button } from '../../../../design/button.js';
import { Notice } from '../../../../design/notice.js';
import { afterPaint } from '../../../../format/after-paint.js';
import { text } from '../../../../text/en.js';
import type { RunHistory } from '../../history/history.js';
import { Canvas } from './canvas.js';
import { flatten, toBoxes, toFoldedShapes, toShapes } from './fold.js';
import { isGrouped, prepareGroups } from './groups.js';
import { readInsides, type Insides, type Opened } from './insides.js';
import { NodeList } from './node-list.js';
import { placeEarly, prepareLayout, usePlacement } from './use-placement.js';
import { useVisible } from './use-visible.js';
import { useWidth } from './use-width.js';

const t = text.graph;
/** A narrower drawing goes from top to bottom. */
const NARROW_PX = 640;
const MIN_SCALE = 0.3;
const STEP = 1.25;

interface GraphProps {
  readonly run: ApiRun;
  readonly history: RunHistory;
  readonly chosen: string | undefined;
}

/** Which nodes come after which, and how each of them stands. */
export function GraphView({ run, history, chosen }: GraphProps): ReactNode {
  const { data: plan, error } = useQuery(graphQuery(run.run_id));
  const [opened, setOpened] = useState<Opened>(new Map());
  // The list comes first: both at once keep the page busy for too long.
  const canBeDrawn = useDeferredValue(useGrouped(plan), false);
  const insides = useMemo(() => readInsides(run, history, opened), [run, history, opened]);
  if (error !== null) {
    return (
      <div className="p-4">
        <Notice kind="failed">{messageOf(error)}</Notice>
      </div>
    );
  }
  if (plan === undefined) return <div className="skeleton m-4 h-64" />;
  const choose = (path: string, numbers: string | null): void => {
    const next = new Map(opened);
    if (numbers === null) next.delete(path);
    else next.set(path, numbers);
    setOpened(next);
  };
  const toggle = (path: string): void => choose(path, opened.has(path) ? null : '');
  return (
    <div className="grid lg:grid-cols-[minmax(0,1fr)_22rem]">
      {canBeDrawn ? (
        <Drawn plan={plan} insides={insides} chosen={chosen} onToggle={toggle} />
      ) : (
        <div className="skeleton m-4 h-48" />
      )}
      <NodeList plan={plan} insides={insides} opened={opened} chosen={chosen} onChoose={choose} />
    </div>
  );
}

/** Does what can be done for a drawing before it is known how its nodes stand. Gives what stops it. */
export function prepareGraph(plan: readonly ApiGraphNode[] | undefined): () => void {
  prepareLayout();
  if (plan === undefined) return () => undefined;
  return prepareGroups(plan, () => {
    const shapes = toFoldedShapes(plan);
    if (shapes !== null) placeEarly(shapes, innerWidth < NARROW_PX ? 'TB' : 'LR');
  });
}

/** Whether the plan's nodes have been grouped: if not before, after what can be read already has been drawn. */
function useGrouped(plan: readonly ApiGraphNode[] | undefined): boolean {
  const [grouped, setGrouped] = useState<readonly ApiGraphNode[] | null>(null);
  useEffect(() => {
    if (plan === undefined || isGrouped(plan)) return undefined;
    let stop = afterPaint(() => (stop = prepareGroups(plan, () => setGrouped(plan))));
    return () => stop();
  }, [plan]);
  return plan !== undefined && (grouped === plan || isGrouped(plan));
}

interface DrawnProps {
  readonly plan: readonly ApiGraphNode[];
  readonly insides: Insides;
  readonly chosen: string | undefined;
  readonly onToggle: (path: string) => void;
}

function Drawn({ plan, insides, chosen, onToggle }: DrawnProps): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  const width = useWidth(place);
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set());
  const [zoom, setZoom] = useState<number | null>(null);
  const boxes = useMemo(() => toBoxes(plan, { insides, unfolded }), [plan, insides, unfolded]);
  // Where a box stands does not change with how it stands.
  const shape = boxes === null || width === 0 ? null : JSON.stringify(toShapes(boxes));
  const shapes = useMemo(() => (shape === null ? null : (JSON.parse(shape) as ReturnType<typeof toShapes>)), [shape]);
  const placement = usePlacement(shapes, width < NARROW_PX ? 'TB' : 'LR');
  const fitted = placement === null ? 1 : Math.max(MIN_SCALE, Math.min(1, width / placement.width));
  const scale = zoom ?? fitted;
  const view = useVisible(place, scale);
  return (
    <div className="min-w-0">
      {boxes === null && <p className="p-4 text-soft">{t.tooLarge(plan.length)}</p>}
      <div ref={place} data-testid="graph" className="max-h-[35rem] overflow-auto">
        {boxes !== null && placement === null && <div className="skeleton m-4 h-48" />}
        {boxes !== null && placement !== null && (
          <Canvas
            boxes={flatten(boxes)}
            view={view}
            placement={placement}
            chosen={chosen}
            scale={scale}
            onUnfold={(id) => setUnfolded(new Set([...unfolded, id]))}
            onToggle={onToggle}
          />
        )}
      </div>
      {placement !== null && <ZoomBar scale={scale} onZoom={setZoom} />}
    </div>
  );
}

function ZoomBar({
  scale,
  onZoom,
}: {
  readonly scale: number;
  readonly onZoom: (zoom: number | null) => void;
}): ReactNode {
  return (
    <div role="group" aria-label={t.zoom} className="flex gap-1 border-t border-line px-3 py-1.5">
      <Button look="quiet" aria-label={t.smaller} onClick={() => onZoom(Math.max(MIN_SCALE, scale / STEP))}>
        −
      </Button>
      <Button look="quiet" aria-label={t.larger} onClick={() => onZoom(Math.min(2, scale * STEP))}>
        +
      </Button>
      <Button look="quiet" onClick={() => onZoom(null)}>
        {t.fit}
      </Button>
    </div>
  );
}
