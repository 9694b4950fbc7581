import type { Context } from '@opentelemetry/api';
import { isJsonObject } from '../../core/json.js';
import type { Run, TraceContext } from '../../core/run/run.js';
import type { TracedAttempt, TracedMcpRequest, TracedRequest, Tracing } from '../../core/ports/tracing.js';
import { aboutMcpRequest, aboutRequest, aboutStatus, aboutTool } from './conventions.js';
import type { Otel } from './otel.js';
import type { RunPlaces } from './run-places.js';
import type { Tracer } from './tracer.js';

/** The port through OpenTelemetry. */
export class LiveTracing implements Tracing {
  readonly #otel: Otel;
  readonly #tracer: Tracer;
  readonly #places: RunPlaces;

  constructor(params: { readonly otel: Otel; readonly tracer: Tracer; readonly places: RunPlaces }) {
    this.#otel = params.otel;
    this.#tracer = params.tracer;
    this.#places = params.places;
  }

  placeNewRun(workflowId: string): TraceContext | null {
    const about = { name: `accept ${workflowId}`, attributes: { 'errand.workflow.id': workflowId } };
    const place = this.#tracer.current() ?? this.#tracer.begin(about);
    return this.#otel.api.isSpanContextValid(place) ? this.#tracer.toContext(place) : null;
  }

  inRun<T>(run: Run, work: () => Promise<T>): Promise<T> {
    const { api } = this.#otel;
    const caller = this.#places.caller(run);
    const place = caller === null ? null : (this.#places.resumption(run, caller) ?? this.#places.run(run, caller));
    return api.context.with(place === null ? api.ROOT_CONTEXT : this.#tracer.contextAt(place), work);
  }

  inAttempt<T>({ run, nodeId, attempt, item }: TracedAttempt, work: () => T | Promise<T>): T | Promise<T> {
    if (item !== null) {
      const about = { name: `item ${nodeId}`, attributes: { 'errand.node.id': nodeId, 'errand.item': item } };
      return this.#tracer.around({ about, kind: 'INTERNAL' }, work);
    }
    const node = run.nodes.find(({ id }) => id === nodeId);
    const caller = this.#places.caller(run);
    if (node === undefined || caller === null) return work();
    const place = this.#places.attempt(run, node, attempt, caller);
    return this.#otel.api.context.with(this.#tracer.contextAt(place), work);
  }

  bind<T extends object>(given: T): T {
    const { context } = this.#otel.api;
    const place = context.active();
    return new Proxy(given, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? context.bind(place, value.bind(target)) : value;
      },
    });
  }

  useTool<T>(tool: { readonly name: string; readonly callId: string }, work: () => Promise<T>): Promise<T> {
    return this.#tracer.around({ about: aboutTool(tool), kind: 'INTERNAL' }, work, (span, value) => {
      if (isJsonObject(value) && value['isError'] === true) this.#tracer.fail(span, 'tool_error');
    });
  }

  serveRequest(request: TracedRequest, work: () => Promise<void>): Promise<void> {
    const carrier = this.#carried(request.header);
    if (carrier === null) return work();
    const parent = this.#extract(carrier);
    return this.#tracer.around({ about: aboutRequest(request), kind: 'SERVER', parent }, work, (span) => {
      const status = request.status();
      span.setAttributes(aboutStatus(status));
      if (status >= 500) this.#tracer.fail(span, String(status));
    });
  }

  serveMcp<T>(request: TracedMcpRequest<T>, work: () => Promise<T>): Promise<T> {
    const { meta } = request;
    const around = this.#tracer.current();
    const carrier = this.#carried((name) => {
      const value = meta[name];
      return typeof value === 'string' ? value : undefined;
    });
    if (carrier === null && around === null) return work();
    // What the message says goes before what its transport says: the client's span is the parent of the server's.
    const above = carrier === null ? {} : { parent: this.#extract(carrier), links: around === null ? [] : [around] };
    return this.#tracer.around({ about: aboutMcpRequest(request), kind: 'SERVER', ...above }, work, (span, outcome) => {
      const failure = request.failure(outcome);
      if (failure !== null) this.#tracer.fail(span, failure);
    });
  }

  /** The fields in which somebody's trace comes along; null where none does. */
  #carried(header: (name: string) => string | undefined): { readonly [name: string]: string } | null {
    const carrier: { [name: string]: string } = {};
    let isThere = false;
    for (const name of this.#otel.api.propagation.fields()) {
      const value = header(name);
      if (value === undefined) continue;
      carrier[name] = value;
      if (name !== 'baggage') isThere = true;
    }
    return isThere ? carrier : null;
  }

  #extract(carrier: { readonly [name: string]: string }): Context {
    const { api } = this.#otel;
    return api.propagation.extract(api.ROOT_CONTEXT, carrier);
  }
}
