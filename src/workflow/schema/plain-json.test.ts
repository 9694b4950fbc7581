import { describe, expect, it } from 'vitest';
import { isLittle, toPlainJson, toPlainJsonInTurns } from './plain-json.js';

function holes(length: number): unknown[] {
  const list: unknown[] = [];
  list.length = length;
  return list;
}

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
  ])('cannot be made of %o', async (value, message) => {
    expect(() => toPlainJson(value)).toThrow(message);
    const rest = Array.from({ length: 3_000 }, () => 1);
    await expect(toPlainJsonInTurns({ rest, value })).rejects.toThrow(
      message.startsWith('[') ? `value${message}` : `value.${message}`,
    );
  });

  it.each<[string, unknown]>([
    ['a list of more items than any output may have', Array.from({ length: 3 }, () => holes(5_000_000))],
    ['a list of nothing but holes', holes(4_000_000_000)],
  ])('is not made of %s', async (_name, value) => {
    const told = /is a list of \d+ items; at most 4194304 values are taken/;
    expect(() => toPlainJson(value)).toThrow(told);
    expect(isLittle(value)).toBe(false);
    await expect(toPlainJsonInTurns(value)).rejects.toThrow(told);
  });

  it('is told to be little by how much is in it', () => {
    class Thrower {
      get field(): number {
        throw new Error('no');
      }
    }
    for (const little of [1, undefined, 'text', [1, 2], new Uint8Array(100_000), new Map(), new Thrower(), () => 1]) {
      expect(isLittle(little)).toBe(true);
    }
    for (const much of ['x'.repeat(300_000), Array.from({ length: 3_000 }, () => 1), { text: 'x'.repeat(300_000) }]) {
      expect(isLittle(much)).toBe(false);
    }
  });

  it('cannot be made of what holds itself, and the place is told', async () => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    expect(() => toPlainJson(circle)).toThrow('self is the value again, and JSON cannot carry what holds itself');
    const inner: { list: unknown[] } = { list: [1] };
    inner.list.push({ back: inner });
    const told = 'a.list[1].back is a again';
    expect(() => toPlainJson({ a: inner })).toThrow(told);
    const many = Array.from({ length: 3_000 }, (_, index) => index);
    await expect(toPlainJsonInTurns({ many, a: inner })).rejects.toThrow(told);
    const deep = Array.from({ length: 1_001 }).reduce<unknown>((below) => [below], 1);
    expect(() => toPlainJson(deep)).toThrow('nested more than 1000 levels deep, or holds itself');
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
