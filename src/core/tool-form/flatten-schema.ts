import { isJsonObject, type Json, type JsonObject, type JsonSchema } from '../json.js';
import {
  alternate,
  ANYTHING,
  conjoin,
  NOTHING,
  TYPE_NAMES,
  typeOf,
  type FlatSchema,
  type TypeName,
} from './flat-schema.js';

/** Schemas that are looked into for one form: references can make a small schema a huge one. */
const MAX_STEPS = 5_000;

/** References to the schemas that a place is inside of. */
export type Inside = ReadonlySet<string>;

const TYPES: ReadonlySet<Json> = new Set(TYPE_NAMES);
/** Keywords that are kept as they are. */
const KEPT = [
  'title',
  'description',
  'default',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'pattern',
  'format',
  'minItems',
  'maxItems',
  'uniqueItems',
  'x-mcp-header',
] as const;
/** What a flat schema has no words for. */
const NOT_SHOWN = [
  'not',
  'patternProperties',
  'propertyNames',
  'minProperties',
  'maxProperties',
  'dependentRequired',
  'contains',
  'unevaluatedItems',
] as const;
/** Types that keywords are for, where no type is named. */
const IMPLIED: { readonly [keyword: string]: TypeName } = {
  properties: 'object',
  required: 'object',
  additionalProperties: 'object',
  items: 'array',
  prefixItems: 'array',
  minItems: 'array',
  maxItems: 'array',
  minLength: 'string',
  maxLength: 'string',
  pattern: 'string',
  format: 'string',
  minimum: 'number',
  maximum: 'number',
  exclusiveMinimum: 'number',
  exclusiveMaximum: 'number',
  multipleOf: 'number',
};

/**
 * Flattens the schemas of one document. Takes whatever is there, a valid schema or not: some come from other programs.
 */
export class Flattener {
  readonly #root: JsonSchema;
  #stepsLeft = MAX_STEPS;

  constructor(root: JsonSchema) {
    this.#root = root;
  }

