import { expect, it } from 'vitest';
import { readMigrations } from './migrate.js';

it('migrations are numbered from 1 on, each number once', () => {
  const numbers = readMigrations().map(({ number }) => number);
  expect(numbers.length).toBeGreaterThan(4);
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
});
