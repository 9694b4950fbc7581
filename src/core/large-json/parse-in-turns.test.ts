import { array, assert, asyncProperty, constant, constantFrom, dictionary, jsonValue, oneof, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseInTurns } from './parse-in-turns.js';

const LONG = 70_000;

it('gives what JSON.parse gives, however long the parts of a value are', async () => {
  const part = oneof(
    jsonValue({ depthSize: 'small' }),
    constantFrom('"', '\\', '\\"', ',', ']}', '\u{1F600}'),
    constantFrom('x".\\', ']', '漢').map((text) => text.repeat(LONG / text.length)),
    constant(Array.from({ length: 30_000 }, (_, index) => index)),
    constant(Array.from({ length: 5_000 }, (_, index) => ({ a: index, 'b"': [`,${index}`, null, true] }))),
  );
  const value = oneof(array(part, { maxLength: 6 }), dictionary(string(), part, { maxKeys: 6 }));
  await assert(
    asyncProperty(oneof(value, array(value, { maxLength: 3 })), async (given) => {
      const text = JSON.stringify(given);
      expect(await parseInTurns(text)).toEqual(JSON.parse(text));
    }),
    { numRuns: 60 },
  );
});

it('keeps names that objects have by themselves, and the last of two that are the same', async () => {
  const pad = JSON.stringify('x'.repeat(LONG));
  const text = `{"__proto__":{"a":1},"a":1,"long":${pad},"a":2,"constructor":${pad},"empty":{},"none":[]}`;
  const parsed = await parseInTurns(text);
  expect(JSON.stringify(parsed)).toBe(JSON.stringify(JSON.parse(text)));
  expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
});

describe('a string that is longer than one piece', () => {
  it.each([
    ['letters', 'ab漢'],
    ['backslashes', '\\'],
    ['quotes', '"'],
    ['escapes of two lengths', '\n\u0001'],
    ['halves of pairs', '\uD83Dx'],
    ['a letter and backslashes', 'x\\\\\\'],
  ])('is parsed in pieces: %s', async (_, unit) => {
    for (const before of ['', 'y', 'yy', 'yyy', 'yyyy', 'yyyyy']) {
      const text = before + unit.repeat(400_000);
      expect((await parseInTurns(JSON.stringify(text))) === text).toBe(true);
    }
  });
});
