import { expect, it } from 'vitest';
import { TEXT_PIECE } from './cut-pieces.js';
import { decodeInTurns } from './decode-in-turns.js';

it('gives what the bytes say, wherever letters are cut, and whatever is no UTF-8', async () => {
  for (const letters of ['a漢\u{1F600}é', 'x', '漢', '\u{1F600}'])
    for (const before of ['', 'a', 'ab']) {
      const text = before + letters.repeat((3 * TEXT_PIECE) / letters.length);
      expect((await decodeInTurns(Buffer.from(text))) === text).toBe(true);
    }
  const broken = Buffer.concat([Buffer.alloc(TEXT_PIECE - 1, 'a'), Buffer.from([0xe6, 0xbc]), Buffer.from('b')]);
  expect((await decodeInTurns(broken)) === broken.toString('utf8')).toBe(true);
});
