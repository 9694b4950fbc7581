import { Ajv2020 } from 'ajv/dist/2020.js';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Json } from '../../core/json.js';
import { createAjv } from '../../schema/create-ajv.js';
import { isPlainSchema } from './plain-schema.js';

const metaSchema = new Ajv2020({ strict: false, logger: false });

function isValid(schema: Json): boolean {
  if (!metaSchema.validate('https://json-schema.org/draft/2020-12/schema', schema)) return false;
  try {
    createAjv().compile(schema as object);
    return true;
  } catch {
    return false;
  }
}

const word = fc.constantFrom('string', 'object', 'null', 'a', '', '#/a', '(', String.raw`\-`);
const leaf = fc.oneof(
  word,
  fc.boolean(),
  fc.integer({ min: -1, max: 3 }),
  fc.constant(null),
  fc.constant(0.5),
  fc.array(fc.oneof(word, fc.integer({ min: 0, max: 1 })), { maxLength: 2 }),
);
const keyword = fc.constantFrom(
  ...`type title format default const examples enum deprecated uniqueItems minimum multipleOf maxLength minItems required
  properties additionalProperties items prefixItems not allOf anyOf oneOf $ref $id pattern nullable __proto__
  constructor`.split(/\s+/),
);
const { schema } = fc.letrec<{ schema: Json; inner: Json }>((tie) => ({
  schema: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.boolean(),
    fc.dictionary(keyword, fc.oneof(leaf, tie('inner')), { maxKeys: 3 }),
  ),
  inner: fc.oneof(
    tie('schema'),
    fc.array(tie('schema'), { maxLength: 2 }),
    fc.dictionary(word, tie('schema'), { maxKeys: 2 }),
  ),
}));

it('every schema that is called plain is valid and can be compiled', () => {
  let plain = 0;
  fc.assert(
    fc.property(schema, (tried) => {
      if (!isPlainSchema(tried)) return;
      plain += 1;
      expect({ tried, valid: isValid(tried) }).toEqual({ tried, valid: true });
    }),
    { numRuns: 3_000 },
  );
  expect(plain).toBeGreaterThan(300);
});

it.each<[string, Json]>([
  ['a reference', { $ref: '#/$defs/a', $defs: { a: {} } }],
  ['a pattern that is none', { type: 'string', pattern: '[' }],
  ['an empty enumeration', { enum: [] }],
  ['a type that there is not', { type: 'text' }],
  ['an unknown keyword within', { properties: { a: { nullable: true } } }],
  ['a number where a schema should be', { items: 1 }],
  ['a property that is required twice', { required: ['a', 'a'] }],
])('does not call %s plain', (_, tried) => {
  expect(isPlainSchema(tried)).toBe(false);
});
