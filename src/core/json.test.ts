import { expect, it } from 'vitest';
import { copyJson, type Json } from './json.js';

it('copies JSON in any depth, sharing nothing', () => {
  const original = JSON.parse('{"a":[1,{"b":null}],"__proto__":{"c":"x"},"d":true}') as Json;
  const copy = copyJson(original) as { a: { b: unknown }[] };
  expect(JSON.stringify(copy)).toBe(JSON.stringify(original));
  expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
  copy.a[1] = { b: 'changed' };
  expect(JSON.stringify(original)).toContain('"b":null');
});
