import { describe, expect, it } from 'vitest';
import { quantilesOf } from './estimate.js';

describe('quantilesOf', () => {
  it('gives values that there were, however they are ordered', () => {
    expect(quantilesOf([])).toBeNull();
    expect(quantilesOf([7])).toEqual({ p50: 7, p90: 7, max: 7 });
    expect(quantilesOf([10, 9, 8, 7, 6, 5, 4, 3, 2, 1])).toEqual({ p50: 5, p90: 9, max: 10 });
  });

  it('has at least the share of values at or below each that its name says', () => {
    for (let length = 1; length < 60; length += 1) {
      const values = Array.from({ length }, (_, n) => (n * 37) % 23);
      const { p50, p90, max } = quantilesOf(values)!;
      const shareUpTo = (bound: number): number => values.filter((value) => value <= bound).length / length;
      expect([shareUpTo(p50) >= 0.5, shareUpTo(p90) >= 0.9, shareUpTo(max)]).toEqual([true, true, 1]);
    }
  });
});
