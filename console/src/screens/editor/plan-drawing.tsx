import { useMemo, useRef, type ReactNode } from 'react';
import type { ApiGraphNode } from '@api/run-plan-types.js';
import { text } from '../../text/en.js';
import { Arrows } from '../run/views/graph/arrows.js';
import type { Shape } from '../run/views/graph/layout.js';
import { useWidth } from '../run/views/graph/use-width.js';
import { usePlacement } from '../run/views/graph/use-placement.js';

const t = text.editor;
const MIN_SCALE = 0.4;
/** Placed anew while somebody types. */
const MAX_DRAWN = 250;

/** What a definition would run, as far as it can be made out. */
export function PlanDrawing({ nodes }: { readonly nodes: readonly ApiGraphNode[] }): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  const width = useWidth(place);
  const kinds = useMemo(() => new Map(listKinds(nodes, null)), [nodes]);
  const shapes = useMemo(
    () => (width === 0 || kinds.size === 0 || kinds.size > MAX_DRAWN ? null : toShapes(nodes, null)),
    [nodes, kinds, width === 0],
  );
  const placement = usePlacement(shapes, 'TB');
  const scale = placement === null ? 1 : Math.max(MIN_SCALE, Math.min(1, width / placement.width));
  return (
    <div ref={place} data-testid="plan" role="img" aria-label={t.graphOf(describe(nodes))} className="overflow-auto">
      {nodes.length === 0 && <p className="p-4 text-soft">{t.noGraph}</p>}
      {kinds.size > MAX_DRAWN && <p className="p-4 text-soft">{text.graph.tooLarge(kinds.size)}</p>}
      {placement !== null && nodes.length > 0 && (
        <div className="relative mx-auto" style={{ width: placement.width * scale, height: placement.height * scale }}>
          <div
            className="absolute top-0 left-0 origin-top-left"
            style={{ width: placement.width, height: placement.height, transform: `scale(${scale})` }}
          >
            {[...placement.places].map(([path, where]) => (
              <div
                key={path}
                style={where}
                className="absolute rounded-md border border-edge bg-panel px-2.5 py-1.5 text-sm"
              >
                <p className="truncate font-medium">{path.slice(path.lastIndexOf('.') + 1)}</p>
                <p className="truncate text-xs text-soft">{kinds.get(path)}</p>
              </div>
            ))}
            <Arrows placement={placement} />
          </div>
        </div>
      )}
    </div>
  );
}

function toShapes(nodes: readonly ApiGraphNode[], holder: string | null): readonly Shape[] {
  const known = new Set(nodes.map(({ id }) => id));
  return nodes.map(({ id, needs, nodes: inside }) => ({
    id: pathOf(holder, id),
    // A need that there is no node for is a fault, and told of as one.
    after: needs.filter((need) => known.has(need) && need !== id).map((need) => pathOf(holder, need)),
    inside: inside.length === 0 ? null : toShapes(inside, pathOf(holder, id)),
  }));
}

function listKinds(nodes: readonly ApiGraphNode[], holder: string | null): readonly (readonly [string, string])[] {
  return nodes.flatMap(({ id, kind, inner_kind: inner, nodes: inside }) => [
    [pathOf(holder, id), inner === null ? kind : text.graph.mapOf(inner)] as const,
    ...listKinds(inside, pathOf(holder, id)),
  ]);
}

function pathOf(holder: string | null, id: string): string {
  return holder === null ? id : `${holder}.${id}`;
}

function describe(nodes: readonly ApiGraphNode[]): string {
  return nodes
    .map(({ id, needs }) =>
      needs.length === 0 ? `${id} ${text.graph.first}` : `${id} ${text.graph.after(needs.join(', '))}`,
    )
    .join('; ');
}
