/**
 * What the nodes that stand inside others have come to: the fold of their events, as far as somebody may go on from it.
 *
 * 1. Whoever reads the log gets the same as whoever wrote it: both hand each event to `apply`.
 * 2. What has completed takes what stood inside it with it: an item, a round, a node that holds others.
 * 3. An item that failed keeps what it holds, for the next attempt at its map.
 */
import { applyToNode, closed, type NodeEvent } from '../../core/run/apply-node-event.js';
import type { RunEvent } from '../../core/run/events.js';
import { type NodeExecution, pendingNode } from '../../core/run/node-execution.js';
import type { Json } from '../../core/json.js';
import { holderOf, isInnerPath, numberedPath, rootOf } from '../../core/run/paths/node-path.js';
import { parseItemKey } from '../../core/run/step-keys.js';
import { isNews } from '../waits/is-news.js';
import type { StepOutcomes } from './step-outcomes.js';

export interface InnerNode {
  readonly execution: NodeExecution;
  /** There once it has completed. */
  readonly output?: Json;
}

export interface EndedRound {
  /** From 1. */
  readonly round: number;
  readonly output: Json;
  readonly isDone: boolean;
  readonly isLast: boolean;
}

/** What is kept of them. Made with the first: most runs have none. */
class Kept {
  readonly nodes = new Map<string, InnerNode>();
  /** By what they stand in, the paths of those that have begun. */
  readonly held = new Map<string, Set<string>>();
  readonly waitingForNews = new Set<string>();
  /** By what has them, the latest that has ended. */
  readonly rounds = new Map<string, EndedRound>();
}

/** Nothing is put into it. */
const NOTHING = new Kept();

export class InnerNodes {
  #kept: Kept | null = null;
  readonly #steps: StepOutcomes;

  /** `steps`: of these and of the other nodes of the run. */
  constructor(steps: StepOutcomes) {
    this.#steps = steps;
  }

  /** For reading, and for taking out. */
  get #seen(): Kept {
    return this.#kept ?? NOTHING;
  }

  /** For putting in. */
  get #own(): Kept {
    return (this.#kept ??= new Kept());
  }

  copy(steps: StepOutcomes): InnerNodes {
    const copy = new InnerNodes(steps);
    for (const [path, node] of this.#seen.nodes) copy.#set(path, node);
    for (const [path, round] of this.#seen.rounds) copy.#own.rounds.set(path, round);
    return copy;
  }

  get(path: string): InnerNode | undefined {
    return this.#seen.nodes.get(path);
  }

  /** Its record; that of a node that has not begun, where nothing has come of it. */
  executionOf(path: string, kind: string): NodeExecution {
    return this.#seen.nodes.get(path)?.execution ?? pendingNode({ id: path, kind });
  }

  /** The latest round of it that has ended; null when none has. */
  lastRoundOf(path: string): EndedRound | null {
    return this.#seen.rounds.get(path) ?? null;
  }

  /** The paths of the nodes right inside it that have begun, and of its items. */
  heldBy(holder: string): readonly string[] {
    return [...(this.#seen.held.get(holder) ?? [])];
  }

  /** The nodes that wait for runs which they have started, or for events. */
  waitingFor(reason: 'run' | 'event'): readonly NodeExecution[] {
    const waiting = [...this.#seen.waitingForNews].flatMap((path) => this.#seen.nodes.get(path)?.execution ?? []);
    return waiting.filter(({ waitingFor }) => waitingFor === reason);
  }

  apply(event: RunEvent): void {
    if (event.kind === 'run.retried') {
      for (const nodeId of event.reset) this.#dropInside(nodeId);
      this.#cutShort(new Set(event.resumed));
    }
    if (!('nodeId' in event)) return;
    switch (event.kind) {
      case 'node.text':
      case 'node.usage':
        return;
      case 'step.completed':
        this.#endItem(event);
        return;
      case 'node.round':
        this.#endRound(event);
        return;
      case 'node.reopened':
        for (const path of event.resumed) this.#resume(path);
        for (const path of event.reset) this.#drop(path);
        return;
      default:
        this.#applyToNode(event);
    }
  }

  #applyToNode(event: RunEvent & NodeEvent): void {
    const { nodeId } = event;
    if (isInnerPath(nodeId)) {
      const before = this.#seen.nodes.get(nodeId)?.execution ?? pendingNode({ id: nodeId, kind: '' });
      const execution = applyToNode(before, event);
      this.#set(nodeId, event.kind === 'node.completed' ? { execution, output: event.output } : { execution });
    }
    if (event.kind === 'node.completed') this.#dropInside(nodeId);
  }

  #set(path: string, node: InnerNode): void {
    this.#own.nodes.set(path, node);
    const { status, waitingFor } = node.execution;
    if (status === 'waiting' && isNews(waitingFor)) this.#own.waitingForNews.add(path);
    else this.#seen.waitingForNews.delete(path);
    // An item stands in what its map stands in as well, and with it the holders that have no record of their own.
    for (
      let [inside, holder] = [path, holderOf(path)];
      holder !== null;
      [inside, holder] = [holder, holderOf(holder)]
    ) {
      const held = this.#seen.held.get(holder);
      if (held?.has(inside) === true) return;
      if (held === undefined) this.#own.held.set(holder, new Set([inside]));
      else held.add(inside);
    }
  }

  #endRound({ nodeId, round, output, isDone, isLast }: Extract<RunEvent, { kind: 'node.round' }>): void {
    this.#drop(numberedPath(nodeId, round));
    this.#own.rounds.set(nodeId, { round, output, isDone, isLast });
  }

  #endItem({ key, outcome }: Extract<RunEvent, { kind: 'step.completed' }>): void {
    if (this.#seen.held.size === 0) return;
    const place = parseItemKey(key);
    if (place === null) return;
    const path = numberedPath(place.nodeId, place.index);
    if (outcome.status === 'completed') {
      this.#drop(path);
      return;
    }
    const node = this.#seen.nodes.get(path);
    if (node !== undefined)
      this.#set(path, { execution: { ...node.execution, status: 'failed', error: outcome.error } });
  }

  /** What was at work inside these nodes when the run ended did not go on. */
  #cutShort(rootIds: ReadonlySet<string>): void {
    for (const [path, { execution }] of this.#seen.nodes) {
      const isActive = execution.status === 'running' || execution.status === 'waiting';
      if (isActive && rootIds.has(rootOf(path))) this.#set(path, { execution: closed(execution) });
    }
  }

  /** It begins again, with what its own steps and the nodes inside it have come to. */
  #resume(path: string): void {
    this.#seen.nodes.delete(path);
    this.#seen.waitingForNews.delete(path);
    this.#steps.resume(path);
  }

  #drop(path: string): void {
    this.#dropInside(path);
    this.#seen.nodes.delete(path);
    this.#seen.waitingForNews.delete(path);
    this.#steps.forget(path);
    const holder = holderOf(path);
    if (holder !== null) this.#seen.held.get(holder)?.delete(path);
  }

  #dropInside(holder: string): void {
    for (const path of this.#seen.held.get(holder) ?? []) this.#drop(path);
    this.#seen.held.delete(holder);
    this.#seen.rounds.delete(holder);
  }
}
