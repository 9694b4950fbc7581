import { array, assert, integer, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineReader, type Line } from './line-reader.js';

const textOf = (line: Line): string => (line.kind === 'line' ? line.text : 'too long');

function read(bytes: Buffer, sizes: readonly number[], maxBytes = 1_000): Line[] {
  const reader = new LineReader(maxBytes);
  const lines: Line[] = [];
  let from = 0;
  for (let turn = 0; from < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    lines.push(...reader.push(bytes.subarray(from, from + size)));
    from += size;
  }
  return [...lines, ...reader.end()];
}

describe('a line reader', () => {
  it('gives the same lines wherever the bytes are cut', () => {
    const lines = array(string({ unit: 'grapheme', maxLength: 30 }).filter((line) => !/[\r\n\uFEFF]/.test(line)));
    assert(
      property(lines, array(integer({ min: 1, max: 9 }), { minLength: 1 }), (given, sizes) => {
        const expected = given.map((line) => line.trim()).filter((line) => line !== '');
        expect(read(Buffer.from(given.join('\n')), sizes).map(textOf)).toEqual(expected);
      }),
    );
  });

  it('takes CRLF, blank lines, a byte order mark and a last line without an end', () => {
    expect(read(Buffer.from('\uFEFF{"a":1}\r\n\r\n  \n{"b":2}'), [3]).map(textOf)).toEqual(['{"a":1}', '{"b":2}']);
  });

  it('keeps of a line that is too long no more than its ends, and goes on after it', () => {
    const bytes = Buffer.from(`{"id":1,${'x'.repeat(5_000)}"id":2}\nnext\n${'y'.repeat(1_000)}\n${'z'.repeat(1_001)}`);
    for (const sizes of [[1], [7], [10_000]]) {
      const [long, ...others] = read(bytes, sizes);
      expect(others.map(textOf)).toEqual(['next', 'y'.repeat(1_000), 'too long']);
      if (long?.kind !== 'too_long') throw new Error('it was taken');
      expect([long.head.slice(0, 8), long.tail.slice(-7), long.tail.length]).toEqual(['{"id":1,', '"id":2}', 300]);
      expect(long.head.length).toBeLessThanOrEqual(1_000);
    }
  });
});
