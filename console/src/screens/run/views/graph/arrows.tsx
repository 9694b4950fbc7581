import type { ReactNode } from 'react';
import type { NodeStatus } from '@core/run/node-execution.js';
import type { Placement } from './layout.js';
import { overlaps, type Area } from './use-visible.js';

/** What comes after what, over the boxes. `statuses`: how far a run has come; without them, all ways are alike. */
export function Arrows({
  placement: { edges, width, height },
  statuses,
  view,
}: {
  readonly placement: Placement;
  readonly statuses?: ReadonlyMap<string, NodeStatus>;
  /** What can be seen; without it, all are drawn. */
  readonly view?: Area;
}): ReactNode {
  const seen = view === undefined ? edges : edges.filter(({ area }) => overlaps(area, view));
  return (
    <svg width={width} height={height} className="pointer-events-none absolute inset-0" fill="none">
      <defs>
        <marker id="graph-tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
          <path d="M0 0l8 4-8 4z" className="fill-edge" />
        </marker>
      </defs>
      {seen.map(({ from, to, path }) => (
        <path
          key={`${from} ${to}`}
          d={path}
          markerEnd="url(#graph-tip)"
          className="stroke-edge"
          strokeWidth={statuses?.get(from) === 'completed' ? 1.8 : 1.2}
          strokeDasharray={statuses !== undefined && isUngone(statuses.get(from), statuses.get(to)) ? '5 4' : undefined}
        />
      ))}
    </svg>
  );
}

/** Whether a way was not gone, or not yet. */
function isUngone(from: NodeStatus | undefined, to: NodeStatus | undefined): boolean {
  return from !== 'completed' || to === 'skipped' || to === 'pending';
}
