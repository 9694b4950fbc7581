import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../json.js';
import { TEXT_PIECE } from './cut-pieces.js';
import { JsonBuilder, MAX_PIECE, NestedTooDeep, piecesOf } from './json-pieces.js';
import { buildInTurns, JsonTooLong, measureInTurns, writeInTurns, writePieces } from './write-in-turns.js';

const long = 'x'.repeat(TEXT_PIECE + 3 * MAX_PIECE);
const longName = 'x'.repeat(3 * MAX_PIECE);
const nested = (levels: number, inside: Json): Json => {
  let value = inside;
  for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? [value, level] : { a: value, b: level };
  return value;
};

const LARGE: { readonly [name: string]: Json } = {
  'a long text': long,
  'a long text of pairs': `x${'😀"\\\n'.repeat(MAX_PIECE)}`,
  'a long text of halves': `x${'\ud83d'.repeat(2 * MAX_PIECE)}`,
  'a list of numbers': Array.from({ length: 100_000 }, (_, index) => index),
  'a list of lists': Array.from({ length: 1_000 }, (_, index) => Array.from({ length: index }, () => null)),
  'an object of many fields': Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`n${index}`, [index]])),
  'an object of names that are numbers, and long ones': { 2: long, 1: 'b', [longName]: [long, 1, long], '': {} },
  'an object with a field __proto__': JSON.parse(`{"a":1,"__proto__":{"b":"${long}"},"c":[],"d":"${long}"}`) as Json,
  'long texts in lists': [1, long, 2, [], long, long, {}, [[long]]],
  'a deep value with a long text inside': nested(900, [long, 1]),
};

describe('a large value', () => {
  it.each(Object.entries(LARGE))('is written and made again in pieces: %s', async (_name, value) => {
    const json = JSON.stringify(value);
    expect((await writeInTurns(value)) === json).toBe(true);
    const pieces = await writePieces(value);
    expect(pieces.join('') === json).toBe(true);
    expect(pieces.slice(0, -1).filter(({ length }) => length < TEXT_PIECE || length > 8 * TEXT_PIECE)).toEqual([]);
    expect(await measureInTurns(value)).toEqual({ length: json.length, mayHoldHalves: json.includes('\\ud') });
    expect(JSON.stringify(await buildInTurns(piecesOf(value))) === json).toBe(true);
  });

  it('is written in pieces that are short', () => {
    // A name is written at once, however long; a piece may hold escapes.
    const pieces = Object.values(LARGE).flatMap((value) => [...piecesOf(value)]);
    const tooLong = pieces.filter((piece) =>
      piece.kind === 'text' ? piece.text.length > TEXT_PIECE + 1 : 'json' in piece && piece.json.length > 6 * MAX_PIECE,
    );
    expect(pieces.length).toBeGreaterThan(500);
    expect(tooLong.length).toBe(0);
  });

  it('is not written when it is nested too deep', async () => {
    await expect(writeInTurns(nested(900, long), { maxDepth: 900 })).resolves.toHaveLength(
      JSON.stringify(nested(900, long)).length,
    );
    await expect(writeInTurns(nested(901, long), { maxDepth: 900 })).rejects.toThrow(NestedTooDeep);
    await expect(writeInTurns(nested(50_000, long), { maxDepth: 900 })).rejects.toThrow(NestedTooDeep);
  });
});

it('a value that is long because it refers to one text many times is not written', async () => {
  const laughs = Array.from({ length: 40 }).reduce<Json>((below) => [below, below], 'ha');
  for (const value of [laughs, Array.from({ length: 100_000 }, () => long)]) {
    await expect(writeInTurns(value, { maxLength: 1_000_000 })).rejects.toThrow(JsonTooLong);
  }
});

it('any value is the same when it was made of its pieces', async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), async (value) => {
      const json = JSON.stringify(value);
      expect(await writeInTurns(JSON.parse(json) as Json)).toBe(json);
      const builder = new JsonBuilder();
      for (const piece of piecesOf(JSON.parse(json) as Json)) builder.take(piece);
      expect(builder.value).toEqual(JSON.parse(json));
    }),
  );
});
