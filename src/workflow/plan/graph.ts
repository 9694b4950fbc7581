/** The nodes of a workflow by what they need. Ids in `needs` that no node has are left out. */
export type Graph = ReadonlyMap<string, readonly string[]>;

/** Everything that a node needs, and what that needs, and so on; a node on a cycle is among its own. */
export function findAncestors(graph: Graph, id: string): ReadonlySet<string> {
  const ancestors = new Set<string>();
  const open = [...(graph.get(id) ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (ancestors.has(next)) continue;
    ancestors.add(next);
    open.push(...(graph.get(next) ?? []));
  }
  return ancestors;
}

/** Cycles, each told once as the ids along it; every node that needs itself in some way is on one of them or leads to one. */
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
