import { describe, expect, it } from 'vitest';
import { isKnownLarge, jsonLengthOf, noteJsonLength } from './json-length.js';

const list = (count: number): readonly number[] => Array.from({ length: count }, () => 1);

describe('the length of a value as JSON', () => {
  it('is as it was noted, for a large value', () => {
    const value = list(10);
    noteJsonLength(value, 60_000);
    expect(jsonLengthOf(value)).toBe(60_000);
    expect(isKnownLarge(value)).toBe(true);
  });

  it('is estimated where nobody has noted it, once', () => {
    const value = list(40_000);
    expect(isKnownLarge(value)).toBe(false);
    expect(jsonLengthOf(value)).toBeGreaterThan(50_000);
    expect(isKnownLarge(value)).toBe(true);
  });

  it('is not kept for a small value, nor for a text', () => {
    const value = list(10);
    noteJsonLength(value, 21);
    expect(isKnownLarge(value)).toBe(false);
    expect(jsonLengthOf('x'.repeat(60_000))).toBe(60_002);
    expect(isKnownLarge('x'.repeat(60_000))).toBe(false);
  });
});
