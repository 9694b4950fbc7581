import { expect, it } from 'vitest';
import { errorMessage } from './errors.js';

it('tells the text of errors, of texts, of plain values and of objects with a message', () => {
  expect(errorMessage(new Error('broken'))).toBe('broken');
  expect(errorMessage('a text')).toBe('a text');
  expect(errorMessage(42)).toBe('42');
  expect(errorMessage({ message: 'from a client library' })).toBe('from a client library');
});

it('tells the name of an error without a text', () => {
  expect(errorMessage(new RangeError(''))).toBe('RangeError');
  expect(errorMessage(Object.assign(new Error('x'), { message: { not: 'a text' } }))).toBe('Error');
});

it('makes do with whatever was thrown', () => {
  const hostile = new Proxy(
    {},
    {
      has: () => true,
      get: () => {
        throw new Error('gotcha');
      },
    },
  );
  for (const thrown of [null, undefined, {}, Symbol('s'), hostile]) expect(errorMessage(thrown)).toBe('unknown error');
});
