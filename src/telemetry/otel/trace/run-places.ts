import type { NodeExecution } from '../../../core/run/node-execution.js';
import type { Run, TraceContext } from '../../../core/run/run.js';
import { parseTraceparent, type Place } from './place.js';
import { spanIdOf, traceIdOf } from './span-ids.js';

interface KnownPlaces {
  readonly caller: Place | null;
  run: Place | null;
}

/**
 * Where in which trace a run, its nodes and their attempts stand: computed from the run's record, so that every process
 * that drives the run gives the same answer. What began after a long pause (`Run.resumedAt`) is in a trace of its own.
 */
export class RunPlaces {
  /** A run has its `trace` for itself, and keeps it from event to event. */
  readonly #known = new WeakMap<TraceContext, KnownPlaces>();

  /** What the run was accepted in; null: it is not traced. */
  caller({ trace }: Run): Place | null {
    return trace === undefined ? null : this.#knownOf(trace).caller;
  }

  /** The run, from its acceptance on. */
  run({ id, trace }: Run, caller: Place): Place {
    const known = trace === undefined ? null : this.#knownOf(trace);
    if (known?.run !== null && known?.run !== undefined) return known.run;
    const place = { ...caller, spanId: spanIdOf('run', id) };
    if (known !== null) known.run = place;
    return place;
  }

  /** Where it went on after its latest long pause; null: there was none. */
  resumption(run: Run, caller: Place): Place | null {
    const { resumedAt } = run;
    if (resumedAt === undefined) return null;
    return {
      traceId: traceIdOf('resumed', run.id, resumedAt),
      spanId: spanIdOf('resumed', run.id, resumedAt),
      flags: caller.flags,
      state: '',
      isRemote: true,
    };
  }

  /** What the node's span is a part of. */
  aboveNode(run: Run, node: NodeExecution, caller: Place): Place {
    const resumption = this.resumption(run, caller);
    const isEarlier = node.startedAt !== null && node.startedAt < (run.resumedAt ?? 0);
    return resumption === null || isEarlier ? this.run(run, caller) : resumption;
  }

  node(run: Run, node: NodeExecution, caller: Place): Place {
    const above = this.aboveNode(run, node, caller);
    return { ...above, spanId: spanIdOf('node', run.id, node.id, timesRetried(run)) };
  }

  attempt(run: Run, node: NodeExecution, attempt: number, caller: Place): Place {
    const above = this.aboveNode(run, node, caller);
    return { ...above, spanId: spanIdOf('attempt', run.id, node.id, timesRetried(run), attempt) };
  }

  #knownOf(trace: TraceContext): KnownPlaces {
    let known = this.#known.get(trace);
    if (known === undefined) {
      known = { caller: parseTraceparent(trace.traceparent, trace.tracestate), run: null };
      this.#known.set(trace, known);
    }
    return known;
  }
}

function timesRetried({ retries }: Run): number {
  return retries?.count ?? 0;
}
