import { describe, expect, it } from 'vitest';
import type { JsonSchema } from '../../core/json.js';
import { isStrictSchema } from './strict-schema.js';

const closed = (properties: JsonSchema, extra: JsonSchema = {}): JsonSchema => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...extra,
});

describe('a schema', () => {
  it.each<[string, JsonSchema]>([
    ['is closed, with every property required', closed({ a: { type: 'string' }, b: { enum: [1, 2] } })],
    ['nests such objects', closed({ list: { type: 'array', items: closed({ a: { anyOf: [{ type: 'null' }] } }) } })],
    ['refers to such definitions', closed({ a: { $ref: '#/$defs/x' } }, { $defs: { x: closed({}) } })],
  ])('can be asked for strictly when it %s', (_, schema) => {
    expect(isStrictSchema(schema)).toBe(true);
  });

  it.each<[string, JsonSchema]>([
    ['is no object', { type: 'array', items: { type: 'string' } }],
    ['is open', { type: 'object', properties: {}, required: [] }],
    ['leaves a property to choice', { ...closed({ a: { type: 'string' } }), required: [] }],
    ['has an open object within', closed({ a: { type: 'object', properties: {} } })],
    ['has an open object in its items', closed({ a: { type: 'array', items: { type: 'object' } } })],
    ['has an open object in a choice', closed({ a: { anyOf: [{ type: 'object' }] } })],
    ['has an open definition', closed({}, { $defs: { x: { type: 'object' } } })],
    ['has a keyword that OpenAI does not take', closed({ a: { type: 'string', minLength: 3 } })],
    ['has anything goes within', closed({ a: true })],
  ])('cannot when it %s', (_, schema) => {
    expect(isStrictSchema(schema)).toBe(false);
  });
});
