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
    for (const levels of [PAYLOAD_LIMITS.depth + 1, 4_110]) {
      const refusal = expect.objectContaining({ kind: 'invalid_output', retryable: false }) as Error;
      expect(() => toJson(nested(levels))).toThrow(refusal);
      expect(() => assertSize(nested(levels))).toThrow(refusal);
    }
  });

  it('is refused when its JSON is longer than is kept', () => {
    const long = 'x'.repeat(PAYLOAD_LIMITS.output + 1);
    const refusal = expect.objectContaining({ kind: 'output_too_large', retryable: false }) as Error;
    for (const value of [long, [long]]) {
      expect(() => toJson(value)).toThrow(refusal);
      expect(() => assertSize(value)).toThrow(refusal);
    }
  });
});
