import { describe, expect, it } from 'vitest';
import { parseCallerJson } from '../../src/core/text/parse-json.js';
import { hostileStrings, hostileStructures, placesOf, sampleOf } from './hostile-json.js';

const BYTES = 1_000_000;

describe('the hostile texts', () => {
  it('are let in as far as they say', () => {
    for (const { name, text } of [...hostileStructures(BYTES), ...hostileStrings(BYTES)]) {
      const refused = /^more |deeper|cannot be kept/.test(name);
      expect([name, parseCallerJson(text.toString()).kind]).toEqual([name, refused ? 'fault' : 'json']);
    }
  });

  it('are large', () => {
    for (const { name, text } of hostileStructures(BYTES)) {
      expect([name, text.length > 40_000 && text.length < BYTES + 100]).toEqual([name, true]);
    }
  });
});

describe('the places of a value', () => {
  it('are all of its parts, and an unknown name in each object', () => {
    const sample = { a: 'x', b: [{ c: 1 }] };
    expect(placesOf(sample).map(({ pointer, isText }) => [pointer, isText])).toEqual([
      ['/', false],
      ['/a', true],
      ['/b', false],
      ['/b/0', false],
      ['/b/0/c', false],
      ['/b/0/nobody_knows', false],
      ['/nobody_knows', false],
    ]);
  });

  it('take any text', () => {
    const [, place] = placesOf({ a: 'x', b: 1 });
    expect(JSON.parse(`${place?.before.toString()}[2]${place?.behind.toString()}`)).toEqual({ a: [2], b: 1 });
  });
});

it('a sample has every property that its schema names', () => {
  const schema = {
    type: 'object',
    properties: {
      a: { type: ['string', 'null'] },
      b: { type: 'array', items: { enum: ['x', 'y'] } },
      c: { anyOf: [{ type: 'integer', minimum: 3 }, {}] },
    },
  };
  expect(sampleOf(schema, { a: 'known' })).toEqual({ a: 'known', b: ['x'], c: 3 });
});
