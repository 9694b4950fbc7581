import { isJsonObject, type Json, type JsonObject, type JsonSchema } from '../json.js';

const MAX_DEPTH = 8;
/** A schema can ask for lists and objects of any size. */
const MAX_PARTS = 20;

const TEXTS: { readonly [format: string]: string } = {
  'date-time': '2026-01-15T12:00:00Z',
  date: '2026-01-15',
  time: '12:00:00Z',
  duration: 'PT1H',
  email: 'somebody@example.com',
  hostname: 'example.com',
  uri: 'https://example.com/',
  url: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
};

/**
 * A value as a schema describes it: its default, first example or first choice, or else something of its type with all
 * properties, or with those that are required. It need not fit: patterns, and parts that contradict each other, are not
 * looked at.
 */
export function sampleValue(schema: JsonSchema, properties: 'all' | 'required' = 'all'): Json {
  return sample(schema, { root: schema, properties, depth: 0 });
}

interface Place {
  readonly root: JsonSchema;
  readonly properties: 'all' | 'required';
  readonly depth: number;
}

function sample(schema: Json | undefined, place: Place): Json {
  if (!isJsonObject(schema) || place.depth > MAX_DEPTH) return null;
  const inner = { ...place, depth: place.depth + 1 };
  const said = saidValue(schema);
  if (said !== undefined) return said;
  const meant = schemaMeant(schema, place.root);
  if (meant !== undefined) return sample(meant, inner);
  switch (typeOf(schema)) {
    case 'object':
      return sampleObject(schema, inner);
    case 'array':
      return sampleList(schema, inner);
    case 'string':
      return sampleText(schema);
    case 'number':
    case 'integer':
      return sampleNumber(schema);
    case 'boolean':
      return true;
    default:
      return null;
  }
}

function saidValue(schema: JsonObject): Json | undefined {
  const { const: only, default: fallback, examples, enum: choices } = schema;
  if (only !== undefined) return only;
  if (fallback !== undefined) return fallback;
  for (const list of [examples, choices]) if (Array.isArray(list) && list[0] !== undefined) return list[0];
  return undefined;
}

/** The schema that stands in its place: what it refers to, or the first of several. */
function schemaMeant(schema: JsonObject, root: JsonSchema): Json | undefined {
  const { $ref: reference, anyOf, oneOf, allOf } = schema;
  if (typeof reference === 'string') return lookUp(root, reference);
  for (const list of [anyOf, oneOf]) if (Array.isArray(list) && list[0] !== undefined) return list[0];
  if (!Array.isArray(allOf)) return undefined;
  const { allOf: _allOf, ...rest } = schema;
  const properties = [rest, ...allOf].flatMap((part) =>
    isJsonObject(part) && isJsonObject(part['properties']) ? [part['properties']] : [],
  );
  return Object.assign({}, ...allOf.filter(isJsonObject), rest, {
    properties: Object.assign({}, ...properties),
  }) as Json;
}

/** `#/$defs/name`, in the schema itself. */
function lookUp(root: JsonSchema, reference: string): Json | undefined {
  if (!reference.startsWith('#')) return undefined;
  let found: Json | undefined = root;
  for (const part of reference.slice(1).split('/').filter(Boolean)) {
    const name = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
    found = isJsonObject(found) && Object.hasOwn(found, name) ? found[name] : undefined;
  }
  return found === root ? undefined : found;
}

function typeOf({ type, properties, items }: JsonObject): Json | undefined {
  const first = Array.isArray(type) ? type.find((one) => one !== 'null') : type;
  if (first !== undefined) return first;
  if (properties !== undefined) return 'object';
  return items === undefined ? undefined : 'array';
}

function sampleObject({ properties, required }: JsonObject, inner: Place): Json {
  if (!isJsonObject(properties)) return {};
  const isMeant = (name: string): boolean =>
    inner.properties === 'all' || (Array.isArray(required) && required.includes(name));
  const some = Object.entries(properties)
    .filter(([name]) => isMeant(name))
    .slice(0, MAX_PARTS);
  return Object.fromEntries(some.map(([name, property]) => [name, sample(property, inner)]));
}

function sampleList({ items, minItems }: JsonObject, inner: Place): Json {
  const count = Math.min(MAX_PARTS, typeof minItems === 'number' ? Math.max(1, minItems) : 1);
  if (items === undefined) return [];
  return Array.from({ length: count }, () => sample(items, inner));
}

function sampleText({ format, minLength, maxLength }: JsonObject): string {
  const text = (typeof format === 'string' ? TEXTS[format] : undefined) ?? 'text';
  const least = typeof minLength === 'number' ? Math.min(minLength, 1_000) : 0;
  const padded = text.padEnd(least, '.');
  return typeof maxLength === 'number' ? padded.slice(0, Math.max(0, maxLength)) : padded;
}

function sampleNumber({ minimum, exclusiveMinimum, maximum }: JsonObject): number {
  if (typeof minimum === 'number') return minimum;
  if (typeof exclusiveMinimum === 'number') return Math.floor(exclusiveMinimum) + 1;
  return typeof maximum === 'number' ? Math.min(1, Math.floor(maximum)) : 1;
}
