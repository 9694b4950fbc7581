import type { Buckets, Labels, Readable, Registry } from '../metrics/registry.js';

/** A metric as it stands at a moment, named as OpenTelemetry does. */
export interface MetricSnapshot {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly type: Readable['type'];
  readonly labels: readonly string[];
  /** Of a histogram. */
  readonly bounds?: readonly number[];
  readonly points: readonly (readonly [Labels, number | Buckets])[];
}

/** The metrics that are sent: they are read when that is due, and nothing is done for them in between. */
export class MetricList {
  readonly #named: { readonly metric: Readable; readonly unit: string }[] = [];
  #registry: Registry | null = null;

  /** Named as OpenTelemetry does already. */
  add(metric: Readable, unit: string): void {
    this.#named.push({ metric, unit });
  }

  /** What `/metrics` tells is sent too: `errand_run_queue_seconds` as `errand.run.queue` in seconds. */
  mirror(registry: Registry): void {
    this.#registry = registry;
  }

  read(): readonly MetricSnapshot[] {
    const mirrored = (this.#registry?.metrics ?? []).map((metric) => {
      const { name } = metric.named;
      return takeSnapshot(metric, nameOf(name), unitOf(name));
    });
    return [...mirrored, ...this.#named.map(({ metric, unit }) => takeSnapshot(metric, metric.named.name, unit))];
  }
}

function takeSnapshot(metric: Readable, name: string, unit: string): MetricSnapshot {
  const { type, named } = metric;
  const base = { name, description: named.help, unit, type, labels: named.labels, points: [...metric.samples()] };
  return metric.type === 'histogram' ? { ...base, bounds: metric.bounds } : base;
}

const UNITS: readonly (readonly [ending: string, unit: string])[] = [
  ['_seconds', 's'],
  ['_bytes', 'By'],
  ['_usd', 'USD'],
];

function nameOf(name: string): string {
  const plain = name.replace(/_total$/, '');
  const ending = UNITS.find(([end]) => plain.endsWith(end))?.[0] ?? '';
  return plain.slice(0, plain.length - ending.length).replaceAll('_', '.');
}

function unitOf(name: string): string {
  const plain = name.replace(/_total$/, '');
  return UNITS.find(([end]) => plain.endsWith(end))?.[1] ?? '';
}
