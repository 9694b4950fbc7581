import type { ApiNode, ApiRun } from '@api/api-types.js';
import type { RunHistory } from './history.js';
import { knownInner, listInner } from './inner-nodes.js';

/** More nodes inside one are folded at first. */
const MAX_OPEN = 12;

export interface TimelineRow {
  readonly node: ApiNode;
  /** 0 for nodes of the workflow. */
  readonly depth: number;
  /** How many nodes inside it have begun. */
  readonly inside: number;
  readonly isOpen: boolean;
}

/** A row is made when it is asked for, where they may be very many. */
export type TimelineRows = Pick<readonly TimelineRow[], 'length' | 'at'>;

/** Each node, and after it those inside it; folded where they are many, but for those in `toggled`, the other way round. */
export function listRows(
  nodes: readonly ApiNode[],
  {
    run,
    history,
    toggled,
  }: { readonly run: ApiRun; readonly history: RunHistory; readonly toggled: ReadonlySet<string> },
): TimelineRows {
  if (history.inside.size === 0) {
    return {
      length: nodes.length,
      at(index) {
        const node = nodes[index];
        return node === undefined ? undefined : { node, depth: 0, inside: 0, isOpen: false };
      },
    };
  }
  const inner = listInner(run);
  return nodes.flatMap((node) => {
    const paths = (history.inside.get(node.id) ?? []).filter(
      (path) => (history.nodes.get(path)?.stretches.length ?? 0) > 0,
    );
    const isOpen = paths.length > 0 && paths.length <= MAX_OPEN !== toggled.has(node.id);
    const row = { node, depth: 0, inside: paths.length, isOpen };
    if (!isOpen) return [row];
    const rows = groupByNumber(paths).map((path) => {
      const known = history.nodes.get(path);
      const each = knownInner(path, inner.get(path), { kind: known?.kind ?? '', history: known });
      return { node: each, depth: Math.max(1, path.split('.').length - 1), inside: 0, isOpen: false };
    });
    return [row, ...rows];
  });
}

/** What is of one item, or one round, stands together. */
function groupByNumber(paths: readonly string[]): readonly string[] {
  const groups = new Map<string, string[]>();
  for (const path of paths) {
    const group = path.slice(0, path.indexOf(']') + 1);
    const known = groups.get(group);
    if (known === undefined) groups.set(group, [path]);
    else known.push(path);
  }
  return [...groups.values()].flat();
}

export function withToggled(all: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(all);
  if (!next.delete(id)) next.add(id);
  return next;
}
