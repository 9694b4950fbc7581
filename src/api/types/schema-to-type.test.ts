import { expect, it } from 'vitest';
import type { Json } from '../../core/json.js';
import { schemaToType } from './schema-to-type.js';

it.each<[string, Json, string]>([
  ['anything', {}, 'unknown'],
  ['nothing', false, 'never'],
  ['a text', { type: 'string' }, 'string'],
  ['a whole number', { type: 'integer' }, 'number'],
  ['several types', { type: ['string', 'null'] }, 'string | null'],
  ['values', { enum: ['a', 1, null] }, '"a" | 1 | null'],
  ['one value', { const: 'it\'s "so"' }, String.raw`"it's \"so\""`],
  ['a list', { type: 'array', items: { type: ['string', 'null'] } }, '(string | null)[]'],
  ['a tuple', { type: 'array', prefixItems: [{ type: 'string' }], items: false }, '[string?]'],
  ['a map', { type: 'object', additionalProperties: { type: 'number' } }, '{ [name: string]: number }'],
  ['an empty object', { type: 'object', additionalProperties: false }, 'Record<string, never>'],
  ['choices', { anyOf: [{ type: 'string' }, { type: 'array', items: {} }] }, 'string | (unknown[])'],
  ['all of several', { allOf: [{ $ref: '#/$defs/a' }, { const: 1 }], $defs: { a: { type: 'number' } } }, 'number & 1'],
  ['what holds itself', { $ref: '#' }, 'unknown'],
  ['what leads elsewhere', { $ref: 'https://example.org/schema' }, 'unknown'],
])('writes %s', (_, schema, type) => {
  expect(schemaToType(schema)).toBe(type);
});

it('ends where references make a short schema very large', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const properties = Object.fromEntries(names.map((name) => [name, { $ref: '#' }]));
  expect(schemaToType({ type: 'object', properties }).length).toBeLessThan(1_000_000);
});

it('writes objects with their names, descriptions and what may be absent', () => {
  const schema = {
    type: 'object',
    required: ['a'],
    properties: {
      a: { type: 'string', description: 'Ends no comment: */ nor\na line.' },
      'b-c': { type: 'object', properties: { d: {} } },
    },
  };
  expect(schemaToType(schema, '  ')).toBe(
    [
      '{',
      '    /** Ends no comment: * / nor a line. */',
      '    a: string;',
      '    "b-c"?: {',
      '      d?: unknown;',
      '    };',
      '  }',
    ].join('\n'),
  );
});
