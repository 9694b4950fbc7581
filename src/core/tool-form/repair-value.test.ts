import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import type { Json, JsonSchema } from '../json.js';
import { repairValue, type Misfit } from './repair-value.js';

const SCHEMA: JsonSchema = {
  type: 'object',
  required: ['name', 'pages'],
  additionalProperties: false,
  properties: {
    name: { type: 'string', minLength: 1 },
    pages: { type: 'integer', minimum: 1 },
    code: { type: 'string', pattern: '^[a-z]+$' },
    deep: { type: 'boolean' },
    note: { type: 'string' },
    none: { type: ['string', 'null'] },
    size: { anyOf: [{ enum: ['small', 'large'] }, { type: 'integer' }] },
    tags: { type: 'array', items: { type: 'string' } },
    order: { $ref: '#/$defs/order' },
    'a/b~c': { type: 'number' },
  },
  $defs: { order: { type: 'object', properties: { count: { type: 'number' }, inner: { $ref: '#/$defs/order' } } } },
};

const validate = new Ajv2020({ strict: false, allErrors: true }).compile(SCHEMA);
let checks = 0;

function findMisfits(value: Json): readonly Misfit[] {
  checks += 1;
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ keyword, instancePath, params }) => ({
    place: keyword === 'required' ? `${instancePath}/${String(params['missingProperty'])}` : instancePath,
    isType: keyword === 'type',
  }));
}

const WHOLE = { name: 'x', pages: 1 };

describe('repairValue', () => {
  it.each<[string, object, object]>([
    ['a number as text', { pages: '10' }, { pages: 10 }],
    ['a number as text with blanks', { pages: ' 10 ' }, { pages: 10 }],
    ['true as text', { deep: 'true' }, { deep: true }],
    ['False as Python writes it', { deep: 'False' }, { deep: false }],
    ['an object as text', { order: '{"count": 2}' }, { order: { count: 2 } }],
    ['a list as text', { tags: '["a","b"]' }, { tags: ['a', 'b'] }],
    ['text inside an object that came as text', { order: '{"count": "2"}' }, { order: { count: 2 } }],
    [
      'text deep inside',
      { order: { inner: { inner: { count: '1.5e2' } } } },
      { order: { inner: { inner: { count: 150 } } } },
    ],
    ['a number for a choice', { size: '5' }, { size: 5 }],
    ['a name that needs escapes in a pointer', { 'a/b~c': '1' }, { 'a/b~c': 1 }],
    ['several at once', { pages: '2', deep: 'false', tags: '[]' }, { pages: 2, deep: false, tags: [] }],
  ])('reads %s', (_, given, read) => {
    expect(repairValue({ ...WHOLE, ...given }, findMisfits)).toEqual({ ...WHOLE, ...read });
  });

  it.each([{ deep: null }, { deep: '' }, { tags: ' ' }, { order: null }, { deep: 'null' }, { size: '' }])(
    'leaves out what need not be there: %j',
    (given) => {
      expect(repairValue({ ...WHOLE, ...given }, findMisfits)).toEqual(WHOLE);
    },
  );

  it.each([{ note: '' }, { note: '5' }, { note: 'null' }, { none: null }, { size: 'small' }, { tags: ['1', 'true'] }])(
    'leaves what fits as it is: %j',
    (given) => {
      const value = { ...WHOLE, ...given };
      expect(repairValue(value, findMisfits)).toBe(value);
    },
  );

  it.each([
    { name: '' },
    { name: null },
    { pages: null },
    { pages: 'ten' },
    { pages: '1.5' },
    { pages: '0x10' },
    { pages: '12345678901234567890' },
    { deep: 1 },
    { deep: 'yes' },
    { tags: 'a' },
    { tags: [1] },
    { order: '{"count": ' },
    { more: '1' },
  ])('leaves what cannot be made to fit as it is: %j', (given) => {
    const value = { ...WHOLE, ...given };
    expect(repairValue(value, findMisfits)).toEqual(value);
  });

  it('reads a text of the right type though its value does not fit', () => {
    expect(repairValue({ name: 'x', pages: '0' }, findMisfits)).toEqual({ name: 'x', pages: 0 });
    expect(repairValue({ ...WHOLE, code: '5' }, findMisfits)).toEqual({ ...WHOLE, code: '5' });
  });

  it('reads what it can beside what it cannot', () => {
    const value = { name: 'x', pages: '3', deep: 'maybe', note: 'n' };
    expect(repairValue(value, findMisfits)).toEqual({ ...value, pages: 3 });
  });

  it('checks large values a few times only', () => {
    const tags = Array.from({ length: 10_000 }, () => 1);
    checks = 0;
    repairValue({ ...WHOLE, tags, pages: '1', deep: 'true', size: '1', 'a/b~c': '1', order: '{}' }, findMisfits);
    expect(checks).toBeLessThan(10);
  });
});
