import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson, copyJson, estimateJsonLength, isDeeperThan, type Json } from './json.js';

it('copies JSON in any depth, sharing nothing', () => {
  const original = JSON.parse('{"a":[1,{"b":null}],"__proto__":{"c":"x"},"d":true}') as Json;
  const copy = copyJson(original) as { a: { b: unknown }[] };
  expect(JSON.stringify(copy)).toBe(JSON.stringify(original));
  expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
  copy.a[1] = { b: 'changed' };
  expect(JSON.stringify(original)).toContain('"b":null');
});

it('estimates how long JSON text is: never more than it is, and exactly for plain texts and digits', () => {
  const plain: Json = { name: 'ada', tags: ['x', 'yz'], n: 7, none: {}, list: [], on: true, off: null };
  expect(estimateJsonLength(plain)).toBe(JSON.stringify(plain).length);
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      expect(estimateJsonLength(JSON.parse(text) as Json)).toBeLessThanOrEqual(text.length);
    }),
  );
});

it('stops estimating once the limit is passed', () => {
  const items = Array.from({ length: 1_000 }, () => 'x'.repeat(98));
  expect(estimateJsonLength(items, 1_000)).toBeLessThan(1_200);
});

it('tells how deep JSON is nested, without recursion', () => {
  const nested = (levels: number): Json => JSON.parse('{"a":'.repeat(levels) + '1' + '}'.repeat(levels)) as Json;
  expect([isDeeperThan(7, 1), isDeeperThan(nested(3), 3), isDeeperThan(nested(4), 3)]).toEqual([false, false, true]);
  let deep: Json = [];
  for (let level = 0; level < 100_000; level += 1) deep = [deep];
  expect(isDeeperThan(deep, 1_000)).toBe(true);
});

describe('canonical JSON', () => {
  it('does not depend on the order of keys', () => {
    expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: true })).toBe('{"a":true,"b":[1,{"c":"x","d":null}]}');
  });
});
