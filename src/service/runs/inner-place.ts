import { ErrandError } from '../../core/errors.js';
import type { Json } from '../../core/json.js';
import type { Chance } from '../../core/ports/isolation.js';
import type { RunEvent } from '../../core/run/events.js';
import { heldPath, isWithin, numberedPath, rootOf } from '../../core/run/paths/node-path.js';
import { prepareNode } from '../../runner/attempt/prepare-node.js';
import type { ExpressionScope, NodeScope, PlannedNode } from '../../workflow/plan/plan.js';
import { chanceWithin } from '../../workflow/template/volatile.js';

/** A node as it stands in its run, with what its expressions see. */
export interface Place {
  /** Of the node; of a round of it where the nodes of one follow. */
  readonly path: string;
  readonly node: PlannedNode;
  readonly scope: ExpressionScope;
  readonly chance: Chance | undefined;
}

/** Names in the places of secrets. */
export type NamedSecrets = Parameters<typeof prepareNode>[0]['secrets'];

interface InnerDeps {
  readonly log: InnerLog;
  readonly runId: string;
  readonly secrets: NamedSecrets;
}

/** What a run's log says of the nodes inside one of its nodes. */
export class InnerLog {
  readonly #root: string;
  readonly #nodes = new Map<string, NodeScope>();
  readonly #begun = new Map<string, { readonly fixedAt: number | null }>();
  /** What rounds gave, by their paths. */
  readonly #rounds = new Map<string, Json>();

  constructor(path: string) {
    this.#root = rootOf(path);
  }

  add(event: RunEvent): void {
    if (event.kind === 'run.retried') {
      if (event.reset.includes(this.#root)) this.#forget(this.#root);
      for (const path of event.resumed) this.#nodes.delete(path);
      return;
    }
    if (!('nodeId' in event) || rootOf(event.nodeId) !== this.#root) return;
    const { nodeId: path } = event;
    switch (event.kind) {
      case 'node.started':
        this.#begun.set(path, { fixedAt: event.fixedAt ?? this.fixedAt(path) });
        break;
      case 'node.completed':
        this.#end(path, { status: 'completed', output: event.output, error: null, findings: null });
        break;
      case 'node.failed':
        this.#end(path, { status: 'failed', error: event.error, findings: null });
        break;
      case 'node.skipped':
        this.#nodes.set(path, { status: 'skipped', error: null, findings: null });
        break;
      case 'node.round':
        this.#rounds.set(numberedPath(path, event.round), event.output);
        break;
      case 'node.reopened':
        for (const again of event.resumed) this.#nodes.delete(again);
        for (const again of event.reset) this.#forget(again);
        break;
      default:
    }
  }

  ended(path: string): NodeScope | null {
    return this.#nodes.get(path) ?? null;
  }

  hasBegun(path: string): boolean {
    return this.#begun.has(path);
  }

  /** The moment that fixes chance and time for the node; null where it asks for neither. */
  fixedAt(path: string): number | null {
    return this.#begun.get(path)?.fixedAt ?? null;
  }

  outputOfRound(path: string): Json {
    return this.#rounds.get(path) ?? null;
  }

  #end(path: string, scope: NodeScope): void {
    this.#nodes.set(path, scope);
    if (!this.#begun.has(path)) this.#begun.set(path, { fixedAt: null });
  }

  #forget(path: string): void {
    for (const kept of [this.#nodes, this.#begun, this.#rounds]) {
      for (const each of kept.keys()) if (each === path || isWithin(each, path)) kept.delete(each);
    }
  }
}

const STEP = /\.([^.[]+)|\[(\d+)\]/g;

/** From a node of the workflow to one inside it. Throws `not_found` where there is none, `conflict` where none began. */
export async function openInner(root: Place, path: string, deps: InnerDeps): Promise<Place> {
  let place = root;
  for (const [, id, number] of path.slice(root.path.length).matchAll(STEP)) {
    place = id === undefined ? await intoNumbered(place, Number(number), deps) : intoHeld(place, id, deps);
  }
  if (place.path !== path) throw unknownNode(path);
  return place;
}

/** Into what a node does for an item, or into a round of it. */
async function intoNumbered(place: Place, number: number, { log, secrets }: InnerDeps): Promise<Place> {
  const { node, scope, path, chance } = place;
  const numbered = numberedPath(path, number);
  if (node.inner === null) {
    const previous = log.outputOfRound(numberedPath(path, number - 1));
    return { ...place, path: numbered, scope: { ...scope, round: number, previous } };
  }
  const { fields } = await prepareNode({ node, scope, chance, secrets });
  const { over } = fields;
  if (!Array.isArray(over) || number >= over.length) throw unknownNode(numbered);
  const { item: _, index: __, ...outer } = scope;
  return {
    path: numbered,
    node: node.inner,
    scope: { ...outer, item: over[number] ?? null, index: number },
    chance: chanceWithin(chance, String(number)),
  };
}

/** Into a node that another one holds; it sees those beside it that have ended. */
function intoHeld({ node: holder, scope, path }: Place, id: string, { log, runId }: InnerDeps): Place {
  const held = heldPath(path, id);
  const body = holder.body?.nodes ?? [];
  const node = body.find((each) => each.id === id);
  if (node === undefined) throw unknownNode(held);
  if (!log.hasBegun(held)) throw new ErrandError('conflict', 'The node has not begun: it has been given nothing.');
  const beside = body.flatMap(({ id: other }) => {
    const ended = log.ended(heldPath(path, other));
    return ended === null || other === id ? [] : [[other, ended] as const];
  });
  const fixedAt = log.fixedAt(held);
  return {
    path: held,
    node,
    scope: { ...scope, nodes: { ...scope.nodes, ...Object.fromEntries(beside) } },
    chance: fixedAt === null || !node.volatile ? undefined : { seed: `${runId} ${held}`, at: fixedAt },
  };
}

export function unknownNode(path: string): ErrandError {
  return new ErrandError('not_found', `The run has no node ${JSON.stringify(path)}.`);
}
