import { Graph, layout } from '@dagrejs/dagre';
import type { Area } from './use-visible.js';
import { BOX_HEIGHT, BOX_WIDTH, TITLE_HEIGHT } from './sizes.js';

/** Around a whole drawing, and around what stands in a box. */
const MARGIN = 16;

/** What a box is for who places it. */
export interface Shape {
  readonly id: string;
  /** The boxes beside it that it comes after. */
  readonly after: readonly string[];
  /** The boxes in it; null for one that is closed, or holds none. */
  readonly inside: readonly Shape[] | null;
}

export interface Place {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface PlacedEdge {
  readonly from: string;
  readonly to: string;
  /** Of an SVG path. */
  readonly path: string;
  /** Around it. */
  readonly area: Area;
}

/** Boxes before those that stand in them, all from the same corner. */
export interface Placement {
  readonly places: ReadonlyMap<string, Place>;
  readonly edges: readonly PlacedEdge[];
  readonly width: number;
  readonly height: number;
}

export type Direction = 'LR' | 'TB';

/** Places boxes in layers, each after those that it needs; what stands in a box is placed first, and makes its size. */
export function placeBoxes(shapes: readonly Shape[], direction: Direction): Placement {
  const graph = new Graph();
  graph.setGraph({ rankdir: direction, nodesep: 18, ranksep: 44, marginx: MARGIN, marginy: MARGIN });
  const insides = new Map<string, Placement>();
  for (const { id, inside } of shapes) {
    const placed = inside === null ? null : placeBoxes(inside, direction);
    if (placed !== null) insides.set(id, placed);
    graph.setNode(id, {
      width: Math.max(BOX_WIDTH, placed?.width ?? 0),
      height: placed === null ? BOX_HEIGHT : placed.height + TITLE_HEIGHT,
    });
  }
  for (const { id, after } of shapes) for (const from of after) graph.setEdge(from, id, {});
  layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  const places = new Map<string, Place>();
  const edges = graph.edges().map(({ v, w }) => {
    const points = graph.edge(v, w).points ?? [];
    return { from: v, to: w, path: toPath(points), area: areaAround(points) };
  });
  for (const { id } of shapes) {
    const { x = 0, y = 0, width: wide = 0, height: high = 0 } = graph.node(id);
    const place = { left: x - wide / 2, top: y - high / 2, width: wide, height: high };
    places.set(id, place);
    const inside = insides.get(id);
    if (inside !== undefined) addInside({ places, edges, inside, place });
  }
  return { places, edges, width, height };
}

function addInside({
  places,
  edges,
  inside,
  place,
}: {
  readonly places: Map<string, Place>;
  readonly edges: PlacedEdge[];
  readonly inside: Placement;
  readonly place: Place;
}): void {
  // In the middle of a box that is wider than it.
  const left = place.left + (place.width - inside.width) / 2;
  const top = place.top + TITLE_HEIGHT;
  for (const [id, each] of inside.places) places.set(id, { ...each, left: each.left + left, top: each.top + top });
  for (const edge of inside.edges) edges.push(moveEdge(edge, { left, top }));
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** A smooth line: its corners are passed halfway between the points. */
function toPath(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return '';
  const at = ({ x, y }: Point): string => `${x.toFixed(1)},${y.toFixed(1)}`;
  const parts = [`M${at(first)}`];
  for (const [place, point] of rest.entries()) {
    const next = rest[place + 1];
    if (next === undefined) parts.push(`L${at(point)}`);
    else parts.push(`Q${at(point)} ${at({ x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 })}`);
  }
  return parts.join('');
}

function areaAround(points: readonly Point[]): Area {
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  // A straight line has an area, too.
  return {
    left: Math.min(...xs) - 1,
    top: Math.min(...ys) - 1,
    right: Math.max(...xs) + 1,
    bottom: Math.max(...ys) + 1,
  };
}

function moveEdge(edge: PlacedEdge, by: { readonly left: number; readonly top: number }): PlacedEdge {
  const { left, top, right, bottom } = edge.area;
  const area = { left: left + by.left, top: top + by.top, right: right + by.left, bottom: bottom + by.top };
  return { ...edge, path: movePath(edge.path, by), area };
}

function movePath(path: string, { left, top }: { readonly left: number; readonly top: number }): string {
  return path.replace(
    /(-?[\d.]+),(-?[\d.]+)/g,
    (_, x: string, y: string) => `${(Number(x) + left).toFixed(1)},${(Number(y) + top).toFixed(1)}`,
  );
}
