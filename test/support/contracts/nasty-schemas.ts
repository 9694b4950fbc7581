import type { JsonSchema } from '../../../src/core/json.js';

const deep = (levels: number): JsonSchema =>
  levels === 0 ? { type: 'string' } : { type: 'object', properties: { inner: deep(levels - 1) } };

const doubling: Record<string, JsonSchema> = Object.fromEntries(
  Array.from({ length: 30 }, (_, index) => [
    `d${index}`,
    { type: 'object', properties: { a: { $ref: `#/$defs/d${index + 1}` }, b: { $ref: `#/$defs/d${index + 1}` } } },
  ]),
);

/** Schemas of inputs, each valid, that some host refuses in one way or another. */
export const NASTY_SCHEMAS: { readonly [name: string]: JsonSchema } = {
  nothing: {},
  anything_goes: { properties: { any: {}, all: true, list: { type: 'array' }, none: false } },
  a_text: { type: 'string', minLength: 1 },
  a_list: {
    type: 'array',
    items: { $ref: '#/$defs/item' },
    $defs: { item: { type: 'object', properties: { n: { type: 'number' } } } },
  },
  a_text_or_null: { type: ['string', 'null'] },
  a_choice: { enum: ['a', 'b'] },
  either: {
    type: 'object',
    properties: { mail: { type: 'string' }, phone: { type: 'string' } },
    anyOf: [{ required: ['mail'] }, { required: ['phone'] }],
  },
  by_reference: {
    $ref: '#/$defs/order',
    $defs: { order: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } } },
  },
  by_kind: {
    oneOf: [
      {
        type: 'object',
        required: ['kind', 'url'],
        properties: { kind: { const: 'page' }, url: { type: 'string', format: 'uri' } },
      },
      { type: 'object', required: ['kind', 'text'], properties: { kind: { const: 'note' }, text: { type: 'string' } } },
    ],
  },
  all_of: {
    allOf: [
      { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
      { type: 'object', properties: { a: { minLength: 3 }, b: { type: 'integer' } } },
    ],
  },
  conditional: {
    type: 'object',
    properties: { kind: { enum: ['x', 'y'] } },
    if: { properties: { kind: { const: 'x' } } },
    // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
    then: { properties: { x: { type: 'number' } }, required: ['x'] },
    else: { not: { required: ['x'] } },
    dependentRequired: { x: ['kind'] },
    patternProperties: { '^x-': { type: 'string' } },
    propertyNames: { maxLength: 20 },
  },
  tree: {
    $id: 'https://example.org/tree',
    type: 'object',
    required: ['value'],
    properties: { value: { $ref: '#/$defs/number' }, next: { $ref: '#' }, left: { $ref: 'https://example.org/tree' } },
    $defs: { number: { $anchor: 'named', type: 'number' } },
  },
  mutual: {
    type: 'object',
    properties: { a: { $ref: '#/$defs/a' } },
    $defs: {
      a: { type: 'object', properties: { b: { $ref: '#/$defs/b' } } },
      b: { type: 'array', items: { $ref: '#/$defs/a' } },
      self: { $ref: '#/$defs/self' },
    },
  },
  lost: {
    type: 'object',
    properties: { lost: { $ref: '#/$defs/lost' }, far: { $ref: 'https://example.org/far' } },
  },
  itself: { $ref: '#' },
  unions: {
    type: 'object',
    properties: {
      text_or_number: { type: ['string', 'integer', 'null'] },
      list_or_text: { anyOf: [{ type: 'array', items: { type: 'string' } }, { type: 'string' }] },
      object_or_text: { oneOf: [{ type: 'string' }, { type: 'object', properties: { 'ß ß': { type: 'string' } } }] },
      priority: { anyOf: [{ enum: ['low', 'high'] }, { type: 'integer', minimum: -10 }] },
      only_null: { type: 'null' },
      nothing: { allOf: [{ type: 'string' }, { type: 'number' }] },
    },
  },
  choices: {
    type: 'object',
    properties: {
      numbers: { enum: [1, 2, 3] },
      mixed: { enum: ['a', 1, null, true, ''] },
      constant: { const: 5 },
      empty: { enum: [''] },
      many: { enum: Array.from({ length: 2_000 }, (_, index) => `value ${index}`) },
      object: { enum: [{ a: 1 }] },
    },
  },
  names: {
    type: 'object',
    additionalProperties: false,
    required: ['first name'],
    properties: {
      Straße: { type: 'string' },
      Strasse: { type: 'string' },
      'first name': { type: 'string' },
      'tags[]': { type: 'array', items: {} },
      名前: { type: 'string' },
      ключ: { type: 'object', properties: { 'a/b': { type: 'object', properties: { 'c d': {} } } } },
      '': { type: 'string' },
      ['x'.repeat(100)]: { type: 'string' },
      ['x'.repeat(101)]: { type: 'string' },
      $ref: { type: 'string' },
    },
  },
  bounds: {
    type: 'object',
    properties: {
      mail: { type: 'string', format: 'email', pattern: '^(?!x).+@.+$' },
      at: { type: 'string', format: 'date-time' },
      code: { type: 'string', pattern: '^[a-z]+$', minLength: 1, maxLength: 5, description: 'x'.repeat(3_000) },
      share: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1, multipleOf: 0.1, default: null },
      tuple: { type: 'array', prefixItems: [{ type: 'string' }, { type: 'number' }], items: false, uniqueItems: true },
      map: { type: 'object', additionalProperties: { type: ['number', 'string'] } },
      implied: { minLength: 3 },
    },
  },
  deep: deep(40),
  wide: {
    type: 'object',
    properties: Object.fromEntries(Array.from({ length: 6_000 }, (_, index) => [`p${index}`, { type: 'string' }])),
  },
  doubling: { $ref: '#/$defs/d0', $defs: { ...doubling, d30: { type: 'string' } } },
  many_branches: {
    anyOf: Array.from({ length: 200 }, (_, index) => ({
      type: 'object',
      required: [`k${index}`],
      properties: { [`k${index}`]: { anyOf: [{ type: 'string' }, { $ref: '#' }] } },
    })),
  },
};
