import { describe, expect, it } from 'vitest';
import { encodeFrame, FrameReader } from './frames.js';

const TEXTS = ['', 'a', 'Zürich 🚲', 'x'.repeat(300), '[]'];
const BYTES = Buffer.concat(TEXTS.map(encodeFrame));

/** Reads pieces of so many bytes, all through one buffer that is written over each time. */
function readInPieces(length: number): string[] {
  const reader = new FrameReader();
  const buffer = Buffer.alloc(length);
  const texts: string[] = [];
  for (let from = 0; from < BYTES.length; from += length) {
    const count = BYTES.copy(buffer, 0, from, from + length);
    texts.push(...reader.read(buffer.subarray(0, count)));
    buffer.fill(0xff);
  }
  return texts;
}

describe('FrameReader', () => {
  it('reads the same texts from pieces of any length, though each is written over by the next', () => {
    for (let length = 1; length <= BYTES.length; length += 1) expect(readInPieces(length)).toEqual(TEXTS);
  });

  it('refuses a frame that is too long, in whatever pieces its head comes', () => {
    const head = Buffer.from([0x7f, 0xff, 0xff, 0xff]);
    expect(() => new FrameReader().read(head)).toThrow(RangeError);
    const reader = new FrameReader();
    expect(reader.read(head.subarray(0, 1))).toEqual([]);
    expect(() => reader.read(head.subarray(1))).toThrow(RangeError);
  });
});
