import type { Context, HrTime, Link, Span, SpanContext, SpanKind, Tracer as OtelTracer } from '@opentelemetry/api';
import { errorMessage } from '../../core/errors.js';
import { NodeFailure } from '../../core/handlers/node-kind.js';
import type { TraceContext } from '../../core/run/run.js';
import { ERROR_TYPE, type Named } from './conventions.js';
import type { Otel } from './otel.js';
import type { SpanIds } from './span-ids.js';

const MAX_DIVIDED = 10_000;

export interface FinishedSpan {
  readonly about: Named;
  /** Epoch milliseconds. */
  readonly from: number;
  readonly to: number;
  /** Null: it begins a trace. */
  readonly parent: SpanContext | null;
  readonly self: Pick<SpanContext, 'spanId' | 'traceId'>;
  readonly links?: readonly SpanContext[];
  /** What happened on the way. */
  readonly moments?: readonly { readonly name: string; readonly at: number }[];
  /** Why it failed; null: it did not. */
  readonly failure: string | null;
}

/** Makes spans through OpenTelemetry's API. */
export class Tracer {
  readonly #otel: Otel;
  readonly #ids: SpanIds;
  readonly #tracer: OtelTracer;
  /** Ids of spans, not made yet, that others name as their parent. */
  readonly #divided = new RecentSet(MAX_DIVIDED);
  #clean: (text: string) => string = (text) => text;

  constructor(otel: Otel, ids: SpanIds) {
    this.#otel = otel;
    this.#ids = ids;
    this.#tracer = otel.api.trace.getTracer('errand', otel.version);
  }

  /** From now on failures are told as `clean` has them. */
  tellCleanly(clean: (text: string) => string): void {
    this.#clean = clean;
  }

  /** A span of something that is over. */
  record(span: FinishedSpan): void {
    const { about, from, to, parent, self, links = [], moments = [], failure } = span;
    this.#ids.choose(self);
    const made = this.#tracer.startSpan(
      about.name,
      { attributes: about.attributes, startTime: toHrTime(from), links: links.map((context): Link => ({ context })) },
      parent === null ? this.#otel.api.ROOT_CONTEXT : this.contextAt(parent),
    );
    this.#ids.clear();
    for (const { name, at } of moments) made.addEvent(name, toHrTime(at));
    if (failure !== null) made.setStatus({ code: this.#otel.api.SpanStatusCode.ERROR, message: failure });
    made.end(toHrTime(to));
  }

  /** A span for as long as `work` takes; within it, it is the current one. `finish` may say more at its end. */
  async around<T>(
    params: {
      readonly about: Named;
      readonly kind: keyof typeof SpanKind;
      readonly parent?: Context;
      readonly links?: readonly SpanContext[];
    },
    work: (span: Span) => T | Promise<T>,
    finish: (span: Span, value: T) => void = () => undefined,
  ): Promise<T> {
    const { api } = this.#otel;
    const { about, kind, parent = api.context.active(), links = [] } = params;
    const above = api.trace.getSpanContext(parent);
    if (above !== undefined) this.#divided.add(above.spanId);
    const span = this.#tracer.startSpan(
      about.name,
      { kind: api.SpanKind[kind], attributes: about.attributes, links: links.map((context): Link => ({ context })) },
      parent,
    );
    try {
      const value = await api.context.with(api.trace.setSpan(parent, span), () => work(span));
      finish(span, value);
      return value;
    } catch (thrown) {
      this.fail(span, kindOf(thrown), errorMessage(thrown));
      throw thrown;
    } finally {
      span.end();
    }
  }

  fail(span: Span, kind: string, message?: string): void {
    span.setAttribute(ERROR_TYPE, this.#clean(kind));
    const told = message === undefined ? {} : { message: this.#clean(message) };
    span.setStatus({ code: this.#otel.api.SpanStatusCode.ERROR, ...told });
  }

  /** What a span begins a trace that is over at once: there is nothing else to begin it. */
  begin(about: Named): SpanContext {
    const span = this.#tracer.startSpan(
      about.name,
      { kind: this.#otel.api.SpanKind.PRODUCER, attributes: about.attributes, root: true },
      this.#otel.api.ROOT_CONTEXT,
    );
    span.end();
    return span.spanContext();
  }

  contextAt(span: SpanContext): Context {
    const { api } = this.#otel;
    return api.trace.setSpanContext(api.ROOT_CONTEXT, span);
  }

  /** Where work goes on now, which then has a part of its own; null: it belongs to no trace. */
  current(): SpanContext | null {
    const { api } = this.#otel;
    const span = api.trace.getSpanContext(api.context.active());
    if (span === undefined || !api.isSpanContextValid(span)) return null;
    this.#divided.add(span.spanId);
    return span;
  }

  /** What was worked on there has ended: whether any of it has a span of its own. */
  wasDivided({ spanId }: SpanContext): boolean {
    return this.#divided.delete(spanId);
  }

  toContext({ traceId, spanId, traceFlags, traceState }: SpanContext): TraceContext {
    const traceparent = `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
    const tracestate = traceState?.serialize() ?? '';
    return tracestate === '' ? { traceparent } : { traceparent, tracestate };
  }

  fromContext({ traceparent, tracestate }: TraceContext): SpanContext {
    const [, traceId = '', spanId = '', flags = ''] = traceparent.split('-');
    const traceState = tracestate === undefined ? {} : { traceState: this.#otel.api.createTraceState(tracestate) };
    return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true, ...traceState };
  }
}

/** Forgets the oldest. */
class RecentSet {
  readonly #most: number;
  readonly #values = new Set<string>();

  constructor(most: number) {
    this.#most = most;
  }

  add(value: string): void {
    this.#values.add(value);
    if (this.#values.size > this.#most) this.#values.delete(this.#values.values().next().value ?? '');
  }

  delete(value: string): boolean {
    return this.#values.delete(value);
  }
}

function kindOf(thrown: unknown): string {
  if (thrown instanceof NodeFailure) return thrown.kind;
  return thrown instanceof Error ? thrown.name : 'error';
}

function toHrTime(at: number): HrTime {
  const seconds = Math.floor(at / 1_000);
  return [seconds, Math.round((at - seconds * 1_000) * 1e6)];
}
