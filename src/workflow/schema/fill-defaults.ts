import type { ValidateFunction } from 'ajv/dist/2020.js';
import { countValues, isJsonObject, type Json, type JsonSchema } from '../../core/json.js';
import type { Isolation } from '../../core/ports/isolation.js';
import { createAjv } from '../../schema/create-ajv.js';

/**
 * Makes what fills a schema's `default`s in: a copy of the value in which each property that is absent and has a
 * default holds it, at every depth, through references and `allOf` too. In the branches of `anyOf`, `oneOf`, `not` and
 * `if` defaults have no say: which branch is meant is not known before the value is whole. What does not fit the schema
 * is left as it is. The schema must be a valid one.
 */
export function compileDefaults(schema: JsonSchema): (value: Json) => Json {
  if (!mentionsDefault(schema)) return (value) => value;
  // Validation that stopped at the first fault would leave the rest unfilled.
  const options = { useDefaults: true, allErrors: true, validateFormats: false };
  let fill: ValidateFunction | null = null;
  return (value) => {
    fill ??= createAjv(options).compile(withoutRules(schema));
    const copy = JSON.parse(JSON.stringify(value)) as Json;
    fill(copy);
    return copy;
  };
}

/** Where more may come of an input, it is filled in isolation, when there is something to fill in. */
const MAX_VALUES = 20_000;

export function isolateFill(
  schema: JsonSchema,
  isolation: Isolation | undefined,
): (value: Json) => Json | Promise<Json> {
  const fill = compileDefaults(schema);
  if (isolation === undefined || !mentionsDefault(schema)) return fill;
  // Each value may get all defaults: one in the schema of items stands for many.
  const most = MAX_VALUES / Math.max(1, weighDefaults(schema));
  return (value) => (countValues(value, most) <= most ? fill(value) : isolation.fillDefaults({ schema, value }));
}

/** Keywords that have no say in where defaults are filled in. Whatever does not fit them would only cost time. */
// prettier-ignore
const RULES: ReadonlySet<string> = new Set([
  'type', 'enum', 'const', 'required', 'dependentRequired', 'pattern', 'format', 'uniqueItems', 'propertyNames',
  'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'minLength', 'maxLength',
  'minItems', 'maxItems', 'minProperties', 'maxProperties', 'contains', 'minContains', 'maxContains',
  'anyOf', 'oneOf', 'not', 'unevaluatedItems', 'unevaluatedProperties',
]);
/** Maps from names of properties, or of definitions, to schemas: a property may be called `type`. */
const NAMED: ReadonlySet<string> = new Set([
  'properties',
  'patternProperties',
  'dependentSchemas',
  '$defs',
  'definitions',
]);
/** What is no schema, or must stay what it is: a condition. */
const KEPT: ReadonlySet<string> = new Set(['default', 'if', 'examples']);

/** The schema without what only tells what fits. References into what would be left out keep it whole. */
function withoutRules(schema: JsonSchema): JsonSchema {
  return refersElsewhere(schema) ? schema : (strip(schema) as JsonSchema);
}

function strip(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map((each: Json) => strip(each));
  if (!isJsonObject(schema)) return schema;
  const kept: [string, Json][] = [];
  for (const [keyword, value] of Object.entries(schema)) {
    if (RULES.has(keyword)) continue;
    if (KEPT.has(keyword)) kept.push([keyword, value]);
    // `additionalProperties: false` is a rule; `true` says nothing.
    else if (typeof value === 'boolean') continue;
    else if (NAMED.has(keyword) && isJsonObject(value)) kept.push([keyword, mapValues(value, strip)]);
    else kept.push([keyword, strip(value)]);
  }
  return Object.fromEntries(kept);
}

function mapValues(object: JsonSchema, change: (value: Json) => Json): JsonSchema {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value)]));
}

/** Whether a reference leads to anything but a definition, or the whole schema. */
function refersElsewhere(schema: Json): boolean {
  if (Array.isArray(schema)) return (schema as readonly Json[]).some(refersElsewhere);
  if (!isJsonObject(schema)) return false;
  return Object.entries(schema).some(
    ([keyword, value]) =>
      (keyword === '$ref' && typeof value === 'string' && !/^#(?:\/(?:\$defs|definitions)\/[^/]*)?$/.test(value)) ||
      refersElsewhere(value),
  );
}

/** How many values there are in all that may be a default. */
function weighDefaults(schema: Json): number {
  if (typeof schema !== 'object' || schema === null) return 0;
  const parts: readonly (readonly [string, Json])[] = Object.entries(schema);
  return parts.reduce(
    (sum, [name, part]) => sum + (name === 'default' ? countValues(part, MAX_VALUES) : weighDefaults(part)),
    0,
  );
}

/** True a little too often (a property may be called `default`), which costs time only. */
function mentionsDefault(schema: Json): boolean {
  if (Array.isArray(schema)) return (schema as readonly Json[]).some(mentionsDefault);
  if (!isJsonObject(schema)) return false;
  return 'default' in schema || Object.values(schema).some(mentionsDefault);
}
