import { describe, expect, it } from 'vitest';
import { isErrandError } from '../../core/errors.js';
import { namesProperty, parseJsonText, rawInput, readInput } from './run-input.js';

describe('rawInput', () => {
  it('gives the text as it is to a schema that accepts a string', () => {
    expect(rawInput('hello', { type: 'string' })).toBe('hello');
    expect(rawInput('hello', {})).toBe('hello');
    expect(rawInput('hello', { anyOf: [{ type: 'object' }, { type: 'string' }] })).toBe('hello');
  });

  it('wraps the text for any other schema', () => {
    expect(rawInput('hello', { type: 'object' })).toEqual({ input: 'hello' });
    expect(rawInput('hello', { type: 'object', properties: { url: { type: 'string' } }, required: ['url'] })).toEqual({
      input: 'hello',
    });
  });

  it('leaves a text that a string schema refuses unwrapped, so that the error speaks of the text', () => {
    expect(rawInput('hello', { type: 'string', minLength: 10 })).toBe('hello');
  });

  it('copes with schemas that share an id', () => {
    expect(rawInput('x', { $id: 'https://example.org/s', type: 'string' })).toBe('x');
    expect(rawInput('x', { $id: 'https://example.org/s', type: 'object' })).toEqual({ input: 'x' });
  });
});

describe('parseJsonText', () => {
  it('tells JSON from other text', () => {
    expect(parseJsonText('{"a":1}')).toEqual({ json: { a: 1 } });
    expect(parseJsonText('12')).toEqual({ json: 12 });
    expect(parseJsonText('{a:1}')).toBeNull();
    expect(parseJsonText('')).toBeNull();
  });

  it('refuses JSON that is nested too deep', () => {
    expect(() => parseJsonText('['.repeat(5_000) + ']'.repeat(5_000))).toThrow(
      expect.toSatisfy((error) => isErrandError(error) && error.code === 'invalid_input'),
    );
  });
});

describe('readInput', () => {
  it('takes a text of blanks for no input, however long it is, and reads any other in linear time', () => {
    const blanks = ' '.repeat(1_000_000);
    expect(readInput(blanks, { type: 'object' })).toEqual({});
    expect(readInput(`${blanks}null${blanks}`, { type: 'object' })).toEqual({});
    expect(readInput(`${blanks}x`, { type: 'object' })).toEqual({ input: `${blanks}x` });
  });
});

describe('namesProperty', () => {
  it('looks into the properties and into the branches of combined schemas', () => {
    expect(namesProperty({ properties: { context: {} } }, 'context')).toBe(true);
    expect(namesProperty({ allOf: [{ properties: { context: {} } }] }, 'context')).toBe(true);
    expect(namesProperty({ properties: { url: { properties: { context: {} } } } }, 'context')).toBe(false);
    expect(namesProperty({}, 'context')).toBe(false);
  });
});
