import { describe, expect, it } from 'vitest';
import { NASTY_SCHEMAS } from '../../../test/support/contracts/nasty-schemas.js';
import { faultsOfTools } from '../../../test/support/contracts/strict-hosts.js';
import type { JsonSchema } from '../json.js';
import { readBack } from './read-back.js';
import { toolForm } from './tool-form.js';

const formOf = (schema: JsonSchema) => toolForm(schema).schema;

describe('the form of a tool’s arguments', () => {
  it.each(Object.entries(NASTY_SCHEMAS))('is one that every host takes: %s', (name, schema) => {
    const { schema: parameters } = toolForm(schema);
    expect(faultsOfTools([{ name, description: '', parameters }])).toEqual([]);
    expect(JSON.stringify(parameters).length).toBeLessThan(60_000);
    expect(JSON.stringify(parameters)).not.toMatch(/"(?:anyOf|oneOf|allOf|\$ref|not|if)":/);
  });

  it.each(Object.entries(NASTY_SCHEMAS))('is its own form: %s', (_, schema) => {
    const form = formOf(schema);
    expect(formOf(form)).toEqual(form);
    expect(toolForm(form).changes).toEqual([]);
  });

  it('is made of any object, a schema or not', () => {
    const garbage: JsonSchema[] = [
      { type: 'object', properties: [1], required: 'x', $ref: 5, anyOf: {}, enum: 'x', items: 3 },
      { type: 7, properties: { a: 5, b: null, c: 'x', d: { type: ['nope'] } }, required: [1, 'a'] },
      { anyOf: [] },
      { allOf: [false] },
    ];
    for (const schema of garbage) {
      expect(faultsOfTools([{ name: 'garbage', description: '', parameters: formOf(schema) }])).toEqual([]);
    }
  });

  it('is the schema itself where that is simple', () => {
    const simple: JsonSchema = {
      type: 'object',
      properties: {
        url: { type: 'string', description: 'An address.' },
        pages: { type: 'integer', minimum: 1, default: 5 },
      },
      required: ['url'],
      additionalProperties: false,
    };
    expect(formOf(simple)).toEqual(simple);
  });

  it('has properties, also where there are none', () => {
    expect(formOf({ type: 'object' })).toEqual({ type: 'object', properties: {} });
    expect(formOf({})).toEqual({ type: 'object', properties: {} });
  });

  it('holds under "input" what is no object', () => {
    expect(toolForm({ type: 'string', minLength: 1 })).toMatchObject({
      isWrapped: true,
      schema: {
        properties: { input: { type: 'string', minLength: 1 } },
        required: ['input'],
        additionalProperties: false,
      },
    });
    expect(toolForm({ $ref: '#/$defs/t', $defs: { t: { type: 'string' } } }).isWrapped).toBe(true);
    expect(toolForm({ type: ['object', 'string'] }).isWrapped).toBe(false);
  });

  it('has the properties of all forms that the schema may have, and needs what all of them need', () => {
    const { schema, choice, isPartial } = toolForm(NASTY_SCHEMAS['by_kind'] ?? {});
    expect(schema).toEqual({
      type: 'object',
      properties: {
        kind: { type: 'string', enum: ['page', 'note'] },
        url: { type: 'string', description: 'Format: uri.' },
        text: { type: 'string' },
      },
      required: ['kind'],
    });
    expect([choice, isPartial]).toEqual(['Give url, or text.', true]);
    expect(toolForm(NASTY_SCHEMAS['either'] ?? {}).choice).toBe('Give mail, or phone.');
    expect(formOf(NASTY_SCHEMAS['all_of'] ?? {})).toEqual({
      type: 'object',
      properties: { a: { type: 'string', minLength: 3 }, b: { type: 'integer' } },
      required: ['a'],
    });
  });

  it('gives each property one type and says the others in words', () => {
    expect(formOf(NASTY_SCHEMAS['unions'] ?? {})['properties']).toEqual({
      text_or_number: { type: 'string', description: 'Also: a whole number, null.' },
      list_or_text: { type: 'array', items: { type: 'string' }, description: 'Also: a text.' },
      object_or_text: {
        type: 'object',
        properties: { ss_ss: { type: 'string', description: 'Called "ß ß".' } },
        description: 'Also: a text.',
      },
      priority: { type: 'string', enum: ['low', 'high'], description: 'Also: a whole number.' },
      only_null: { type: 'string', description: 'Also: null.' },
    });
  });

  it('has choices of texts only', () => {
    expect(formOf(NASTY_SCHEMAS['choices'] ?? {})['properties']).toMatchObject({
      numbers: { type: 'integer', description: 'One of 1, 2, 3.' },
      mixed: { type: 'string', enum: ['a', '1', 'true'] },
      constant: { type: 'integer', description: 'One of 5.' },
      empty: { type: 'string' },
      many: { type: 'string' },
      object: { type: 'object', description: 'One of {"a":1}.' },
    });
  });

  it('ends where a schema holds itself', () => {
    expect(formOf(NASTY_SCHEMAS['tree'] ?? {})['properties']).toEqual({
      value: { type: 'number' },
      next: { type: 'object', properties: {}, description: 'Has the same form as the value that contains it.' },
      left: { type: 'object', properties: {}, description: 'Has the same form as the value that contains it.' },
    });
  });
});

