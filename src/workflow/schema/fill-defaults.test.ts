import { describe, expect, it } from 'vitest';
import type { Json, JsonSchema } from '../../core/json.js';
import { compileDefaults } from './fill-defaults.js';

const SCHEMA: JsonSchema = {
  type: 'object',
  required: ['url'],
  properties: {
    url: { type: 'string' },
    pages: { type: 'integer', default: 25 },
    quiet: { type: 'boolean', default: false },
    label: { type: ['string', 'null'], default: null },
    browser: {
      type: 'object',
      default: {},
      properties: { name: { default: 'firefox' }, size: { type: 'object', properties: { width: { default: 800 } } } },
    },
    steps: { type: 'array', items: { $ref: '#/$defs/step' } },
  },
  $defs: { step: { type: 'object', properties: { tries: { default: 1 } } } },
};

const fill = (value: Json): Json => compileDefaults(SCHEMA)(value);

describe('defaults', () => {
  it('are filled in where a property is absent, at every depth and through references', () => {
    expect(fill({ url: 'x', browser: { size: {} }, steps: [{}, { tries: 3 }] })).toEqual({
      url: 'x',
      pages: 25,
      quiet: false,
      label: null,
      browser: { name: 'firefox', size: { width: 800 } },
      steps: [{ tries: 1 }, { tries: 3 }],
    });
  });

  it('are filled into what a default has put there', () => {
    expect(fill({ url: 'x' })).toMatchObject({ browser: { name: 'firefox' } });
  });

  it('leave what is given: null, zero, false and the empty text too', () => {
    const given = { url: '', pages: 0, quiet: true, label: 'x', browser: { name: null }, steps: [] };
    expect(fill(given)).toEqual(given);
  });

  it('leave the value that they are given as it was, and each gets a copy of its own', () => {
    const given = Object.freeze({ url: 'x' });
    const [first, second] = [fill(given), fill(given)] as { browser: object }[];
    expect(given).toEqual({ url: 'x' });
    expect(first?.browser).not.toBe(second?.browser);
  });

  it('are filled in around what does not fit, which stays', () => {
    expect(fill({ pages: 'many', browser: 7 })).toEqual({ pages: 'many', browser: 7, quiet: false, label: null });
    expect([fill('text'), fill(null), fill([])]).toEqual(['text', null, []]);
  });

  it('have no say in the branches of a choice', () => {
    const choice = compileDefaults({
      oneOf: [{ properties: { a: { default: 1 } }, required: ['b'] }, { properties: { c: { default: 2 } } }],
      allOf: [{ properties: { d: { default: 3 } } }],
    });
    expect(choice({})).toEqual({ d: 3 });
  });

  it('cost no copy where a schema has none', () => {
    const given = { a: 1 };
    expect(compileDefaults({ type: 'object' })(given)).toBe(given);
  });
});
