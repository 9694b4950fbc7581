import { isJsonObject } from '../../core/json.js';
import type { Run, TraceContext } from '../../core/run/run.js';
import type { TracedAttempt, TracedMcpRequest, TracedRequest, Tracing } from '../../core/ports/tracing.js';
import { aboutAcceptance, aboutMcpRequest, aboutRequest, aboutStatus, aboutTool } from './trace/conventions.js';
import { toTraceContext, type Place } from './trace/place.js';
import type { Propagation } from './trace/propagation.js';
import type { RunPlaces } from './trace/run-places.js';
import type { Tracer } from './trace/tracer.js';

/** What nodes call that reaches further than their process, or works for long: from there on their place counts. */
const REACHING = new Set<string | symbol>([
  'fetch',
  'toolStep',
  'generate',
  'callModel',
  'startRun',
  'runChild',
  'runItems',
  'runNodes',
  'runRounds',
]);

/** The port through spans that are recorded here and exported by a thread beside the server. */
export class LiveTracing implements Tracing {
  readonly #tracer: Tracer;
  readonly #places: RunPlaces;
  readonly #propagation: Propagation;
  /** Of the runs that this process drives now, by id. */
  readonly #driven = new Map<string, Place>();

  constructor(params: { readonly tracer: Tracer; readonly places: RunPlaces; readonly propagation: Propagation }) {
    this.#tracer = params.tracer;
    this.#places = params.places;
    this.#propagation = params.propagation;
  }

  placeNewRun(workflowId: string): TraceContext | null {
    const current = this.#tracer.current();
    if (current !== null) {
      this.#tracer.divide(current);
      return toTraceContext(current);
    }
    const begun = this.#tracer.begin(() => aboutAcceptance(workflowId));
    return begun === null ? null : toTraceContext(begun);
  }

  /** What wakes a run may belong to another's trace, and is left here. */
  inRun<T>(run: Run, work: () => Promise<T>): Promise<T> {
    const caller = this.#places.caller(run);
    return caller === null ? this.#tracer.within(null, work) : this.#inTraced(run, caller, work);
  }

  async #inTraced<T>(run: Run, caller: Place, work: () => Promise<T>): Promise<T> {
    this.#driven.set(run.id, this.#places.resumption(run, caller) ?? this.#places.run(run, caller));
    try {
      return await this.#tracer.within(null, work);
    } finally {
      this.#driven.delete(run.id);
    }
  }

  /** Where the run stands that this process drives; null: it is not traced. */
  placeOfDriven(runId: string): Place | null {
    return this.#driven.get(runId) ?? null;
  }

  inAttempt<C extends object, T>(
    { run, nodeId, attempt, item }: TracedAttempt,
    context: C,
    work: (context: C) => T | Promise<T>,
  ): T | Promise<T> {
    const node = run.nodes.find(({ id }) => id === nodeId);
    const caller = this.#places.caller(run);
    if (node === undefined || caller === null) return work(context);
    const place = (): Place => this.#places.attempt(run, node, attempt, caller);
    if (item === null) return work(this.#placed(context, place));
    const about = { name: `item ${nodeId}`, attributes: { 'errand.node.id': nodeId, 'errand.item': item } };
    const parent = this.#tracer.current() ?? place();
    return this.#tracer.around({ about, kind: 'INTERNAL', parent }, () => {
      const own = this.#tracer.current() ?? parent;
      return work(this.#placed(context, () => own));
    });
  }

  /** The same object; what its functions reach for belongs to the place, whoever calls them. */
  #placed<C extends object>(given: C, placeOf: () => Place): C {
    const tracer = this.#tracer;
    let known: Place | null = null;
    const within = (value: (...args: unknown[]) => unknown, target: object) => {
      return (...args: unknown[]): unknown => {
        known ??= { ...placeOf(), attempt: given };
        // What goes on in a part of the attempt, the use of a tool for example, belongs to that.
        const current = tracer.current();
        const place = current?.attempt === given ? current : known;
        return tracer.within(place, () => Reflect.apply(value, target, args));
      };
    };
    const wrap = (value: unknown, target: object): unknown =>
      typeof value === 'function' ? within(value as (...args: unknown[]) => unknown, target) : value;
    return new Proxy(given, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (REACHING.has(name)) return wrap(value, target);
        // The tools of MCP servers are an object of functions.
        if (name === 'mcp' && typeof value === 'object' && value !== null) {
          const tools = value;
          return new Proxy(tools, { get: (_, method) => wrap(Reflect.get(tools, method, tools), tools) });
        }
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  }

  useTool<T>(tool: { readonly name: string; readonly callId: string }, work: () => Promise<T>): Promise<T> {
    return this.#tracer.around({ about: aboutTool(tool), kind: 'INTERNAL' }, work, (span, value) => {
      if (isJsonObject(value) && value['isError'] === true) this.#tracer.fail(span, 'tool_error');
    });
  }

  serveRequest(request: TracedRequest, route: string | null, work: () => Promise<void>): Promise<void> {
    const told = this.#propagation.extract((name) => request.header(name));
    if (told === null) return work();
    const parent = this.#tracer.take(told);
    return this.#tracer.around({ about: aboutRequest(request, route), kind: 'SERVER', parent }, work, (span) => {
      const { status } = request;
      span.set(aboutStatus(status));
      if (status >= 500) this.#tracer.fail(span, String(status));
    });
  }

  serveMcp<T>(request: TracedMcpRequest<T>, work: () => Promise<T>): Promise<T> {
    const { meta } = request;
    const around = this.#tracer.current();
    const told = this.#propagation.extract((name) => {
      const value = meta[name];
      return typeof value === 'string' ? value : undefined;
    });
    if (told === null && around === null) return work();
    // What the message says goes before what its transport says: the client's span is the parent of the server's.
    const above = told === null ? {} : { parent: this.#tracer.take(told), links: around === null ? [] : [around] };
    return this.#tracer.around({ about: aboutMcpRequest(request), kind: 'SERVER', ...above }, work, (span, outcome) => {
      const failure = request.failure(outcome);
      if (failure !== null) this.#tracer.fail(span, failure);
    });
  }
}
