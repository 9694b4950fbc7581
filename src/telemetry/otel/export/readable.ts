/** What is recorded, as OpenTelemetry's exporters read it. */
import { isSampled, type Place } from '../trace/place.js';
import type { LogRecord, SpanRecord } from '../trace/recorder.js';
import type { MetricSnapshot } from '../export-metrics.js';
import type { Resource } from './packages.js';

export interface Source {
  readonly resource: Resource;
  readonly scope: { readonly name: string; readonly version: string };
}

type HrTime = readonly [seconds: number, nanoseconds: number];

/** Epoch milliseconds. */
function toHrTime(at: number): HrTime {
  const seconds = Math.floor(at / 1_000);
  return [seconds, Math.round((at - seconds * 1_000) * 1e6)];
}

const UNSET = 0;
const ERROR = 2;

export function toReadableSpan(record: SpanRecord, { resource, scope }: Source): object {
  const [name, kind, from, to, traceId, spanId, flags, state, parentId, isParentRemote, attributes] = record;
  const [, , , , , , , , , , , failure, links, moments] = record;
  const self: Place = { traceId, spanId, flags, state, isRemote: false };
  const context = toSpanContext(self);
  const parent = parentId === null ? null : { ...self, spanId: parentId, isRemote: isParentRemote };
  return {
    name,
    kind,
    spanContext: () => context,
    ...(parent === null ? {} : { parentSpanContext: toSpanContext(parent), parentSpanId: parentId }),
    startTime: toHrTime(from),
    endTime: toHrTime(to),
    duration: toHrTime(to - from),
    status: failure === null ? { code: UNSET } : { code: ERROR, ...(failure === '' ? {} : { message: failure }) },
    attributes,
    links: (links ?? []).map((place) => ({ context: toSpanContext(place), attributes: {} })),
    events: (moments ?? []).map((moment) => ({ name: moment.name, time: toHrTime(moment.at), attributes: {} })),
    ended: true,
    resource,
    instrumentationScope: scope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

export function toReadableLog(record: LogRecord, { resource, scope }: Source): object {
  const [at, severityNumber, severityText, body, attributes, place] = record;
  const time = toHrTime(at);
  return {
    hrTime: time,
    hrTimeObserved: time,
    ...(place === null ? {} : { spanContext: toSpanContext(place) }),
    severityText,
    severityNumber,
    body,
    attributes,
    resource,
    instrumentationScope: scope,
    droppedAttributesCount: 0,
  };
}

function toSpanContext(place: Place): object {
  const { traceId, spanId, isRemote, state } = place;
  const context = { traceId, spanId, traceFlags: isSampled(place) ? 1 : 0, isRemote };
  return state === '' ? context : { ...context, traceState: { serialize: () => state } };
}

type Point = MetricSnapshot['points'][number][1];

/** As OpenTelemetry numbers them. */
const DATA_POINTS = { histogram: 0, gauge: 2, counter: 3 } as const;
const INSTRUMENTS = { histogram: 'HISTOGRAM', gauge: 'OBSERVABLE_GAUGE', counter: 'OBSERVABLE_COUNTER' } as const;
const DELTA = 0;
const CUMULATIVE = 1;
const DOUBLE = 1;

/** The metrics for one exporter, which says whether it wants all that was counted, or what has come since the last time. */
export class ReadableMetrics {
  readonly #source: Source;
  readonly #temporality: (instrument: string) => number;
  readonly #startedAt: number;
  #before = new Map<string, Point>();
  #beforeAt: number;

  constructor(source: Source, temporality: (instrument: string) => number, now: number) {
    this.#source = source;
    this.#temporality = temporality;
    this.#startedAt = now;
    this.#beforeAt = now;
  }

  read(metrics: readonly MetricSnapshot[], at: number): object {
    const now = new Map<string, Point>();
    const { resource, scope } = this.#source;
    const told = {
      resource,
      scopeMetrics: [{ scope, metrics: metrics.map((metric) => this.#metric(metric, at, now)) }],
    };
    this.#before = now;
    this.#beforeAt = at;
    return told;
  }

  #metric(
    { name, description, unit, type, labels, bounds, points }: MetricSnapshot,
    at: number,
    now: Map<string, Point>,
  ) {
    const isDelta = type !== 'gauge' && this.#temporality(INSTRUMENTS[type]) === DELTA;
    const startTime = toHrTime(isDelta ? this.#beforeAt : this.#startedAt);
    return {
      descriptor: { name, description, unit, valueType: DOUBLE, type: INSTRUMENTS[type], advice: {} },
      aggregationTemporality: isDelta ? DELTA : CUMULATIVE,
      dataPointType: DATA_POINTS[type],
      isMonotonic: type === 'counter',
      dataPoints: points.map(([values, value]) => {
        const key = `${name} ${JSON.stringify(values)}`;
        now.set(key, value);
        const counted = isDelta ? subtract(value, this.#before.get(key)) : value;
        return {
          startTime,
          endTime: toHrTime(at),
          attributes: attributesOf(labels, values),
          value: typeof counted === 'number' ? counted : toHistogram(counted, bounds ?? []),
        };
      }),
    };
  }
}

function toHistogram({ counts, sum }: Exclude<Point, number>, boundaries: readonly number[]): object {
  return { buckets: { boundaries, counts }, sum, count: counts.reduce((total, count) => total + count, 0) };
}

function subtract(value: Point, before: Point | undefined): Point {
  if (before === undefined) return value;
  if (typeof value === 'number' || typeof before === 'number') return Number(value) - Number(before);
  const counts = value.counts.map((count, index) => count - (before.counts[index] ?? 0));
  return { counts, sum: value.sum - before.sum };
}

function attributesOf(names: readonly string[], values: readonly string[]): { readonly [name: string]: string } {
  const attributes: { [name: string]: string } = {};
  for (const [index, name] of names.entries()) {
    const value = values[index] ?? '';
    if (value !== '') attributes[name] = value;
  }
  return attributes;
}