  flatten(schema: Json, inside: Inside): FlatSchema {
    if (schema === false) return NOTHING;
    if (!isJsonObject(schema)) return ANYTHING;
    this.#stepsLeft -= 1;
    if (this.#stepsLeft < 0) return { ...ANYTHING, isPartial: true };
    const parts = [ownOf(schema), ...this.#referred(schema, inside)];
    for (const branch of listOf(schema['allOf'])) parts.push(this.flatten(branch, inside));
    for (const keyword of ['anyOf', 'oneOf']) {
      const branches = listOf(schema[keyword]);
      if (branches.length > 0) parts.push(alternate(branches.map((branch) => this.flatten(branch, inside))));
    }
    for (const branch of conditionalOf(schema)) parts.push(optional(this.flatten(branch, inside)));
    return parts.reduce(conjoin);
  }

  #referred(schema: JsonObject, inside: Inside): FlatSchema[] {
    return ['$ref', '$dynamicRef'].flatMap((keyword) => {
      const reference = schema[keyword];
      if (typeof reference !== 'string') return [];
      const fragment = this.#fragmentOf(reference);
      const target = fragment === null ? undefined : this.#resolve(fragment);
      if (target === undefined) return [{ ...ANYTHING, isPartial: true }];
      // What a schema is that holds itself cannot be said to the end.
      if (inside.has(`#${fragment}`)) return [recursive(target)];
      const flat = this.flatten(target, new Set([...inside, `#${fragment}`]));
      return [{ ...flat, followed: new Set([...flat.followed, `#${fragment}`]) }];
    });
  }

  /** Null when the reference leads out of the document. */
  #fragmentOf(reference: string): string | null {
    const { $id } = this.#root;
    const own = typeof $id === 'string' ? $id.replace(/#$/, '') : '';
    const [base = '', fragment = ''] = reference.split('#', 2);
    return base === '' || base === own ? fragment : null;
  }

  #resolve(fragment: string): Json | undefined {
    if (fragment === '') return this.#root;
    if (!fragment.startsWith('/')) return findAnchor(this.#root, fragment);
    let found: Json | undefined = this.#root;
    for (const token of fragment.split('/').slice(1)) {
      if (typeof found !== 'object' || found === null) return undefined;
      const name = decode(token).replaceAll('~1', '/').replaceAll('~0', '~');
      found = Object.hasOwn(found, name) ? (found as JsonObject)[name] : undefined;
    }
    return found;
  }
}

function ownOf(schema: JsonObject): FlatSchema {
  const { properties, required, additionalProperties, unevaluatedProperties } = schema;
  const values = valuesOf(schema);
  const additional = additionalProperties ?? (unevaluatedProperties === false ? false : null);
  return {
    types: typesOf(schema, values),
    properties: new Map(isJsonObject(properties) ? Object.entries(properties) : []),
    required: new Set(listOf(required).filter((name) => typeof name === 'string')),
    additional,
    items: itemsOf(schema),
    values,
    otherTexts: values === null,
    keywords: Object.fromEntries(
      KEPT.flatMap((name) => (schema[name] === undefined ? [] : [[name, schema[name]] as const])),
    ),
    isPartial: NOT_SHOWN.some((name) => schema[name] !== undefined),
    choices: null,
    followed: new Set(),
  };
}

function valuesOf(schema: JsonObject): readonly Json[] | null {
  if (schema['const'] !== undefined) return [schema['const']];
  return Array.isArray(schema['enum']) ? (schema['enum'] as readonly Json[]) : null;
}

function typesOf(schema: JsonObject, values: readonly Json[] | null): FlatSchema['types'] {
  const { type } = schema;
  const named = (Array.isArray(type) ? (type as readonly Json[]) : [type]).filter((name): name is TypeName =>
    TYPES.has(name ?? null),
  );
  if (named.length > 0) return new Set(named);
  if (values !== null) return new Set(values.map(typeOf));
  const keyword = Object.keys(schema).find((name) => Object.hasOwn(IMPLIED, name));
  const implied = keyword === undefined ? undefined : IMPLIED[keyword];
  return implied === undefined ? null : new Set([implied]);
}

function recursive(target: Json): FlatSchema {
  const types = isJsonObject(target) ? (typesOf(target, valuesOf(target)) ?? new Set<TypeName>(['object'])) : null;
  const description = 'Has the same form as the value that contains it.';
  return { ...ANYTHING, types, keywords: { description }, isPartial: true };
}

/** What the items of a list may be whose places have schemas of their own. */
function itemsOf({ items, prefixItems }: JsonObject): Json {
  const places = listOf(prefixItems);
  const rest = items === undefined || items === false || Array.isArray(items) ? [] : [items];
  const all = [...places, ...listOf(items), ...rest];
  return all.length < 2 ? (all[0] ?? null) : { anyOf: all };
}

function conditionalOf(schema: JsonObject): readonly Json[] {
  const { then, else: otherwise, dependentSchemas } = schema;
  const branches = schema['if'] === undefined ? [] : [then, otherwise].filter((branch) => branch !== undefined);
  return [...branches, ...(isJsonObject(dependentSchemas) ? Object.values(dependentSchemas) : [])];
}

/** What holds under a condition: it names properties, and demands nothing of those who do not meet it. */
function optional({ properties }: FlatSchema): FlatSchema {
  return { ...ANYTHING, properties, isPartial: true };
}

function findAnchor(schema: Json, anchor: string): Json | undefined {
  if (Array.isArray(schema)) return firstOf(schema as readonly Json[], anchor);
  if (!isJsonObject(schema)) return undefined;
  if (schema['$anchor'] === anchor || schema['$dynamicAnchor'] === anchor) return schema;
  return firstOf(Object.values(schema), anchor);
}

function firstOf(schemas: readonly Json[], anchor: string): Json | undefined {
  for (const schema of schemas) {
    const found = findAnchor(schema, anchor);
    if (found !== undefined) return found;
  }
  return undefined;
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

function decode(token: string): string {
  try {
    return decodeURIComponent(token);
  } catch {
    return token;
  }
}
