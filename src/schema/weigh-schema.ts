import { countValues, isJsonObject, type Json, type JsonObject, type JsonSchema } from '../core/json.js';
import { translateRegex } from './regex/translate.js';

/** What checks against a schema take. */
interface SchemaWeight {
  /** The most rules that hold for one value. */
  readonly rules: number;
  /** Whether items are compared with each other. */
  readonly comparesItems: boolean;
  /** Whether time can grow faster than with the size of the value, or its square. */
  readonly isUnbounded: boolean;
  /** Patterns that cannot be had in linear time. */
  readonly inexpressible: ReadonlySet<string>;
}

/** Rules times values. Some milliseconds at the worst. */
const MAX_QUICK = 100_000;
/** A pattern with more instructions takes long to compile. */
const MAX_INSTRUCTIONS = 300;
/** Checks go into the depth of schemas, and references can make them larger than they are written. */
const MAX_RULES = MAX_QUICK;

const weights = new WeakMap<JsonSchema, SchemaWeight>();

/**
 * Whether a value is certain to be checked against a schema within milliseconds. `passInexpressible`: patterns that
 * cannot be had in linear time are not looked at, see `createAjv`.
 */
export function isQuickCheck(schema: JsonSchema, value: Json, passInexpressible = false): boolean {
  const { rules, comparesItems, isUnbounded, inexpressible } = weighSchema(schema);
  if (isUnbounded || (inexpressible.size > 0 && !passInexpressible)) return false;
  const most = MAX_QUICK / rules;
  const values = countValues(value, most);
  return values <= most && (!comparesItems || values * values * rules <= MAX_QUICK);
}

/** The patterns of a schema that cannot be had in linear time. */
export function findInexpressible(schema: JsonSchema): ReadonlySet<string> {
  return weighSchema(schema).inexpressible;
}

function weighSchema(schema: JsonSchema): SchemaWeight {
  let weight = weights.get(schema);
  if (weight === undefined) {
    weight = new Weighing(schema).weigh();
    weights.set(schema, weight);
  }
  return weight;
}

const ONE = [
  'items',
  'additionalProperties',
  'not',
  'if',
  'then',
  'else',
  'contains',
  'propertyNames',
  'unevaluatedItems',
  'unevaluatedProperties',
  'contentSchema',
];
const LISTS = ['allOf', 'anyOf', 'oneOf', 'prefixItems'];
const MAPS = ['properties', 'patternProperties', 'dependentSchemas'];
/** Lists of what a value is held against one by one. */
const COUNTED = ['enum', 'required'];
/**
 * Where a value is held against more than one schema: with references in a circle, each level of depth multiplies them.
 */
const BRANCHING: ReadonlySet<string> = new Set([
  'allOf',
  'anyOf',
  'oneOf',
  'not',
  'if',
  'then',
  'else',
  'contains',
  'patternProperties',
  'dependentSchemas',
  'unevaluatedItems',
  'unevaluatedProperties',
]);
const SCALARS: ReadonlySet<Json> = new Set(['string', 'number', 'integer', 'boolean', 'null']);

class Weighing {
  readonly #root: JsonSchema;
  readonly #inexpressible = new Set<string>();
  readonly #open = new Set<JsonObject>();
  readonly #done = new Map<JsonObject, number>();
  #comparesItems = false;
  #branches = false;
  #recurs = false;
  #isUnbounded = false;

  constructor(root: JsonSchema) {
    this.#root = root;
  }

  weigh(): SchemaWeight {
    const rules = Math.max(1, this.#weigh(this.#root));
    const isUnbounded = this.#isUnbounded || (this.#recurs && this.#branches) || rules > MAX_RULES;
    return { rules, comparesItems: this.#comparesItems, isUnbounded, inexpressible: this.#inexpressible };
  }

  #weigh(schema: Json | undefined): number {
    if (!isJsonObject(schema)) return 0;
    const before = this.#done.get(schema);
    if (before !== undefined) return before;
    if (this.#open.has(schema)) {
      this.#recurs = true;
      return 0;
    }
    this.#open.add(schema);
    const rules = this.#own(schema) + this.#inner(schema);
    this.#open.delete(schema);
    this.#done.set(schema, rules);
    return rules;
  }

  /** The rules that the schema itself holds. */
  #own(schema: JsonObject): number {
    let rules = 1;
    for (const name of COUNTED) rules += Array.isArray(schema[name]) ? schema[name].length : 0;
    const { pattern, patternProperties, uniqueItems, items } = schema;
    if (typeof pattern === 'string') rules += this.#pattern(pattern);
    if (isJsonObject(patternProperties)) {
      for (const each of Object.keys(patternProperties)) rules += this.#pattern(each);
    }
    if (uniqueItems === true && !(isJsonObject(items) && SCALARS.has(items['type'] ?? ''))) this.#comparesItems = true;
    this.#branches ||=
      Object.keys(schema).some((name) => BRANCHING.has(name)) || ('$ref' in schema && hasInner(schema));
    return rules;
  }

  #pattern(pattern: string): number {
    const translated = translateRegex(pattern, 'u');
    if (translated === null) {
      this.#inexpressible.add(pattern);
      return 1;
    }
    if (translated.size > MAX_INSTRUCTIONS) this.#isUnbounded = true;
    return 2 * translated.size;
  }

  #inner(schema: JsonObject): number {
    let rules = 0;
    for (const name of ONE) rules += this.#weigh(schema[name]);
    for (const name of LISTS) {
      const list = schema[name];
      if (Array.isArray(list)) for (const each of list as readonly Json[]) rules += this.#weigh(each);
    }
    for (const name of MAPS) {
      const map = schema[name];
      if (isJsonObject(map)) for (const each of Object.values(map)) rules += this.#weigh(each);
    }
    if ('$dynamicRef' in schema || '$recursiveRef' in schema) this.#isUnbounded = true;
    const { $ref: reference } = schema;
    return typeof reference === 'string' ? rules + this.#reference(reference) : rules;
  }

  #reference(reference: string): number {
    const target = resolvePointer(this.#root, reference);
    if (target === undefined) {
      // To an anchor, or into a part that has an id of its own.
      this.#isUnbounded = true;
      return 0;
    }
    return this.#weigh(target);
  }
}

function hasInner(schema: JsonObject): boolean {
  return [...ONE, ...LISTS, ...MAPS].some((name) => name in schema);
}

/** What `#/$defs/name` leads to; undefined for a reference of another form. */
function resolvePointer(root: JsonSchema, reference: string): Json | undefined {
  if (!reference.startsWith('#')) return undefined;
  const pointer = decode(reference.slice(1));
  if (pointer !== '' && !pointer.startsWith('/')) return undefined;
  let current: Json | undefined = root;
  for (const token of pointer.split('/').slice(1)) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = (current as JsonObject)[token.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return current;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
