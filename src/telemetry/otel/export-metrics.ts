import type { MetricMirror } from '../metrics/registry.js';
import type { Otel } from './otel.js';

/** What `/metrics` tells, told to OpenTelemetry too: `errand_run_queue_seconds` as `errand.run.queue` in seconds. */
export function mirrorMetrics({ api, version }: Otel): MetricMirror {
  const meter = api.metrics.getMeter('errand', version);
  return {
    counter: ({ name, help, labels }, read) => {
      const counter = meter.createObservableCounter(nameOf(name), { description: help, ...unitOf(name) });
      counter.addCallback((result) => {
        for (const [values, value] of read()) result.observe(value, attributesOf(labels, values));
      });
    },
    histogram: ({ name, help, labels }, bounds) => {
      const advice = { explicitBucketBoundaries: [...bounds] };
      const histogram = meter.createHistogram(nameOf(name), { description: help, advice, ...unitOf(name) });
      return (value, values) => histogram.record(value, attributesOf(labels, values));
    },
    gauge: ({ name, help, labels }, read) => {
      const gauge = meter.createObservableGauge(nameOf(name), { description: help, ...unitOf(name) });
      gauge.addCallback((result) => {
        for (const [values, value] of read()) result.observe(value, attributesOf(labels, values));
      });
    },
  };
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

function unitOf(name: string): { readonly unit?: string } {
  const plain = name.replace(/_total$/, '');
  const unit = UNITS.find(([end]) => plain.endsWith(end))?.[1];
  return unit === undefined ? {} : { unit };
}

function attributesOf(names: readonly string[], values: readonly string[]): { readonly [name: string]: string } {
  const attributes: { [name: string]: string } = {};
  for (const [index, name] of names.entries()) attributes[name] = values[index] ?? '';
  return attributes;
}
