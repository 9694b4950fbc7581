import { isJsonObject, type Json, type JsonObject, type JsonSchema } from '../../../core/json.js';

/** Keywords whose value is data, not schemas. */
const DATA = new Set(['const', 'enum', 'default', 'examples']);
/** Keywords whose value holds schemas by names that are not keywords. */
const BY_NAME = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']);

/**
 * A schema as it can stand inside another at this JSON pointer: its references, which lead within it, are led to the
 * place where it now is. Its own name (`$id`) is taken off, as two schemas of the same name cannot be compiled side by
 * side.
 */
export function embedSchema(schema: JsonSchema, pointer: string): JsonSchema {
  const { $id, $schema: _, ...rest } = schema;
  const root = typeof $id === 'string' ? $id.replace(/#$/, '') : '';
  return moveSchema(rest, { pointer, root });
}

interface Move {
  readonly pointer: string;
  /** What the schema called itself; empty when it had no name. */
  readonly root: string;
}

function moveSchema(schema: JsonObject, move: Move): JsonObject {
  // A schema with a name of its own is what its references lead within.
  if (typeof schema['$id'] === 'string') return schema;
  return mapValues(schema, (value, keyword) => {
    if ((keyword === '$ref' || keyword === '$dynamicRef') && typeof value === 'string')
      return moveReference(value, move);
    if (DATA.has(keyword)) return value;
    if (BY_NAME.has(keyword) && isJsonObject(value)) return mapValues(value, (each) => moveValue(each, move));
    return moveValue(value, move);
  });
}

function moveValue(value: Json, move: Move): Json {
  if (Array.isArray(value)) return value.map((each: Json) => moveValue(each, move));
  return isJsonObject(value) ? moveSchema(value, move) : value;
}

function moveReference(reference: string, { pointer, root }: Move): string {
  const hash = reference.indexOf('#');
  const base = hash < 0 ? reference : reference.slice(0, hash);
  const fragment = hash < 0 ? '' : reference.slice(hash + 1);
  if (base !== '' && base !== root) return reference;
  const isAnchor = fragment !== '' && !fragment.startsWith('/');
  return isAnchor ? `#${fragment}` : `#${pointer}${fragment}`;
}

function mapValues(object: JsonObject, map: (value: Json, name: string) => Json): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, map(value, name)]));
}
