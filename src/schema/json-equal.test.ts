import { assert, jsonValue, property } from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Json } from '../core/json.js';
import { compileSchema } from '../workflow/schema/schema.js';
import { jsonEqual } from './json-equal.js';

const INHERITED = ['constructor', 'toString', 'valueOf', 'hasOwnProperty', '__proto__', '__defineGetter__'];

function fits(schema: Json, value: string): boolean {
  const compiled = compileSchema(schema);
  if (compiled.status === 'invalid') throw new Error(JSON.stringify(compiled.faults));
  return compiled.check(JSON.parse(value) as Json).length === 0;
}

it('values are equal when their JSON is', () => {
  assert(
    property(jsonValue(), jsonValue(), (one, other) => {
      expect(jsonEqual(one, structuredClone(one))).toBe(true);
      expect(jsonEqual(one, other)).toBe(isDeepStrictEqual(one, other) || (one === 0 && other === 0));
    }),
  );
  expect(jsonEqual([], {})).toBe(false);
  expect(jsonEqual({ a: undefined }, { b: undefined })).toBe(false);
});

describe.each(INHERITED)('the name %s', (name) => {
  it('is no property of a value that does not have it', () => {
    expect(fits({ required: [name] }, '{}')).toBe(false);
    expect(fits({ required: [name] }, `{"${name}":1}`)).toBe(true);
    expect(fits({ dependentRequired: { a: [name] } }, '{"a":1}')).toBe(false);
    const depends = JSON.parse(`{"dependentRequired":{"${name}":["b"]}}`) as Json;
    expect([fits(depends, '{}'), fits(depends, `{"${name}":1}`)]).toEqual([true, false]);
  });

  it('does not disturb the comparison of values', () => {
    const value = JSON.parse(`{"${name}":1}`) as Json;
    expect(fits({ const: value }, `{"${name}":1}`)).toBe(true);
    expect(fits({ enum: [value] }, `{"${name}":2}`)).toBe(false);
    expect(fits({ uniqueItems: true }, `[{"${name}":1},{"${name}":1}]`)).toBe(false);
    expect(fits({ uniqueItems: true }, `[{"${name}":1},{"${name}":2}]`)).toBe(true);
  });
});

it.each(INHERITED.filter((name) => name !== '__proto__'))('the name %s is described like any other', (name) => {
  const schema = { properties: { [name]: { type: 'number' } }, additionalProperties: false };
  expect(fits(schema, '{}')).toBe(true);
  expect(fits(schema, `{"${name}":1}`)).toBe(true);
  expect(fits(schema, `{"${name}":"x"}`)).toBe(false);
});

it('a schema that describes a property __proto__ is refused, with the place', () => {
  expect(compileSchema(JSON.parse('{"properties":{"__proto__":{"type":"number"}}}') as Json)).toEqual({
    status: 'invalid',
    faults: [{ path: '/properties/__proto__', message: 'no property can be called __proto__' }],
  });
});