describe('what is told of a form', () => {
  it.each<[string, JsonSchema, RegExp]>([
    ['choices that are no texts', { enum: [1, 2] }, /choices of texts only/],
    ['a long description', { type: 'string', description: 'x'.repeat(1_025) }, /description is cut/],
    ['no type', {}, /has no "type"/],
    ['several types', { type: ['string', 'number'] }, /has several types/],
    ['a condition', { type: 'string', not: { const: 'x' } }, /demands more/],
  ])('names %s and its place', (_, one, told) => {
    const { changes } = toolForm({ type: 'object', properties: { one } });
    expect(changes).toEqual([{ path: ['one'], message: expect.stringMatching(told) as string }]);
  });

  it('names properties that are called otherwise', () => {
    const { changes } = toolForm({ type: 'object', properties: { ['__proto__']: { type: 'string' } } });
    expect(changes).toMatchObject([{ path: ['__proto__'], message: expect.stringContaining('"proto"') as string }]);
  });
});

describe('arguments that were given as the form wants them', () => {
  it('have the schema’s own names again, at any depth', () => {
    const schema = NASTY_SCHEMAS['names'] ?? {};
    const { reading, schema: form } = toolForm(schema);
    const names = Object.keys(form['properties'] as object);
    expect(names).toEqual(expect.arrayContaining(['Strasse', 'Strasse_2', 'first_name', 'tags', 'field']));
    expect(form['required']).toEqual(['first_name']);
    const given = readBack(Object.fromEntries(names.map((name) => [name, 'x'])), reading);
    expect(Object.keys(given as object)).toEqual(Object.keys(schema['properties'] as object));
    const nested = Object.entries(form['properties'] as object).find(([, { type }]) => (type as string) === 'object');
    expect(readBack({ [nested?.[0] ?? '']: { a_b: { c_d: '[1]' } } }, reading)).toEqual({
      ключ: { 'a/b': { 'c d': [1] } },
    });
    expect(readBack({ 'first name': 'x', Strasse_2: 'y', Strasse: 'z' }, reading)).toEqual({
      'first name': 'x',
      Straße: 'y',
      Strasse: 'z',
    });
    expect(readBack({ 'first name': 'own', first_name: 'published' }, reading)).toMatchObject({ 'first name': 'own' });
  });

  it('have objects and lists where texts are their JSON and the schema takes anything', () => {
    const { reading } = toolForm({
      type: 'object',
      properties: { any: {}, list: { type: 'array', items: {} }, text: { type: 'string' } },
    });
    const given = { any: '{"a":1}', list: ['[1]', 'b', '5'], text: '{"a":1}' };
    expect(readBack(given, reading)).toEqual({ any: { a: 1 }, list: [[1], 'b', '5'], text: '{"a":1}' });
    expect(readBack({ any: 'just {text' }, reading)).toEqual({ any: 'just {text' });
  });
});
