import type { JsonSchema } from '../../core/json.js';

type OptionalKeys<T> = { [K in keyof T]-?: object extends Pick<T, K> ? K : never }[keyof T];

/**
 * The schema of an object of this type. The compiler holds the names to those of the type; `optional` names those that
 * may be absent, all of them.
 */
export function shapeOf<T extends object>() {
  return <const Optional extends readonly OptionalKeys<T>[]>(
    properties: { readonly [K in keyof T]-?: JsonSchema },
    ...optional: OptionalKeys<T> extends Optional[number] ? Optional : readonly [OptionalKeys<T>, ...OptionalKeys<T>[]]
  ): JsonSchema => {
    const absent = new Set<PropertyKey>(optional);
    const required = Object.keys(properties).filter((name) => !absent.has(name));
    return { type: 'object', properties, ...(required.length === 0 ? {} : { required }) };
  };
}

export const TEXT: JsonSchema = { type: 'string' };
export const FLAG: JsonSchema = { type: 'boolean' };
export const NUMBER: JsonSchema = { type: 'number' };
export const INTEGER: JsonSchema = { type: 'integer' };
export const TIME: JsonSchema = { type: 'string', format: 'date-time' };
export const ANYTHING: JsonSchema = {};
export const SCHEMA: JsonSchema = { type: 'object', description: 'A JSON Schema (2020-12).' };

export function described(schema: JsonSchema, description: string): JsonSchema {
  return { ...schema, description };
}

export function listOf(items: JsonSchema): JsonSchema {
  return { type: 'array', items };
}

export function oneOf(values: readonly string[]): JsonSchema {
  return { type: 'string', enum: values };
}

export function orNull(schema: JsonSchema): JsonSchema {
  const { type, enum: values } = schema;
  if (typeof type !== 'string') return { anyOf: [schema, { type: 'null' }] };
  return { ...schema, type: [type, 'null'], ...(Array.isArray(values) ? { enum: [...values, null] } : {}) };
}
