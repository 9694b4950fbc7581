import { expect, it } from 'vitest';
import { wellFormedInTurns } from './well-formed-in-turns.js';

const LONG = 300_000;

it.each([
  ['short', 'a\uD83D'],
  ['long, and well formed already', 'ab'.repeat(LONG)],
  ['of pairs at odd places', `a${'\u{1F600}'.repeat(LONG)}`],
  ['of halves', '\uD83D'.repeat(LONG)],
  ['of halves the wrong way round', '\uDE00\uD83D'.repeat(LONG)],
  ['with a half at its end', `${'a'.repeat(LONG)}\uD83D`],
])('a text is made well formed over several turns: %s', async (_, text) => {
  expect((await wellFormedInTurns(text)) === text.toWellFormed()).toBe(true);
});
