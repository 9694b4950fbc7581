import type { RunEvent } from '../../../core/run/events.js';
import type { NodeExecution } from '../../../core/run/node-execution.js';
import { isInnerPath } from '../../../core/run/paths/node-path.js';
import { isTerminal, type Run } from '../../../core/run/run.js';
import { aboutAttempt, aboutNode, aboutResumption, aboutRun } from './conventions.js';
import { isSampled, type Place } from './place.js';
import type { RunPlaces } from './run-places.js';
import { spanIdOf } from './span-ids.js';
import type { Tracer } from './tracer.js';

/** Attempts under way, the moments of whose beginnings are kept in memory. */
const MAX_OPEN = 10_000;
/** What ended so shortly before a process died may not have been sent: the SDK sends every five seconds. */
const UNSENT_MS = 10_000;

interface OpenAttempt {
  readonly from: number;
  /** When it was taken up again, by this process or after a wait. */
  readonly takenUp: readonly number[];
}

type EndOfNode = Extract<RunEvent, { kind: 'node.completed' | 'node.failed' | 'node.cancelled' }>;

/**
 * The spans of runs, nodes and attempts, from what is recorded of them: each is made when it is over, and has ids that
 * are known before. So a crash in its middle leaves no hole: who goes on with the run makes the spans that the one who
 * died would have made.
 */
export class RunSpans {
  readonly #tracer: Tracer;
  readonly #places: RunPlaces;
  /** By run, node and attempt. */
  readonly #open = new Map<string, OpenAttempt>();
  /** By run: of several events at one moment, the first is what it went on with. */
  readonly #resumed = new Map<string, number>();

  constructor(tracer: Tracer, places: RunPlaces) {
    this.#tracer = tracer;
    this.#places = places;
  }

  /** After these events of the run were recorded. */
  observe(run: Run, events: readonly RunEvent[]): void {
    const caller = this.#places.caller(run);
    if (caller === null || !isSampled(caller)) return;
    for (const event of events) this.#observe(run, event, caller);
  }

  /** The run is taken over from a process that died: what that had perhaps not sent is sent again. */
  takenOver(run: Run): void {
    const caller = this.#places.caller(run);
    if (caller === null || !isSampled(caller)) return;
    const last = Math.max(0, ...run.nodes.flatMap((node) => [node.startedAt ?? 0, node.completedAt ?? 0]));
    for (const node of run.nodes) {
      if (node.startedAt === null || node.completedAt === null || node.completedAt < last - UNSENT_MS) continue;
      this.#endAttempt({ run, node, attempt: node.attempt, at: node.completedAt, failure: failureOf(node) }, caller);
      this.#endNode(run, node, caller);
    }
  }

  #observe(run: Run, event: RunEvent, caller: Place): void {
    if (event.at === run.resumedAt && this.#resumed.get(run.id) !== event.at && goesOn(event))
      this.#resume(run, caller);
    // What goes on inside a node has spans where it works.
    if ('nodeId' in event && isInnerPath(event.nodeId)) return;
    switch (event.kind) {
      case 'node.started':
        return this.#begin(run, event);
      case 'node.retrying': {
        const node = nodeOf(run, event.nodeId);
        const { attempt, at, error } = event;
        return node === null ? undefined : this.#endAttempt({ run, node, attempt, at, failure: error.message }, caller);
      }
      case 'node.completed':
      case 'node.failed':
      case 'node.cancelled':
        return this.#end(run, event, caller);
      case 'run.completed':
      case 'run.partially_completed':
      case 'run.failed':
      case 'run.cancelled':
        return this.#endRun(run, caller);
      default:
    }
  }

  #begin(run: Run, { nodeId, attempt, at, cutOffs }: Extract<RunEvent, { kind: 'node.started' }>): void {
    // It has started before, and waited for its turn.
    if (cutOffs !== undefined) return;
    const key = keyOf(run, nodeId, attempt);
    const before = this.#open.get(key);
    if (before !== undefined) {
      this.#open.set(key, { ...before, takenUp: [...before.takenUp, at] });
      return;
    }
    const first = attempt === 1 ? nodeOf(run, nodeId)?.startedAt : null;
    const isTakenUp = first !== null && first !== undefined && first < at;
    if (this.#open.size >= MAX_OPEN) this.#open.delete(this.#open.keys().next().value ?? '');
    this.#open.set(key, isTakenUp ? { from: first, takenUp: [at] } : { from: at, takenUp: [] });
  }

