import { expect, it } from 'vitest';
import { abridge } from './abridge.js';

it('cuts long lists and texts in any depth and says how much is left out', () => {
  const value = { a: [1, 2, 3, 4], b: { text: 'abcdefgh' }, c: null, d: [1, 2] };
  expect(abridge(value, { items: 2, characters: 5 })).toEqual({
    a: [1, 2, '… (2 more)'],
    b: { text: 'abcde… (3 more characters)' },
    c: null,
    d: [1, 2],
  });
});
