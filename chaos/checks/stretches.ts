import { RUN_FAILED_FIRST } from '../../src/core/run/events.js';
import type { Json } from '../../src/core/json.js';
import type { ApiEvent } from '../../src/api/api-types.js';
import type { Acknowledgement } from '../journal.js';
import type { RunRecord } from '../records.js';
import { FLOWS } from '../load/workload.js';

/** What a node has come to. */
export interface Outcome {
  /** `passed over`: skipped only because its run failed before its turn. */
  readonly status: 'completed' | 'failed' | 'skipped' | 'cancelled' | 'passed over';
  readonly output: Json;
}

/** Part of a run's log: from its beginning, or from a retry, to its end or the next retry. */
export interface Stretch {
  /** How many retries came before. */
  readonly index: number;
  /** The number of the event that it begins with. */
  readonly firstSeq: number;
  /** No execution of it can have begun before: when its retry was sent. Infinity for a retry that nobody sent. */
  readonly since: number;
  /** What its retry must run again, by what had come of the run; empty where no retry began it. */
  readonly resumed: ReadonlySet<string>;
  readonly reset: ReadonlySet<string>;
  /** What must not run in it: nodes by their ids, items of maps as `node index`. */
  readonly standing: ReadonlySet<string>;
  /** With the retry that began it. */
  readonly events: readonly ApiEvent[];
  /** What the nodes have come to by its end. */
  readonly outcomes: ReadonlyMap<string, Outcome>;
  /** How many items of its maps have completed by then. */
  readonly items: number;
}

/**
 * Every run's log, parted at its retries. What a retry must do is worked out from what came before it, not from what
 * the server says of it.
 */
export class Stretches {
  readonly #ofRun = new Map<string, readonly Stretch[]>();

  constructor(runs: Iterable<RunRecord>, told: readonly Acknowledgement[]) {
    const sent = new Map<string, number>();
    for (const entry of told) if (entry.what === 'retrying') sent.set(`${entry.run} ${entry.version}`, entry.at);
    for (const { run, record, log } of runs) {
      const sentFrom = (version: number): number => sent.get(`${run} ${version}`) ?? Number.POSITIVE_INFINITY;
      this.#ofRun.set(run, part(log, FLOWS[record.workflow_id]?.after ?? {}, sentFrom));
    }
  }

  of(run: string): readonly Stretch[] {
    return this.#ofRun.get(run) ?? [];
  }

  /** The one that an execution belongs to which began at a moment. */
  at(run: string, moment: number): Stretch | undefined {
    return this.of(run).findLast(({ since }) => since <= moment);
  }

  /** The one that an event belongs to. */
  ofSeq(run: string, seq: number): Stretch | undefined {
    return this.of(run).findLast(({ firstSeq }) => firstSeq <= seq);
  }

  /** Those that began after one version of a run and by another. */
  between(run: string, version: number, later: number): readonly Stretch[] {
    return this.of(run).filter(({ index, firstSeq }) => index > 0 && firstSeq > version && firstSeq <= later);
  }
}

const NONE: ReadonlySet<string> = new Set();

function part(
  log: readonly ApiEvent[],
  after: { readonly [node: string]: readonly string[] },
  sentFrom: (version: number) => number,
): readonly Stretch[] {
  const state = new State();
  const starts = [0, ...log.flatMap(({ kind }, index) => (kind === 'run.retried' ? [index] : []))];
  return starts.map((start, index) => {
    const events = log.slice(start, starts[index + 1]);
    const firstSeq = events[0]?.seq ?? 1;
    const { resumed, reset } = index === 0 ? { resumed: NONE, reset: NONE } : state.retry(after);
    // What was taken over from another run is in the log before the run starts.
    const begun = index === 0 ? Math.max(0, findStart(events)) : 0;
    for (const event of events.slice(0, begun)) state.add(event);
    const standing = state.standing();
    for (const event of events.slice(begun)) state.add(event);
    return {
      index,
      firstSeq,
      since: index === 0 ? Number.NEGATIVE_INFINITY : sentFrom(firstSeq - 1),
      resumed,
      reset,
      standing,
      events,
      outcomes: new Map(state.outcomes),
      items: state.countItems(),
    };
  });
}

/** Where the run starts; a run that never did has taken over all that there is before its end. */
function findStart(events: readonly ApiEvent[]): number {
  return events.findIndex(({ kind }) => kind === 'run.started' || kind === 'node.cancelled');
}

class State {
  readonly outcomes = new Map<string, Outcome>();
  /** Items that have completed, by their map. */
  readonly #items = new Map<string, Set<number>>();

  add({ kind, node_id, data }: ApiEvent): void {
    if (node_id === null) return;
    if (kind === 'step.completed') {
      const index = completedItem(data);
      if (index !== null) this.#items.set(node_id, (this.#items.get(node_id) ?? new Set()).add(index));
    } else if (kind === 'node.completed')
      this.outcomes.set(node_id, { status: 'completed', output: data['output'] ?? null });
    else if (kind === 'node.failed') this.outcomes.set(node_id, { status: 'failed', output: null });
    else if (kind === 'node.cancelled') this.outcomes.set(node_id, { status: 'cancelled', output: null });
    else if (kind === 'node.skipped')
      this.outcomes.set(node_id, {
        status: data['reason'] === RUN_FAILED_FIRST ? 'passed over' : 'skipped',
        output: null,
      });
  }

  /**
   * Takes back what a retry takes back: what failed, was cut short or never got its turn, and what depends on it,
   * wholly.
   */
  retry(after: { readonly [node: string]: readonly string[] }): { resumed: Set<string>; reset: Set<string> } {
    const troubled = new Set<string>();
    for (const [node, { status }] of this.outcomes)
      if (status !== 'completed' && status !== 'skipped') troubled.add(node);
    const reset = new Set(Object.keys(after).filter((node) => after[node]?.some((earlier) => troubled.has(earlier))));
    const resumed = new Set([...troubled].filter((node) => !reset.has(node)));
    for (const node of [...resumed, ...reset]) this.outcomes.delete(node);
    for (const node of reset) this.#items.delete(node);
    return { resumed, reset };
  }

  countItems(): number {
    return [...this.#items.values()].reduce((sum, indexes) => sum + indexes.size, 0);
  }

  standing(): ReadonlySet<string> {
    const items = [...this.#items].flatMap(([node, indexes]) => [...indexes].map((index) => `${node} ${index}`));
    return new Set([...this.outcomes.keys(), ...items]);
  }
}

/** The index of the item that a step was; null for another step, and for one that failed. */
export function completedItem(data: ApiEvent['data']): number | null {
  const match = /\[(\d+)\](?:@\d+)?$/.exec(typeof data['key'] === 'string' ? data['key'] : '');
  const outcome = data['outcome'] as { readonly status?: string } | undefined;
  return match?.[1] === undefined || outcome?.status !== 'completed' ? null : Number(match[1]);
}
