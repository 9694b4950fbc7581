import { describe, expect, it } from 'vitest';
import { encodeInTurns } from './encode-in-turns.js';

describe('a text that is encoded in turns', () => {
  it.each([
    ['short', 'é'],
    ['long', 'ab'.repeat(300_000)],
    ['of pairs', '\u{1F600}'.repeat(300_000)],
    ['of pairs at odd places', `a${'\u{1F600}'.repeat(300_000)}`],
    ['with half a pair at the end', `${'a'.repeat(300_000)}\uD83D`],
  ])('has the same bytes: %s', async (_, text) => {
    expect(Buffer.from(await encodeInTurns(text)).equals(Buffer.from(text))).toBe(true);
  });
});
