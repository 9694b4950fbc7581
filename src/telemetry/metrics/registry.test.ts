import { describe, expect, it } from 'vitest';
import { Registry } from './registry.js';

describe('the registry', () => {
  it('writes counters, gauges and histograms as Prometheus reads them', () => {
    const registry = new Registry();
    const counter = registry.counter('a_total', 'What is counted.', 'workflow');
    registry.gauge('b', 'What is.', ['state'], () => [[['on'], 1.5]]);
    const histogram = registry.histogram('c_seconds', 'What takes time.', [0.1, 1]);
    counter.add(2, 'one');
    counter.add(1, 'one');
    counter.add(1, 'a "quoted"\\\nname');
    for (const value of [0.05, 0.1, 0.5, 7]) histogram.observe(value);
    expect(registry.render()).toBe(
      [
        '# HELP a_total What is counted.',
        '# TYPE a_total counter',
        'a_total{workflow="one"} 3',
        'a_total{workflow="a \\"quoted\\"\\\\\\nname"} 1',
        '# HELP b What is.',
        '# TYPE b gauge',
        'b{state="on"} 1.5',
        '# HELP c_seconds What takes time.',
        '# TYPE c_seconds histogram',
        'c_seconds_bucket{le="0.1"} 2',
        'c_seconds_bucket{le="1"} 3',
        'c_seconds_bucket{le="+Inf"} 4',
        'c_seconds_sum 7.65',
        'c_seconds_count 4',
        '',
      ].join('\n'),
    );
  });

  it('has no more than 500 series of a metric beside one for all others', () => {
    const registry = new Registry();
    const counter = registry.counter('a_total', 'What is counted.', 'name');
    for (let index = 0; index < 10_000; index += 1) counter.add(1, `name ${index}`);
    const lines = registry.render().split('\n');
    expect(lines).toHaveLength(504);
    expect(lines).toContain('a_total{name="other"} 9500');
  });
});
