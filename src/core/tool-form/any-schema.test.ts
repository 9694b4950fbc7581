import {
  array,
  assert,
  constant,
  constantFrom,
  dictionary,
  integer,
  letrec,
  oneof,
  property,
  record,
  string,
  uniqueArray,
} from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultsOfTools } from '../../../test/support/contracts/strict-hosts.js';
import { isJsonObject, type Json, type JsonObject } from '../json.js';
import { readBack } from './read-back.js';
import { toolForm } from './tool-form.js';

const RUNS = 3_000;
const MAX_CHARACTERS = 60_000;
/** Names that hosts take, and names that some of them refuse. */
const NAMES = [
  'a',
  'url',
  'a_b',
  'a b',
  'Straße',
  '$ref',
  '',
  'x.y-z',
  '名',
  '__proto__',
  'constructor',
  'n'.repeat(80),
];
const TYPES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'];

const name = oneof({ weight: 9, arbitrary: constantFrom(...NAMES) }, { weight: 1, arbitrary: string() });
const scalar = oneof(constantFrom<Json>('x', '', 1, 2.5, true, null, 'y'), string(), integer());

/** Schemas as authors write them and as programs make them up: keywords in every combination, valid or not. */
const { schema: anySchema } = letrec<{ schema: Json; keywords: JsonObject }>((tie) => {
  const one = tie('schema');
  const some = array(one, { minLength: 1, maxLength: 3 });
  const nothing = constant(true);
  const keywords = {
    type: oneof(constantFrom(...TYPES, 'nope'), array(constantFrom(...TYPES), { maxLength: 3 })),
    properties: dictionary(name, one, { maxKeys: 4 }),
    required: array(name, { maxLength: 3 }),
    additionalProperties: one,
    items: oneof(one, some),
    prefixItems: some,
    enum: array(scalar, { maxLength: 4 }),
    const: scalar,
    anyOf: some,
    oneOf: some,
    allOf: some,
    not: one,
    if: one,
    // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
    then: one,
    else: one,
    $ref: constantFrom('#', '#/$defs/a', '#/$defs/b', '#/nothing', 'https://example.org/far'),
    patternProperties: dictionary(constantFrom('^x', '.*'), one, { maxKeys: 1 }),
    dependentSchemas: dictionary(name, one, { maxKeys: 1 }),
    format: constantFrom('email', 'date-time', 'uri'),
    pattern: constantFrom('^[a-z]+$', '(?=x)y', '\\p{L}', '('),
    minimum: integer(),
    exclusiveMaximum: integer(),
    multipleOf: constantFrom(0.1, 2),
    minLength: integer({ min: 0, max: 5 }),
    maxItems: integer({ min: 0, max: 5 }),
    uniqueItems: nothing,
    title: string(),
    description: oneof(string(), constant('long '.repeat(500))),
    default: scalar,
  };
  const names = Object.keys(keywords) as (keyof typeof keywords)[];
  // A few keywords at a time: a schema with all of them is rarely one that anything fits.
  const few = array(constantFrom(...names), { maxLength: 5 }).chain((chosen) =>
    record(Object.fromEntries(chosen.map((keyword) => [keyword, keywords[keyword]]))),
  );
  return {
    schema: oneof({ maxDepth: 4, withCrossShrink: true }, constantFrom<Json>(true, false, {}), tie('keywords')),
    keywords: few,
  };
});

const document = record({ root: anySchema, a: anySchema, b: anySchema }).map(({ root, a, b }): JsonObject => ({
  ...(isJsonObject(root) ? root : { allOf: [root] }),
  $defs: { a, b },
}));

/** A value that has everything that a form names. */
function sampleOf(form: Json): Json {
  if (!isJsonObject(form)) return 'x';
  const { type, properties, items } = form;
  if (type === 'array') return [sampleOf(items ?? true)];
  if (!isJsonObject(properties)) return 'x';
  return Object.fromEntries(Object.entries(properties).map(([key, inner]) => [key, sampleOf(inner)]));
}

function propertiesOf(form: JsonObject): JsonObject {
  return form['properties'] as JsonObject;
}

describe('the form of whatever schema', () => {
  it('is one that every host takes, and short', () => {
    assert(
      property(document, (schema) => {
        const { schema: parameters } = toolForm(schema);
        expect(faultsOfTools([{ name: 'any', description: '', parameters }])).toEqual([]);
        expect(JSON.stringify(parameters).length).toBeLessThan(MAX_CHARACTERS);
      }),
      { numRuns: RUNS },
    );
  });

  it('is its own form, of which nothing is to be told', () => {
    assert(
      property(document, (schema) => {
        const form = toolForm(schema);
        const again = toolForm(form.schema);
        expect(again.schema).toEqual(form.schema);
        expect(again.changes).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  });

  it('leads back to the names of the schema, whatever they are', () => {
    assert(
      property(uniqueArray(name, { minLength: 1, maxLength: 12 }), (names) => {
        const properties = Object.fromEntries(names.map((key) => [key, { type: 'string' }]));
        const form = toolForm({ type: 'object', properties, required: names });
        const back = readBack(sampleOf(form.schema), form.reading) as JsonObject;
        expect(Object.keys(back).toSorted()).toEqual(names.toSorted());
        expect(form.changes).toHaveLength(names.filter((key) => !Object.hasOwn(propertiesOf(form.schema), key)).length);
      }),
      { numRuns: RUNS },
    );
  });
});
