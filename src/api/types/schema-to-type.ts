import { isJsonObject, type Json, type JsonObject, type JsonSchema } from '../../core/json.js';

/** Deeper schemas, and those that hold themselves, become `unknown`. */
const MAX_DEPTH = 12;
/** What is beyond so many parts is `unknown` too: references can make a short schema very large. */
const MAX_PARTS = 10_000;
const PLAIN_NAME = /^[A-Za-z_$][\w$]*$/;
const PLAIN: { readonly [type: string]: string } = {
  string: 'string',
  number: 'number',
  integer: 'number',
  boolean: 'boolean',
  null: 'null',
};

interface Place {
  /** The whole schema, which references lead into. */
  readonly root: JsonSchema;
  readonly depth: number;
  readonly indent: string;
  readonly budget: { left: number };
}

/** The TypeScript type of the values that fit a JSON Schema, as far as types can say it. */
export function schemaToType(schema: Json, indent = ''): string {
  return typeOf(schema, { root: isJsonObject(schema) ? schema : {}, depth: 0, indent, budget: { left: MAX_PARTS } });
}

function typeOf(schema: Json, place: Place): string {
  if (schema === false) return 'never';
  place.budget.left -= 1;
  if (!isJsonObject(schema) || place.depth > MAX_DEPTH || place.budget.left < 0) return 'unknown';
  const inner = { ...place, depth: place.depth + 1 };
  const parts = [ownType(schema, inner), ...combined(schema, inner)].filter((part) => part !== 'unknown');
  return parts.length === 0 ? 'unknown' : intersection(parts);
}

function combined(schema: JsonSchema, place: Place): string[] {
  const parts: string[] = [];
  const { $ref: reference, allOf, anyOf, oneOf } = schema;
  if (typeof reference === 'string') parts.push(typeOf(resolve(reference, place.root), place));
  if (Array.isArray(allOf)) parts.push(...allOf.map((each) => typeOf(each as Json, place)));
  for (const choices of [anyOf, oneOf]) {
    if (Array.isArray(choices)) parts.push(union(choices.map((each) => typeOf(each as Json, place))));
  }
  return parts;
}

function ownType(schema: JsonSchema, place: Place): string {
  const { const: constant, enum: values, type } = schema;
  if (constant !== undefined) return literal(constant);
  if (Array.isArray(values)) return union(values.map((value) => literal(value as Json)));
  if (Array.isArray(type)) return union(type.map((each) => ofType(each as Json, schema, place)));
  if (type !== undefined) return ofType(type, schema, place);
  return isJsonObject(schema['properties']) ? objectType(schema, place) : 'unknown';
}

function ofType(type: Json, schema: JsonSchema, place: Place): string {
  if (type === 'object') return objectType(schema, place);
  if (type === 'array') return arrayType(schema, place);
  return (typeof type === 'string' && Object.hasOwn(PLAIN, type) ? PLAIN[type] : undefined) ?? 'unknown';
}

function arrayType({ items, prefixItems }: JsonSchema, place: Place): string {
  const rest = items === undefined ? 'unknown' : typeOf(items, place);
  if (!Array.isArray(prefixItems)) return `${inBrackets(rest)}[]`;
  const first = prefixItems.map((item) => `${inBrackets(typeOf(item as Json, place))}?`);
  return `[${[...first, ...(items === false ? [] : [`...${inBrackets(rest)}[]`])].join(', ')}]`;
}

function objectType(schema: JsonSchema, place: Place): string {
  const { properties, required, additionalProperties } = schema;
  const named = isJsonObject(properties) ? Object.entries(properties) : [];
  if (named.length === 0) {
    const value = isJsonObject(additionalProperties) ? typeOf(additionalProperties, place) : 'unknown';
    return additionalProperties === false ? 'Record<string, never>' : `{ [name: string]: ${value} }`;
  }
  const needed: readonly Json[] = Array.isArray(required) ? required : [];
  const inner = { ...place, indent: `${place.indent}  ` };
  const lines = named.flatMap(([name, property]) => [
    ...commentOf(property, inner.indent),
    `${inner.indent}${nameOf(name)}${needed.includes(name) ? '' : '?'}: ${typeOf(property, inner)};`,
  ]);
  return `{\n${lines.join('\n')}\n${place.indent}}`;
}

/** As a comment above it. What it says comes from whoever wrote the workflow. */
export function commentOf(schema: Json, indent: string): string[] {
  const description = isJsonObject(schema) ? schema['description'] : undefined;
  if (typeof description !== 'string' || description.trim() === '') return [];
  return [`${indent}/** ${description.trim().replaceAll(/\s+/g, ' ').replaceAll('*/', '* /')} */`];
}

export function nameOf(name: string): string {
  return PLAIN_NAME.test(name) ? name : literal(name);
}

function literal(value: Json): string {
  return typeof value === 'object' && value !== null ? 'unknown' : lineSafe(JSON.stringify(value));
}

/** JSON in the form that is TypeScript too. */
function lineSafe(json: string): string {
  return json.replaceAll('\u2028', String.raw`\u2028`).replaceAll('\u2029', String.raw`\u2029`);
}

function union(types: readonly string[]): string {
  const all = [...new Set(types)];
  if (all.length === 0 || all.includes('unknown')) return 'unknown';
  return all.map(inBrackets).join(' | ');
}

function intersection(types: readonly string[]): string {
  const all = [...new Set(types)];
  return all.length === 1 ? (all[0] ?? 'unknown') : all.map(inBrackets).join(' & ');
}

function inBrackets(type: string): string {
  return /^(?:[\w.]+|"(?:[^"\\]|\\.)*"|\{[^{}]*\})$/.test(type) ? type : `(${type})`;
}

/** What a reference within the schema leads to; anything, when it leads elsewhere. */
function resolve(reference: string, root: JsonObject): Json {
  if (!reference.startsWith('#')) return {};
  let found: Json = root;
  for (const part of reference.slice(1).split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (!isJsonObject(found) || !Object.hasOwn(found, name)) return {};
    found = found[name] ?? {};
  }
  return found;
}
