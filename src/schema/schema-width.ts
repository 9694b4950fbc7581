import { isJsonObject, type Json } from '../core/json.js';

/** How many schemas stand side by side in one keyword (the properties of an object, say) at most. */
export const MAX_SCHEMA_WIDTH = 1_000;

/** Keywords whose checks go one within the other in what is compiled of them, as each begins where others have held. */
const SIDE_BY_SIDE: readonly string[] = [
  'properties',
  'patternProperties',
  'dependentSchemas',
  'dependentRequired',
  'prefixItems',
  'allOf',
  'anyOf',
  'oneOf',
];

/** What these hold is no schema. */
const VALUES: readonly string[] = ['const', 'enum', 'default', 'examples'];

export interface SchemaWidth {
  readonly width: number;
  /** A JSON pointer to the keyword. */
  readonly path: string;
}

/** Where most schemas stand side by side in a schema. */
export function findWidest(schema: Json): SchemaWidth {
  let widest: SchemaWidth = { width: 0, path: '' };
  const walk = (inner: Json, path: string): void => {
    if (typeof inner !== 'object' || inner === null) return;
    for (const [name, value] of Object.entries(inner)) {
      if (VALUES.includes(name)) continue;
      const at = `${path}/${name}`;
      if (SIDE_BY_SIDE.includes(name) && isJsonObject(inner)) {
        const width = widthOf(value);
        if (width > widest.width) widest = { width, path: at };
      }
      walk(value, at);
    }
  };
  walk(schema, '');
  return widest;
}

function widthOf(value: Json): number {
  if (Array.isArray(value)) return value.length;
  return isJsonObject(value) ? Object.keys(value).length : 0;
}
