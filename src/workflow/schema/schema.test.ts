import { describe, expect, it } from 'vitest';
import type { Problem } from '../../core/errors.js';
import type { Json } from '../../core/json.js';
import { compileSchema, MAX_PROBLEMS } from './schema.js';

const NUMBER = { type: 'number' };

function check(schema: Json, value: Json): readonly Problem[] {
  const compiled = compileSchema(schema);
  if (compiled.status !== 'ok') throw new Error(JSON.stringify(compiled.faults));
  return compiled.check(value);
}

function faultsOf(schema: Json): readonly Problem[] {
  const compiled = compileSchema(schema);
  return compiled.status === 'ok' ? [] : compiled.faults;
}

describe('a schema', () => {
  it('tells every problem, each with its JSON pointer', () => {
    const schema = {
      type: 'object',
      required: ['email'],
      properties: {
        age: { type: 'integer', minimum: 18 },
        url: { type: 'string', format: 'uri' },
        size: { enum: ['small', 'large'] },
        'a/b': { type: 'string' },
        code: { type: 'string', pattern: '^[A-Z]+$' },
        kind: { const: 'x' },
      },
      additionalProperties: false,
    };
    expect(check(schema, { age: 3, url: 'nope', size: 'huge', 'a/b': [], siez: 1, code: 'a', kind: 'y' })).toEqual([
      { path: '/email', message: 'the required property "email" is missing' },
      { path: '/siez', message: 'unknown property "siez"; did you mean "size"?' },
      { path: '/age', message: 'must be >= 18, but is 3' },
      { path: '/url', message: 'must be a valid uri, but is "nope"' },
      { path: '/size', message: 'must be one of "small", "large", but is "huge"' },
      { path: '/a~1b', message: 'must be string, but is an array' },
      { path: '/code', message: 'must match the pattern ^[A-Z]+$, but is "a"' },
      { path: '/kind', message: 'must be "x", but is "y"' },
    ]);
  });

  it('names the types that a choice allows', () => {
    const schema = {
      properties: { a: { anyOf: [{ type: 'string' }, { type: 'null' }] }, b: { type: ['string', 'null'] } },
    };
    expect(check(schema, { a: 1, b: true })).toEqual([
      { path: '/a', message: 'must be string or null, but is a number (1)' },
      { path: '/b', message: 'must be string or null, but is a boolean (true)' },
    ]);
  });

  it('tells a choice as one problem, also when its branches are references', () => {
    const card = { type: 'object', required: ['number'] };
    const schema = { $defs: { card }, properties: { pay: { oneOf: [{ $ref: '#/$defs/card' }, { const: 'cash' }] } } };
    expect(check(schema, { pay: {} })).toEqual([
      {
        path: '/pay',
        message:
          'fits none of the forms that are allowed here (/number: the required property "number" is missing; must be "cash", but is {})',
      },
    ]);
  });

  it('tells at most a few problems and how many more there are', () => {
    const problems = check(
      { items: { type: 'string' } },
      Array.from({ length: 50 }, () => 1),
    );
    expect(problems).toHaveLength(MAX_PROBLEMS + 1);
    expect(problems.at(-1)).toEqual({ path: '', message: 'and 30 more problems' });
  });

  it('is refused when it is not a valid one', () => {
    expect(faultsOf({ type: 'strin' })[0]?.path).toBe('/type');
    expect(faultsOf({ type: 'object', required: 'a' })).toEqual([
      { path: '/required', message: 'must be array, but is a string ("a")' },
    ]);
    expect(faultsOf({ type: 'string', pattern: '(' })[0]?.message).toMatch(/regular expression|must be a valid regex/i);
    expect(faultsOf([])).toHaveLength(1);
    expect(faultsOf({ $async: true })).toHaveLength(1);
  });

  it('never reaches outside itself for references', () => {
    expect(faultsOf({ $ref: 'http://127.0.0.1:1/schema.json' })).toEqual([
      {
        path: '',
        message:
          'the reference http://127.0.0.1:1/schema.json leads nowhere: only references within the schema itself (#/$defs/…) are followed',
      },
    ]);
  });

  it('keeps names of its own apart from other schemas', () => {
    const first = {
      $id: 'https://errand.test/s',
      $defs: { a: { $id: 'https://errand.test/a', type: 'string' } },
      type: 'string',
    };
    const second = {
      $id: 'https://errand.test/s',
      $defs: { a: { $id: 'https://errand.test/a', type: 'number' } },
      type: 'number',
    };
    expect(check(first, 'x')).toEqual([]);
    expect(check(second, 1)).toEqual([]);
    expect(faultsOf({ $ref: 'https://errand.test/a' })).toHaveLength(1);
  });

  it('accepts keywords and formats that it does not know, and older drafts that read the same', () => {
    expect(check({ type: 'string', format: 'phone', 'x-hint': 1 }, 'abc')).toEqual([]);
    expect(check({ $schema: 'http://json-schema.org/draft-07/schema#', type: 'string' }, 1)).toHaveLength(1);
  });
});

