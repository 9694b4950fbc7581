/** The nodes of a workflow by what they need. Ids in `needs` that no node has are left out. */
export type Graph = ReadonlyMap<string, readonly string[]>;

/** Everything that depends on one of these nodes, directly or not. Linear in the size of the graph. */
export function findDescendants(graph: Graph, ids: Iterable<string>): ReadonlySet<string> {
  const dependants = new Map<string, string[]>();
  for (const [id, needs] of graph) {
    for (const need of needs) {
      const known = dependants.get(need);
      if (known === undefined) dependants.set(need, [id]);
      else known.push(id);
    }
  }
  const descendants = new Set<string>();
  const open = [...ids].flatMap((id) => dependants.get(id) ?? []);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (descendants.has(next)) continue;
    descendants.add(next);
    for (const dependant of dependants.get(next) ?? []) open.push(dependant);
  }
  return descendants;
}

/**
 * Which nodes each node needs, directly or not, of a whole graph at once: a bit for each pair, so that thousands of
 * nodes cost milliseconds. In a graph with cycles, what is needed only through the end of a cycle may be missing.
 */
export class Ancestry {
  readonly #index: ReadonlyMap<string, number>;
  readonly #rows: Uint32Array[] = [];

  constructor(graph: Graph) {
    this.#index = new Map([...graph.keys()].map((id, index) => [id, index]));
    const words = Math.ceil(graph.size / 32);
    for (const id of inOrderOfNeeds(graph)) {
      const row = new Uint32Array(words);
      for (const need of graph.get(id) ?? []) this.#include(row, need);
      this.#rows[this.#index.get(id) ?? 0] = row;
    }
  }

  /** Whether `id` needs `ancestor`. */
  has(id: string, ancestor: string): boolean {
    const row = this.#rows[this.#index.get(id) ?? -1];
    const bit = this.#index.get(ancestor);
    return row !== undefined && bit !== undefined && ((row[bit >>> 5] ?? 0) & (1 << (bit & 31))) !== 0;
  }

  #include(row: Uint32Array, need: string): void {
    const bit = this.#index.get(need);
    if (bit === undefined) return;
    row[bit >>> 5] = (row[bit >>> 5] ?? 0) | (1 << (bit & 31));
    const above = this.#rows[bit];
    if (above === undefined) return;
    for (let word = 0; word < row.length; word += 1) row[word] = (row[word] ?? 0) | (above[word] ?? 0);
  }
}

/** Each node after all that it needs, as far as cycles allow. */
function inOrderOfNeeds(graph: Graph): readonly string[] {
  const order: string[] = [];
  const seen = new Set<string>();
  for (const start of graph.keys()) {
    // A walk in depth without recursion: graphs may be long chains.
    const trail: { readonly id: string; next: number }[] = seen.has(start) ? [] : [{ id: start, next: 0 }];
    seen.add(start);
    for (let top = trail.at(-1); top !== undefined; top = trail.at(-1)) {
      const need = graph.get(top.id)?.[top.next++];
      if (need === undefined) {
        order.push(top.id);
        trail.pop();
      } else if (!seen.has(need)) {
        seen.add(need);
        trail.push({ id: need, next: 0 });
      }
    }
  }
  return order;
}

/**
 * Cycles, each told once as the ids along it; every node that needs itself in some way is on one of them or leads to
 * one.
 */
export function findCycles(graph: Graph): readonly (readonly string[])[] {
  const cycles: (readonly string[])[] = [];
  const done = new Set<string>();
  for (const start of graph.keys()) {
    // A walk in depth without recursion: graphs may be long chains.
    const trail: { readonly id: string; next: number }[] = [{ id: start, next: 0 }];
    const onTrail = new Set([start]);
    while (trail.length > 0) {
      const top = trail.at(-1);
      if (top === undefined) break;
      const need = done.has(top.id) ? undefined : graph.get(top.id)?.[top.next++];
      if (need === undefined) {
        done.add(top.id);
        onTrail.delete(top.id);
        trail.pop();
      } else if (onTrail.has(need)) {
        const ids = trail.map(({ id }) => id);
        cycles.push(ids.slice(ids.indexOf(need)));
      } else if (!done.has(need)) {
        trail.push({ id: need, next: 0 });
        onTrail.add(need);
      }
    }
  }
  return cycles;
}
