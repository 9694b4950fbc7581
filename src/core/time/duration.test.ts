import { expect, it } from 'vitest';
import { parseDuration } from './duration.js';

it.each([
  ['500ms', 500],
  ['10s', 10_000],
  ['1.5m', 90_000],
  ['2 h', 7_200_000],
  ['1d', 86_400_000],
  [250, 250],
  [0, 0],
  ['10', null],
  ['10 s s', null],
  ['-1s', null],
  ['', null],
  [-1, null],
  [Number.NaN, null],
  [null, null],
  [['1s'], null],
])('reads %j as %j', (value, expected) => {
  expect(parseDuration(value)).toBe(expected);
});
