import { describe, expect, it } from 'vitest';
import type { Json, JsonSchema } from '../core/json.js';
import { createAjv } from './create-ajv.js';
import { findInexpressible, isQuickCheck } from './weigh-schema.js';

const forms = (count: number): JsonSchema[] =>
  Array.from({ length: count }, (_, index) => ({
    required: [`p${index}`],
    properties: { [`p${index}`]: { type: 'string' } },
  }));

const TREE: JsonSchema = { properties: { children: { items: { $ref: '#' } } } };
const CHOICE_TREE: JsonSchema = { anyOf: [{ type: 'string' }, { properties: { a: { $ref: '#' } } }] };
const LAUGHS: JsonSchema = {
  $defs: Object.fromEntries(
    Array.from({ length: 40 }, (_, level) => [
      `d${level}`,
      level === 0 ? {} : { allOf: [{ $ref: `#/$defs/d${level - 1}` }, { $ref: `#/$defs/d${level - 1}` }] },
    ]),
  ),
  $ref: '#/$defs/d39',
};

describe('a check', () => {
  it.each<[string, JsonSchema, Json]>([
    [
      'a few fields',
      { properties: { a: { type: 'string', format: 'email' }, b: { pattern: '^[a-z]+$' } } },
      { a: 'x', b: 'y' },
    ],
    [
      'a list of some hundred',
      { items: { type: 'object', properties: { n: { type: 'number' } } } },
      Array.from({ length: 500 }, () => ({ n: 1 })),
    ],
    ['a tree', TREE, { children: [{ children: [] }] }],
    ['distinct texts', { items: { type: 'string' }, uniqueItems: true }, Array(1_000).fill('x')],
    ['few distinct items', { uniqueItems: true }, [1, 2, 3]],
  ])('of %s is quick', (_, schema, value) => {
    expect(isQuickCheck(schema, value)).toBe(true);
  });

  it.each<[string, JsonSchema, Json]>([
    ['a large value', { items: { type: 'string' } }, Array(200_000).fill('x')],
    ['a long text by a pattern', { pattern: '^(a+)+$' }, 'a'.repeat(1_000_000)],
    ['many values by many forms', { items: { anyOf: forms(50) } }, Array.from({ length: 2_000 }, () => ({}))],
    ['many items that must be distinct', { uniqueItems: true }, Array.from({ length: 1_000 }, () => ({}))],
    ['a tree of choices', CHOICE_TREE, { a: 'x' }],
    ['references that multiply', LAUGHS, 1],
    ['a reference to an anchor', { $defs: { a: { $anchor: 'here' } }, $ref: '#here' }, 1],
    ['a pattern with lookahead', { pattern: '^(?!x)' }, 'y'],
    ['a pattern of many instructions', { pattern: '^(?:a?){500}a{500}$' }, 'a'],
  ])('of %s is not', (_, schema, value) => {
    expect(isQuickCheck(schema, value)).toBe(false);
  });

  it('of patterns that cannot be had in linear time is quick where they are passed', () => {
    const schema = {
      properties: { a: { pattern: '^(?=a)' }, b: { pattern: 'b' } },
      patternProperties: { '(?<!x)y': true },
    };
    expect(isQuickCheck(schema, { a: 'a' })).toBe(false);
    expect(isQuickCheck(schema, { a: 'a' }, true)).toBe(true);
    expect([...findInexpressible(schema)]).toEqual(['(?<!x)y', '^(?=a)']);
    expect(createAjv({ passInexpressible: true }).compile(schema)({ a: 'zzz', b: 'b' })).toBe(true);
    expect(createAjv().compile(schema)({ a: 'zzz' })).toBe(false);
  });
});

describe('patterns and formats', () => {
  it('take time in proportion to the text', () => {
    const startedAt = performance.now();
    const fits = createAjv().compile({ pattern: '^(a+)+$', patternProperties: { '^(b+)+$': false } });
    expect(fits(`${'a'.repeat(50_000)}!`)).toBe(false);
    expect(fits({ [`${'b'.repeat(50_000)}!`]: 1 })).toBe(true);
    const url = createAjv().compile({ format: 'url' });
    expect(url(`http://${'a:'.repeat(20_000)}`)).toBe(false);
    expect(url('http://user:pass@example.com:80/a?b#c')).toBe(true);
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });

  it('refuse dates that do not exist', () => {
    const date = createAjv().compile({ properties: { date: { format: 'date' }, time: { format: 'date-time' } } });
    expect(date({ date: '2028-02-29', time: '2026-12-24T18:00:00Z' })).toBe(true);
    for (const bad of ['2026-02-30', '2026-02-29', '2026-04-31', '2026-13-01']) {
      expect([date({ date: bad }), date({ time: `${bad}T10:00:00Z` })]).toEqual([false, false]);
    }
  });
});
