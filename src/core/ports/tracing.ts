import type { Json } from '../json.js';
import type { Run, TraceContext } from '../run/run.js';

/** The use of a tool that a model asked for. */
export interface UsedTool {
  readonly name: string;
  /** The id that the model gave the call. */
  readonly callId: string;
}

/** A request over HTTP that somebody's trace goes through. */
export interface TracedRequest {
  readonly method: string;
  /** By its name in lower case. */
  header(name: string): string | undefined;
  /** Of its answer, once it has one. */
  readonly status: number;
}

export interface TracedMcpRequest<Outcome> {
  readonly method: string;
  readonly params: { readonly [name: string]: Json };
  /** Its `_meta`. */
  readonly meta: { readonly [name: string]: Json };
  readonly id: string | number;
  /** What kind of error was answered; null for a result. */
  readonly failure: (outcome: Outcome) => string | null;
}

/** A try at a node, or at an item of one. */
export interface TracedAttempt {
  readonly run: Run;
  /** The node of the run: for an item of a map, the map. */
  readonly nodeId: string;
  readonly attempt: number;
  /** What the item is called; null for the node itself. */
  readonly item: string | null;
}

/**
 * Follows work through this process, and on to others: what is asked of them while `work` goes on belongs to it. What
 * has come of runs and nodes is told by their events.
 */
export interface Tracing {
  /** What a run that is accepted now belongs to; null: it is not traced. */
  placeNewRun(workflowId: string): TraceContext | null;
  /** Drives the run. */
  inRun<T>(run: Run, work: () => Promise<T>): Promise<T>;
  /** `work` is given the same context: what its functions reach for belongs to the attempt, whoever calls them. */
  inAttempt<C extends object, T>(
    attempt: TracedAttempt,
    context: C,
    work: (context: C) => T | Promise<T>,
  ): T | Promise<T>;
  useTool<T>(tool: UsedTool, work: () => Promise<T>): Promise<T>;
  /**
   * A request that brings no trace along is none of anybody's. `route`: the path as it is declared; null where nothing is
   * served.
   */
  serveRequest(request: TracedRequest, route: string | null, work: () => Promise<void>): Promise<void>;
  serveMcp<T>(request: TracedMcpRequest<T>, work: () => Promise<T>): Promise<T>;
}
