import type { SpanContext } from '@opentelemetry/api';
import type { NodeExecution } from '../../core/run/node-execution.js';
import type { Run } from '../../core/run/run.js';
import { spanIdOf, traceIdOf } from './span-ids.js';
import type { Tracer } from './tracer.js';

/**
 * Where in which trace a run, its nodes and their attempts stand: computed from the run's record, so that every process
 * that drives the run gives the same answer. What began after a long pause (`Run.resumedAt`) is in a trace of its own.
 */
export class RunPlaces {
  readonly #tracer: Tracer;

  constructor(tracer: Tracer) {
    this.#tracer = tracer;
  }

  /** What the run was accepted in; null: it is not traced. */
  caller({ trace }: Run): SpanContext | null {
    return trace === undefined ? null : this.#tracer.fromContext(trace);
  }

  /** The run, from its acceptance on. */
  run(run: Run, caller: SpanContext): SpanContext {
    return { ...caller, spanId: spanIdOf('run', run.id) };
  }

  /** Where it went on after its latest long pause; null: there was none. */
  resumption(run: Run, caller: SpanContext): SpanContext | null {
    const { resumedAt } = run;
    if (resumedAt === undefined) return null;
    return {
      traceId: traceIdOf('resumed', run.id, resumedAt),
      spanId: spanIdOf('resumed', run.id, resumedAt),
      traceFlags: caller.traceFlags,
      isRemote: true,
    };
  }

  /** What the node's span is a part of. */
  aboveNode(run: Run, node: NodeExecution, caller: SpanContext): SpanContext {
    const resumption = this.resumption(run, caller);
    const isEarlier = node.startedAt !== null && node.startedAt < (run.resumedAt ?? 0);
    return resumption === null || isEarlier ? this.run(run, caller) : resumption;
  }

  node(run: Run, node: NodeExecution, caller: SpanContext): SpanContext {
    const above = this.aboveNode(run, node, caller);
    return { ...above, spanId: spanIdOf('node', run.id, node.id, timesRetried(run)) };
  }

  attempt(run: Run, node: NodeExecution, attempt: number, caller: SpanContext): SpanContext {
    const above = this.aboveNode(run, node, caller);
    return { ...above, spanId: spanIdOf('attempt', run.id, node.id, timesRetried(run), attempt) };
  }
}

function timesRetried({ retries }: Run): number {
  return retries?.count ?? 0;
}
