import { AsyncLocalStorage } from 'node:async_hooks';
import { errorMessage } from '../../../core/errors.js';
import { NodeFailure } from '../../../core/handlers/node-kind.js';
import type { AttributeValue, Attributes } from './attributes.js';
import { ERROR_TYPE, type Named } from './conventions.js';
import { isSampled, newSpanId, newTraceId, SAMPLED, toPlain, type Place } from './place.js';
import { SPAN_KINDS, type SpanKindName, type SpanRecord } from './recorder.js';
import type { Sampler } from './sampling.js';

const MAX_DIVIDED = 10_000;
const NONE: readonly never[] = [];

export interface FinishedSpan {
  readonly about: Named;
  /** Epoch milliseconds. */
  readonly from: number;
  readonly to: number;
  /** Null: it begins a trace. */
  readonly parent: Place | null;
  readonly self: Place;
  readonly links?: readonly Place[];
  /** What happened on the way. */
  readonly moments?: readonly { readonly name: string; readonly at: number }[];
  /** Why it failed; null: it did not. */
  readonly failure: string | null;
}

/** A span that is not over yet. */
export class LiveSpan {
  name: string;
  readonly attributes: Attributes;
  failure: string | null = null;

  constructor({ name, attributes }: Named) {
    this.name = name;
    this.attributes = { ...attributes };
  }

  set(attributes: { readonly [name: string]: AttributeValue }): void {
    Object.assign(this.attributes, attributes);
  }
}

/**
 * Follows work through this process, and records its spans. What it works in is kept by an AsyncLocalStorage, which makes
 * every promise of the process dearer while it is in use: it is switched off as soon as nothing is traced.
 */
export class Tracer {
  readonly #record: (span: SpanRecord) => void;
  readonly #sampler: Sampler;
  readonly #places = new AsyncLocalStorage<Place | null>();
  #inUse = 0;
  /** Ids of spans, not made yet, that others name as their parent. */
  readonly #divided = new RecentSet(MAX_DIVIDED);
  #clean: (text: string) => string = (text) => text;

  constructor(params: { readonly record: (span: SpanRecord) => void; readonly sampler: Sampler }) {
    this.#record = params.record;
    this.#sampler = params.sampler;
  }

  /** From now on failures are told as `clean` has them. */
  tellCleanly(clean: (text: string) => string): void {
    this.#clean = clean;
  }

  /** A span of something that is over. */
  record(span: FinishedSpan): void {
    if (isSampled(span.self)) this.#write(span, 'INTERNAL');
  }

  /**
   * A span for as long as `work` takes; within it, it is the current one. `finish` may say more at its end. Where there
   * is no trace, there is no span.
   */
  async around<T>(
    params: {
      readonly about: Named;
      readonly kind: SpanKindName;
      /** The current place when not given. */
      readonly parent?: Place | null;
      readonly links?: readonly Place[];
    },
    work: (span: LiveSpan) => T | Promise<T>,
    finish: (span: LiveSpan, value: T) => void = () => undefined,
  ): Promise<T> {
    const { about, kind, parent = this.current(), links = [] } = params;
    const span = new LiveSpan(about);
    if (parent === null) return await work(span);
    if (!isSampled(parent)) return await this.within(parent, () => work(span));
    this.divide(parent);
    const self: Place = { ...parent, spanId: newSpanId(), isRemote: false };
    const from = Date.now();
    const begun = performance.now();
    try {
      const value = await this.within(self, () => work(span));
      finish(span, value);
      return value;
    } catch (thrown) {
      this.fail(span, kindOf(thrown), errorMessage(thrown));
      throw thrown;
    } finally {
      const { failure } = span;
      const to = from + performance.now() - begun;
      this.#write({ about: span, from, to, parent, self, links, failure }, kind);
    }
  }

  fail(span: LiveSpan, kind: string, message = ''): void {
    span.attributes[ERROR_TYPE] = this.#clean(kind);
    span.failure = this.#clean(message);
  }

  /** Begins a trace with a span that is over at once, as there is nothing else to begin it; null: it is not kept. */
  begin(name: () => Named): Place | null {
    const traceId = newTraceId();
    if (!this.#sampler(null, traceId)) return null;
    const self: Place = { traceId, spanId: newSpanId(), flags: SAMPLED, state: '', isRemote: false };
    const at = Date.now();
    this.#write({ about: name(), from: at, to: at, parent: null, self, failure: null }, 'PRODUCER');
    return self;
  }

  /** A place that another program has told: whether its trace is kept here. */
  take(told: Place): Place {
    const isKept = this.#sampler(told, told.traceId);
    return isKept === isSampled(told) ? told : { ...told, flags: told.flags ^ SAMPLED };
  }

  /** What `work` does belongs to the place; null: to none. */
  within<T>(place: Place | null, work: () => T): T {
    if (place === null && this.#inUse === 0) return work();
    this.#inUse += 1;
    let isLeft = false;
    const leave = (): void => {
      if (isLeft) return;
      isLeft = true;
      this.#inUse -= 1;
      if (this.#inUse === 0) this.#places.disable();
    };
    try {
      const given = this.#places.run(place, work);
      if (given instanceof Promise) given.then(leave, leave);
      else leave();
      return given;
    } catch (thrown) {
      leave();
      throw thrown;
    }
  }

  /** Where work goes on now; null: it belongs to no trace. */
  current(): Place | null {
    return this.#inUse === 0 ? null : (this.#places.getStore() ?? null);
  }

  /** What goes on at the place has a part of its own, which names it as its parent. */
  divide(place: Place): void {
    if (isSampled(place)) this.#divided.add(place.spanId);
  }

  /** What was worked on there has ended: whether any of it has a span of its own. */
  wasDivided(place: () => Place): boolean {
    return this.#divided.size > 0 && this.#divided.delete(place().spanId);
  }

  #write(span: FinishedSpan, kind: SpanKindName): void {
    const { about, from, to, parent, self, links = NONE, moments = NONE, failure } = span;
    this.#record([
      about.name,
      SPAN_KINDS[kind],
      from,
      to,
      self.traceId,
      self.spanId,
      self.flags,
      self.state,
      parent === null ? null : parent.spanId,
      parent !== null && parent.isRemote,
      about.attributes,
      failure,
      links.length === 0 ? null : links.map(toPlain),
      moments.length === 0 ? null : moments,
    ]);
  }
}

/**
 * Forgets the older half of its values when it is full: the oldest of a set is found by a walk over all that were deleted
 * before it.
 */
class RecentSet {
  readonly #half: number;
  #newer = new Set<string>();
  #older = new Set<string>();

  constructor(most: number) {
    this.#half = most / 2;
  }

  get size(): number {
    return this.#newer.size + this.#older.size;
  }

  add(value: string): void {
    this.#newer.add(value);
    if (this.#newer.size < this.#half) return;
    this.#older = this.#newer;
    this.#newer = new Set();
  }

  delete(value: string): boolean {
    return this.#newer.delete(value) || this.#older.delete(value);
  }
}

function kindOf(thrown: unknown): string {
  if (thrown instanceof NodeFailure) return thrown.kind;
  return thrown instanceof Error ? thrown.name : 'error';
}