  #end(run: Run, event: EndOfNode, caller: Place): void {
    const node = nodeOf(run, event.nodeId);
    if (node === null || node.startedAt === null) return;
    this.#endAttempt({ run, node, attempt: node.attempt, at: event.at, failure: failureOf(node) }, caller);
    this.#endNode(run, node, caller);
  }

  #endAttempt(
    ended: {
      readonly run: Run;
      readonly node: NodeExecution;
      readonly attempt: number;
      readonly at: number;
      readonly failure: string | null;
    },
    caller: Place,
  ): void {
    const { run, node, attempt, at, failure } = ended;
    const key = keyOf(run, node.id, attempt);
    const open = this.#open.get(key);
    this.#open.delete(key);
    const place = (): Place => this.#places.attempt(run, node, attempt, caller);
    const isDivided = this.#tracer.wasDivided(place);
    // The only attempt at a node, of which nothing has a span of its own, tells nothing that the node does not.
    const isNode = attempt === 1 && node.completedAt === at && open?.takenUp.length === 0;
    if (isNode && !isDivided) return;
    const { from, takenUp } = open ?? { from: node.startedAt ?? at, takenUp: [] };
    this.#tracer.record({
      about: aboutAttempt(node, attempt),
      from,
      to: at,
      parent: this.#places.node(run, node, caller),
      self: place(),
      moments: takenUp.map((moment) => ({ name: 'errand.taken_up_again', at: moment })),
      failure,
    });
  }

  #endNode(run: Run, node: NodeExecution, caller: Place): void {
    this.#tracer.record({
      about: aboutNode(run, node),
      from: node.startedAt ?? run.createdAt,
      to: node.completedAt ?? run.createdAt,
      parent: this.#places.aboveNode(run, node, caller),
      self: this.#places.node(run, node, caller),
      failure: failureOf(node),
    });
  }

  /** Of a retried run, the span of what came of the retry links to that of the run. */
  #endRun(run: Run, caller: Place): void {
    if (!isTerminal(run.status)) return;
    const self = this.#places.run(run, caller);
    const ended = { about: aboutRun(run), to: run.completedAt ?? run.createdAt, failure: run.error?.message ?? null };
    const resumption = this.#places.resumption(run, caller);
    if (run.retries === undefined || resumption === null) {
      this.#tracer.record({ ...ended, from: run.createdAt, parent: caller, self });
      return;
    }
    const spanId = spanIdOf('run', run.id, run.retries.count);
    const from = run.resumedAt ?? run.createdAt;
    this.#tracer.record({ ...ended, from, parent: resumption, self: { ...resumption, spanId }, links: [self] });
  }

  /** Begins the trace that a run goes on in, and links it to where the run began. */
  #resume(run: Run, caller: Place): void {
    const self = this.#places.resumption(run, caller);
    const { resumedAt: at } = run;
    if (self === null || at === undefined) return;
    if (this.#resumed.size >= MAX_OPEN) this.#resumed.clear();
    this.#resumed.set(run.id, at);
    const links = [this.#places.run(run, caller)];
    this.#tracer.record({ about: aboutResumption(run), from: at, to: at, parent: null, self, links, failure: null });
  }
}

/** What a run can go on with after a pause. */
function goesOn({ kind }: RunEvent): boolean {
  return kind === 'run.retried' || (kind.startsWith('node.') && kind !== 'node.waiting' && kind !== 'node.retrying');
}

function nodeOf({ nodes }: Run, nodeId: string): NodeExecution | null {
  return nodes.find(({ id }) => id === nodeId) ?? null;
}

function keyOf(run: Run, nodeId: string, attempt: number): string {
  return `${run.id} ${nodeId} ${attempt}`;
}

function failureOf({ status, error }: NodeExecution): string | null {
  return status === 'failed' ? (error?.message ?? 'it failed') : null;
}