describe('a large value', () => {
  it('is told its first problem only, and at once', () => {
    const lists = { type: 'array', items: { type: 'array', items: { type: 'string' } } };
    const startedAt = performance.now();
    expect(check(lists, Array(300_000).fill(1))).toEqual([
      { path: '/0', message: 'must be array, but is a number (1)' },
      { path: '', message: 'and there may be more problems: of a value as large as this, only the first is told' },
    ]);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  it('is shown no further than a message has room for', () => {
    const [problem] = check({ const: 1 }, { a: 'x'.repeat(100_000), b: Array(1_000).fill('y') });
    expect(problem?.message).toMatch(/^must be 1, but is \{"a":"x{50,}/);
    expect(problem?.message.length).toBeLessThan(100);
  });

  it('of a depth that cannot be checked is refused', () => {
    let deep: Json = [];
    for (let level = 0; level < 200_000; level += 1) deep = [deep];
    expect(check({ items: { $ref: '#' } }, deep)).toEqual([{ path: '', message: 'is nested too deep to be checked' }]);
  });
});

it.each([
  ['many properties', { properties: Object.fromEntries(Array.from({ length: 3_000 }, (_, at) => [`n${at}`, NUMBER])) }],
  ['many parts', { allOf: Array.from({ length: 3_000 }, () => NUMBER) }],
  ['great depth', Array.from({ length: 999 }).reduce<Json>((below) => ({ not: below }), {})],
])('a schema of %s is refused, or checks what it is given', (_name, schema) => {
  const compiled = compileSchema(schema);
  const told = compiled.status === 'ok' ? compiled.check({}) : compiled.faults;
  expect(told.length).toBeLessThan(2);
  expect(JSON.stringify(told)).not.toContain('call stack');
});

describe('a schema with many properties', () => {
  const withProperties = (count: number): Json => ({
    properties: Object.fromEntries(Array.from({ length: count }, (_, at) => [`n${at}`, NUMBER])),
  });

  it('checks up to a thousand in one object, each of them', () => {
    expect(check(withProperties(1_000), { n0: 1, n999: 2 })).toEqual([]);
    expect(check(withProperties(1_000), { n0: '', n999: '' }).map(({ path }) => path)).toEqual(['/n0', '/n999']);
  });

  it('tells the first problem of a large value', () => {
    const [first, more, ...others] = check(withProperties(1_000), { n1: '', n2: '', all: Array(6_000).fill(0) });
    expect(first?.path).toBe('/n1');
    expect(more?.message).toMatch('only the first is told');
    expect(others).toEqual([]);
  });

  it('is refused with more, with the place and the limit', () => {
    const inner = { properties: { a: withProperties(1_001) } };
    const message = 'holds 1001 schemas; at most 1000';
    expect(faultsOf(inner)).toEqual([{ path: '/properties/a/properties', message }]);
  });
});
