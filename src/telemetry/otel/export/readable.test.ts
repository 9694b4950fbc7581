import { describe, expect, it } from 'vitest';
import { Registry } from '../../metrics/registry.js';
import { MetricList } from '../export-metrics.js';
import { ReadableMetrics } from './readable.js';

interface Told {
  readonly scopeMetrics: readonly {
    readonly metrics: readonly {
      readonly descriptor: { readonly name: string; readonly unit: string };
      readonly aggregationTemporality: number;
      readonly dataPoints: readonly {
        readonly attributes: object;
        readonly value: unknown;
        readonly startTime: unknown;
      }[];
    }[];
  }[];
}

const source = { resource: { merge: (other: never) => other }, scope: { name: 'errand', version: '1' } };

describe('metrics as exporters read them', () => {
  const registry = new Registry();
  const ended = registry.counter('errand_runs_ended_total', 'Runs.', 'status');
  const took = registry.histogram('errand_run_seconds', 'How long.', [1, 10]);
  const list = new MetricList();
  list.mirror(registry);
  const all = new ReadableMetrics(source, () => 1, 1_000);
  const news = new ReadableMetrics(source, () => 0, 1_000);
  const read = (readable: ReadableMetrics, at: number) =>
    ((readable.read(list.read(), at) as Told).scopeMetrics[0]?.metrics ?? []).map(({ descriptor, dataPoints }) => [
      descriptor.name,
      descriptor.unit,
      dataPoints[0]?.attributes,
      dataPoints[0]?.value,
      dataPoints[0]?.startTime,
    ]);

  it('are all that was counted, or what has come since, as the exporter wants it', () => {
    ended.add(2, 'failed');
    took.observe(0.5);
    took.observe(99);
    const histogram = (counts: readonly number[], sum: number) => ({
      buckets: { boundaries: [1, 10], counts },
      sum,
      count: counts.reduce((total, count) => total + count, 0),
    });
    const first = (start: unknown) => [
      ['errand.runs.ended', '', { status: 'failed' }, 2, start],
      ['errand.run', 's', {}, histogram([1, 0, 1], 99.5), start],
    ];
    expect(read(all, 2_000)).toEqual(first([1, 0]));
    expect(read(news, 2_000)).toEqual(first([1, 0]));
    ended.add(1, 'failed');
    took.observe(5);
    expect(read(all, 3_000)).toEqual([
      ['errand.runs.ended', '', { status: 'failed' }, 3, [1, 0]],
      ['errand.run', 's', {}, histogram([1, 1, 1], 104.5), [1, 0]],
    ]);
    expect(read(news, 3_000)).toEqual([
      ['errand.runs.ended', '', { status: 'failed' }, 1, [2, 0]],
      ['errand.run', 's', {}, histogram([0, 1, 0], 5), [2, 0]],
    ]);
  });
});
