import { expect, it } from 'vitest';
import { nextTurn } from '../../../core/event-loop.js';
import { packTexts } from './packed-texts.js';

it('has every text where it says, counted in bytes', async () => {
  const texts = ['', 'plain', null, '"\\'.repeat(300_000), '漢\u{1F600}', null];
  const { bytes, places, lengths } = await packTexts(texts);
  const read = places.map((place, index) => {
    const length = lengths[index];
    return place === null || typeof length !== 'number' ? null : bytes.toString('utf8', place - 1, place - 1 + length);
  });
  expect(read).toEqual(texts);
});

it('lets others go on while it encodes a long text', async () => {
  let turns = 0;
  void nextTurn().then(() => (turns += 1));
  await packTexts(['漢'.repeat(1_000_000)]);
  expect(turns).toBe(1);
});
