import { describe, expect, it } from 'vitest';
import { toPlainJson } from './plain-json.js';

describe('plain JSON', () => {
  it.each<[unknown, string]>([
    [{ a: [1, Number.NaN] }, 'a[1] is NaN, which JSON cannot carry'],
    [{ a: 1 / 0 }, 'a is Infinity, which JSON cannot carry'],
    [{ a: () => 1 }, 'a is a function, which JSON cannot carry'],
    [{ a: 1n }, 'a is a bigint, which JSON cannot carry'],
    [{ a: Symbol('x') }, 'a is a symbol, which JSON cannot carry'],
    [{ a: new Map([['k', 1]]) }, 'a is a Map, which JSON cannot carry'],
    [[new Set([1])], '[0] is a Set, which JSON cannot carry'],
    [{ a: Promise.resolve(1) }, 'a is a Promise, which JSON cannot carry'],
    [{ a: new TypeError('no') }, 'a is an Error, which JSON cannot carry'],
    [{ a: /x/ }, 'a is a RegExp, which JSON cannot carry'],
    [{ a: new Uint8Array([1]) }, 'a is bytes (Uint8Array), which JSON cannot carry'],
    [{ a: new Date(Number.NaN) }, 'a is a date that does not exist, which JSON cannot carry'],
  ])('cannot be made of %o', (value, message) => {
    expect(() => toPlainJson(value)).toThrow(message);
  });

  it('cannot be made of what holds itself', () => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    expect(() => toPlainJson(circle)).toThrow('nested more than 1000 levels deep, or holds itself');
  });

  it('has the text of dates, and no halves of surrogate pairs', () => {
    class Point {
      x = 1;
    }
    expect(toPlainJson({ at: new Date(0), '\ud83d': ['\ude00', '😀'], of: new Point(), no: undefined })).toEqual({
      at: '1970-01-01T00:00:00.000Z',
      '\ufffd': ['\ufffd', '😀'],
      of: { x: 1 },
    });
  });
});
