import { describe, expect, it } from 'vitest';
import type { Json } from '../../core/json.js';
import { PAYLOAD_LIMITS } from '../../core/text/payload-limits.js';
import { assertSize, toJson } from './to-json.js';

const nested = (levels: number): Json => JSON.parse('['.repeat(levels) + ']'.repeat(levels)) as Json;

describe('an output', () => {
  it('is refused when it is nested deeper than what reads runs can walk', () => {
    const deepest = nested(PAYLOAD_LIMITS.depth);
    expect(toJson(deepest)).toEqual(deepest);
    expect(assertSize(deepest)).toBe(deepest);
    for (const levels of [PAYLOAD_LIMITS.depth + 1, 1_900]) {
      const refusal = expect.objectContaining({ kind: 'invalid_output', retryable: false }) as Error;
      expect(() => toJson(nested(levels))).toThrow(refusal);
      expect(() => assertSize(nested(levels))).toThrow(refusal);
    }
  });

  it('is refused when its JSON is longer than is kept', async () => {
    const long = 'x'.repeat(PAYLOAD_LIMITS.output + 1);
    const refusal = expect.objectContaining({ kind: 'output_too_large', retryable: false }) as Error;
    for (const value of [long, [long], Array.from({ length: 100_000 }, () => 'x'.repeat(100))]) {
      await expect(toJson(value)).rejects.toThrow(refusal);
      await expect(assertSize(value)).rejects.toThrow(refusal);
    }
  });

  it('is refused in the same way when there is much of it', async () => {
    const much = Array.from({ length: 50_000 }, (_, index) => ({ index }));
    const refusal = expect.objectContaining({ kind: 'invalid_output', retryable: false }) as Error;
    for (const deep of [nested(PAYLOAD_LIMITS.depth + 1), nested(4_110), nested(100_000)]) {
      await expect((async () => toJson([much, deep]))()).rejects.toThrow(refusal);
      await expect((async () => assertSize([much, deep]))()).rejects.toThrow(refusal);
    }
    await expect(toJson([much, { at: [1, Number.NaN] }])).rejects.toThrow(/\[1\]\.at\[1\] is NaN/);
    await expect(toJson([much, Array.from({ length: 3_000 }, () => 1n)])).rejects.toThrow(/\[1\]\[0\] is a bigint/);
    await expect(toJson([much, new Map()])).rejects.toThrow(/\[1\] is a Map/);
  });

  it('that is large is a copy, without halves of surrogate pairs, made while others have their turns', async () => {
    const items = Array.from({ length: 100_000 }, (_, index) => ({
      index,
      at: new Date(index),
      half: '\ud83d',
      no: undefined,
    }));
    let turns = 0;
    const count = setInterval(() => (turns += 1), 0);
    const made = (await toJson({ items })) as { items: Json[] };
    clearInterval(count);
    expect(turns).toBeGreaterThan(2);
    expect(made.items).not.toBe(items);
    expect(made.items[99_999]).toEqual({ index: 99_999, at: '1970-01-01T00:01:39.999Z', half: '\ufffd' });
  });

  it('of templates is itself, unless it holds halves of surrogate pairs', async () => {
    const items = Array.from({ length: 10_000 }, (_, index) => ({ index, text: 'x\\ud' }));
    expect(JSON.stringify(await assertSize(items)) === JSON.stringify(items)).toBe(true);
    const fine = { items: items.map(({ index }) => index) };
    expect(await assertSize(fine)).toBe(fine);
    for (const text of ['\ud83d', `${'x'.repeat(300_000)}\ud83d`]) {
      expect(await assertSize(text)).toBe(text.toWellFormed());
      expect(await assertSize({ text })).toEqual({ text: text.toWellFormed() });
    }
  });
});
