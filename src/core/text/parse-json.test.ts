import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLossyNumber, parseJson } from './parse-json.js';

const pathOf = (text: string): string | null => {
  const parsed = parseJson(text);
  return parsed.kind === 'fault' && parsed.reason === 'number' ? parsed.path : null;
};

describe('parseJson', () => {
  it('reads JSON', () => {
    expect(parseJson('{"a":[1,null,"x"]}')).toEqual({ kind: 'json', json: { a: [1, null, 'x'] } });
    expect(parseJson('{a:1}')).toMatchObject({ kind: 'fault', reason: 'syntax' });
  });

  it('refuses JSON nested so deep that recursive code could not walk it', () => {
    const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);
    expect(parseJson(deep(200)).kind).toBe('json');
    expect(parseJson(deep(300))).toMatchObject({ kind: 'fault', reason: 'depth' });
    expect(parseJson(deep(300), { maxDepth: 1_000 }).kind).toBe('json');
    expect(parseJson(deep(400_000))).toMatchObject({ kind: 'fault', reason: 'depth' });
  });

  it('refuses whole numbers that would come out as other ones, and says where they are', () => {
    expect(parseJson('{"order":{"id":12345678901234567890}}')).toEqual({
      kind: 'fault',
      reason: 'number',
      path: '/order/id',
      message: 'The number 12345678901234567890 at /order/id cannot be kept exactly: write it as a text, in quotes.',
      nearly: { order: { id: 12_345_678_901_234_567_000 } },
    });
  });

  it.each([
    ['9007199254740993', ''],
    [' -9007199254740993 ', ''],
    ['[1,9007199254740993]', '/1'],
    ['{"a":9007199254740993}', '/a'],
    ['{"a" : \n 9007199254740993}', '/a'],
    ['{"a":1,"b":[{},[],{"c":"x","d":[0,0,9007199254740993]}]}', '/b/2/d/2'],
    ['{"a":{"b":1},"c":9007199254740993}', '/c'],
    ['{"a/b~":9007199254740993}', '/a~1b~0'],
    ['{"\\"\\\\":9007199254740993}', '/"\\'],
    ['{"\\u00e9":[9007199254740993]}', '/é/0'],
    ['{"text":"a, 12345678901234567890","n":[9007199254740993]}', '/n/0'],
    ['{"text":"\\"1: 9","n":1e400}', '/n'],
    ['[-1E+999]', '/0'],
    ['[1.5e309]', '/0'],
    [`[1${'0'.repeat(400)}]`, '/0'],
  ])('finds the number of %s', (text, path) => {
    expect(pathOf(text)).toBe(path);
  });

  it.each([
    '9007199254740992',
    '[-9007199254740991,9007199254740991]',
    '[100000000000000000000]',
    '[1e21,1.5e300,1e-400]',
    '[0.12345678901234567890]',
    '["12345678901234567890",": 12345678901234567890","[-1e999"]',
    '{"12345678901234567890":1}',
    '{": 12345678901234567890, 1e999":1}',
  ])('takes %s', (text) => {
    expect(parseJson(text)).toEqual({ kind: 'json', json: JSON.parse(text) as unknown });
  });

  it('shortens what is long', () => {
    const parsed = parseJson(`{"${'k'.repeat(1_000)}":1${'0'.repeat(1_000)}}`);
    expect(parsed.kind === 'fault' && parsed.message.length).toBeLessThan(400);
  });

  it('takes whatever JSON.stringify writes, and finds a lossy number wherever it is put', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (value, key) => {
        const text = JSON.stringify(value);
        expect(parseJson(text)).toEqual({ kind: 'json', json: JSON.parse(text) as unknown });
        const around = `{"before":${text},${JSON.stringify(`x${key}`)}:[${text},9007199254740993]}`;
        const pointer = `/x${key.replaceAll('~', '~0').replaceAll('/', '~1')}/1`;
        expect(pathOf(around)).toBe(pointer);
      }),
    );
  });

  it.each([
    ['digits', (n: number) => `[${'1'.repeat(n)}.5]`],
    ['backslashes', (n: number) => `["${'\\\\'.repeat(n / 2)}",1234567890123456]`],
    ['quotes', (n: number) => `["${'\\"'.repeat(n / 2)}",1234567890123456]`],
    ['dots', (n: number) => `["${': 1.1.1.1'.repeat(n / 9)}",1234567890123456]`],
    ['long numbers', (n: number) => `[${'1234567890123456,'.repeat(n / 17)}1]`],
    ['lists', (n: number) => `[${'[],'.repeat(n / 3)}1234567890123456]`],
  ])('reads a megabyte of %s in time that grows with its length alone', (_what, make) => {
    const text = make(1_000_000);
    const start = performance.now();
    parseJson(text);
    expect(performance.now() - start).toBeLessThan(2_000);
  });
});

describe('isLossyNumber', () => {
  it('tells which whole numbers come back with other digits', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 21n), max: 10n ** 21n }), (value) => {
        expect(isLossyNumber(String(value))).toBe(JSON.stringify(JSON.parse(String(value))) !== String(value));
      }),
    );
  });

  it('takes every number that JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(isLossyNumber(JSON.stringify(value))).toBe(false);
      }),
    );
  });
});
