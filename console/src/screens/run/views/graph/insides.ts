import type { ApiNode, ApiRun } from '@api/api-types.js';
import { placesOf } from '@api/client/apply-api-event.js';
import type { ApiGraphNode } from '@api/run-plan-types.js';
import type { RunHistory } from '../../history/history.js';
import { knownInner, listInner } from '../../history/inner-nodes.js';

/** Of each node that is open, by its path, the item or round that is shown; empty for one that has none. */
export type Opened = ReadonlyMap<string, string>;

/** What is known of the nodes inside others, and which of them are shown. */
export interface Insides {
  nodeOf(path: string, plan: ApiGraphNode): ApiNode;
  /** The items or rounds of a node that anything is known of: `[3]`, in their order. */
  numbersOf(path: string): readonly string[];
  /** The path that those inside begin with; null when the node is closed, or nothing stands in it. */
  openOf(path: string, plan: ApiGraphNode): string | null;
}

export function readInsides(run: ApiRun, history: RunHistory, opened: Opened): Insides {
  const places = placesOf(run.nodes);
  const inner = listInner(run);
  const sorted = new Map<string, readonly string[]>();
  const numbersOf = (path: string): readonly string[] => {
    const known = sorted.get(path);
    if (known !== undefined) return known;
    const numbers = [...(history.numbers.get(path) ?? [])].toSorted(compareNumbers);
    sorted.set(path, numbers);
    return numbers;
  };
  return {
    numbersOf,
    nodeOf(path, { kind }) {
      const root = run.nodes[places.get(path) ?? -1];
      return root ?? knownInner(path, inner.get(path), { kind, history: history.nodes.get(path) });
    },
    openOf(path, plan) {
      const chosen = opened.get(path);
      if (chosen === undefined || plan.nodes.length === 0) return null;
      if (!plan.numbered) return path;
      return path + (chosen === '' ? (numbersOf(path).at(-1) ?? '[0]') : chosen);
    },
  };
}

/** `[2]` before `[10]`, `[2][1]` between. */
function compareNumbers(one: string, other: string): number {
  const [a, b] = [partsOf(one), partsOf(other)];
  const place = a.findIndex((part, index) => part !== b[index]);
  if (place === -1) return a.length - b.length;
  return (a[place] ?? -1) - (b[place] ?? -1);
}

function partsOf(numbers: string): readonly number[] {
  return numbers.slice(1, -1).split('][').map(Number);
}
