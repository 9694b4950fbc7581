import { describe, expect, it } from 'vitest';
import { newSpanId, newTraceId, parseTraceparent } from './place.js';
import { createDefaultSampler, createSampler, MAX_NEW_TRACES } from './sampling.js';
import { Tracer } from './tracer.js';
import type { SpanRecord } from './recorder.js';

const told = (flags: '00' | '01') => parseTraceparent(`00-${newTraceId()}-${newSpanId()}-${flags}`);

describe('sampling', () => {
  it('keeps what the caller keeps, and nothing of what the caller does not keep', () => {
    for (const sampler of [createDefaultSampler(() => 0), createSampler('parentbased_always_off', 1)]) {
      expect(sampler(told('01'), newTraceId())).toBe(true);
      expect(sampler(told('00'), newTraceId())).toBe(false);
    }
  });

  it('asks no caller where it is not based on parents', () => {
    expect(createSampler('always_off', 1)(told('01'), newTraceId())).toBe(false);
    expect(createSampler('always_on', 1)(told('00'), newTraceId())).toBe(true);
  });

  it('keeps a ratio of traces, and the same ones as other programs with that ratio', () => {
    const sampler = createSampler('parentbased_traceidratio', 0.25);
    const kept = Array.from({ length: 4_000 }, () => sampler(null, newTraceId())).filter(Boolean).length;
    expect(kept).toBeGreaterThan(800);
    expect(kept).toBeLessThan(1_200);
    // The parts of the id are folded into one number: 3fffffff is below a quarter of the greatest, 40000000 is not.
    expect(sampler(null, `3ffffff0${'0'.repeat(24)}`)).toBe(true);
    expect(sampler(null, `40000000${'0'.repeat(24)}`)).toBe(false);
  });

  it('keeps so many new traces in a second where nothing is said', () => {
    let now = 1_000;
    const sampler = createDefaultSampler(() => now);
    const count = (): number =>
      Array.from({ length: 3 * MAX_NEW_TRACES }, () => sampler(null, newTraceId())).filter(Boolean).length;
    expect(count()).toBe(MAX_NEW_TRACES);
    expect(count()).toBe(0);
    now += 1_000;
    expect(count()).toBe(MAX_NEW_TRACES);
  });
});

describe('what is traced', () => {
  it('has its place after every wait, and leaves the process without one when it is over', async () => {
    const spans: SpanRecord[] = [];
    const tracer = new Tracer({ record: (span) => spans.push(span), sampler: createSampler('always_on', 1) });
    const parent = tracer.begin(() => ({ name: 'begin', attributes: {} }));
    const seen = await tracer.around(
      { about: { name: 'work', attributes: {} }, kind: 'INTERNAL', parent },
      async () => {
        await new Promise((resolve) => setImmediate(resolve));
        return tracer.current();
      },
    );
    expect(seen?.traceId).toBe(parent?.traceId);
    expect(tracer.current()).toBeNull();
    expect(spans.map(([name, , , , , , , , parentId]) => [name, parentId])).toEqual([
      ['begin', null],
      ['work', parent?.spanId],
    ]);
  });

  it('has no span where its trace is not kept, and is passed on all the same', async () => {
    const spans: SpanRecord[] = [];
    const tracer = new Tracer({
      record: (span) => spans.push(span),
      sampler: createSampler('parentbased_always_on', 1),
    });
    const parent = told('00');
    const about = { name: 'work', attributes: {} };
    const seen = await tracer.around({ about, kind: 'INTERNAL', parent }, () => tracer.current());
    expect(seen).toEqual(parent);
    expect(spans).toEqual([]);
  });
});
