import { isJsonObject, type Json, type JsonObject } from '../../core/json.js';

type Form = (value: Json) => boolean;

const TYPES: ReadonlySet<Json> = new Set(['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']);

const isText: Form = (value) => typeof value === 'string';
const isFlag: Form = (value) => typeof value === 'boolean';
const isNumber: Form = (value) => typeof value === 'number';
const isCount: Form = (value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
const isAnything: Form = () => true;
const isList: Form = (value) => Array.isArray(value) && value.length > 0;
const isSetOf =
  (form: Form): Form =>
  (value) =>
    Array.isArray(value) && value.every((item) => form(item as Json)) && new Set(value).size === value.length;
const isPattern: Form = (value) => {
  if (typeof value !== 'string') return false;
  try {
    new RegExp(value, 'u').test('');
    return true;
  } catch {
    return false;
  }
};
const isType: Form = (value) => TYPES.has(value);
const isListOfSchemas: Form = (value) => Array.isArray(value) && value.length > 0 && value.every(isPlainSchema);
const isMapOfSchemas: Form = (value) => isJsonObject(value) && Object.values(value).every(isPlainSchema);

/**
 * Not here, for they can be at fault in ways that only compiling tells: references, names of schemas, unknown keywords.
 */
const KEYWORDS: { readonly [keyword: string]: Form } = {
  type: (value) => isType(value) || (isList(value) && isSetOf(isType)(value)),
  title: isText,
  description: isText,
  format: isText,
  pattern: isPattern,
  default: isAnything,
  const: isAnything,
  examples: (value) => Array.isArray(value),
  enum: isList,
  deprecated: isFlag,
  readOnly: isFlag,
  writeOnly: isFlag,
  uniqueItems: isFlag,
  minimum: isNumber,
  maximum: isNumber,
  exclusiveMinimum: isNumber,
  exclusiveMaximum: isNumber,
  multipleOf: (value) => typeof value === 'number' && value > 0,
  minLength: isCount,
  maxLength: isCount,
  minItems: isCount,
  maxItems: isCount,
  minProperties: isCount,
  maxProperties: isCount,
  required: isSetOf(isText),
  properties: isMapOfSchemas,
  additionalProperties: isPlainSchema,
  items: isPlainSchema,
  prefixItems: isListOfSchemas,
  not: isPlainSchema,
  allOf: isListOfSchemas,
  anyOf: isListOfSchemas,
  oneOf: isListOfSchemas,
};

/**
 * Whether a schema is certainly valid, as most are: each keyword is one of the plainest, and has the form that JSON
 * Schema demands. To hold it against the meta-schema and to compile it takes a hundred times as long. False says
 * nothing.
 */
export function isPlainSchema(schema: unknown): boolean {
  if (typeof schema === 'boolean') return true;
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return false;
  return Object.entries(schema as JsonObject).every(
    ([keyword, value]) => Object.hasOwn(KEYWORDS, keyword) && KEYWORDS[keyword]?.(value) === true,
  );
}
