import { isJsonObject, type Json, type JsonObject, type JsonSchema } from '../../../core/json.js';
import { failure, type FinalOutcome, type HeaderReader } from '../base/method.js';
import { decodeHeader, headerMismatch } from './headers.js';

interface HeaderParam {
  /** The names of properties that lead to the value. */
  readonly path: readonly string[];
  /** In lower case. */
  readonly header: string;
}

const cache = new WeakMap<JsonSchema, readonly HeaderParam[]>();

/**
 * The error for arguments that say something else than the `Mcp-Param-*` headers which the tool's schema asks for; null
 * when they agree.
 */
export function headerParamsMismatch(
  schema: JsonSchema,
  args: JsonObject,
  headers: HeaderReader,
): Extract<FinalOutcome, { kind: 'error' }> | null {
  for (const { path, header } of listHeaderParams(schema)) {
    const value = valueAt(args, path);
    if (value === null || value === undefined) continue;
    const given = headers(header);
    if (given === undefined) return failure(headerMismatch(`${header} is missing`), 'bad_request');
    const decoded = decodeHeader(given);
    if (decoded === null) return failure(headerMismatch(`${header} is not valid base64`), 'bad_request');
    if (!isSame(decoded, value))
      return failure(headerMismatch(`${header} does not match ${path.join('.')}`), 'bad_request');
  }
  return null;
}

function listHeaderParams(schema: JsonSchema): readonly HeaderParam[] {
  const known = cache.get(schema);
  if (known !== undefined) return known;
  const found = collect(schema, []);
  cache.set(schema, found);
  return found;
}

function collect(schema: JsonObject, path: readonly string[]): HeaderParam[] {
  const { properties } = schema;
  if (!isJsonObject(properties)) return [];
  return Object.entries(properties).flatMap(([name, property]) => {
    if (!isJsonObject(property)) return [];
    const here = [...path, name];
    const header = property['x-mcp-header'];
    const own = typeof header === 'string' ? [{ path: here, header: `mcp-param-${header.toLowerCase()}` }] : [];
    return [...own, ...collect(property, here)];
  });
}

function valueAt(args: JsonObject, path: readonly string[]): Json | undefined {
  let value: Json | undefined = args;
  for (const name of path) {
    if (!isJsonObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

function isSame(header: string, value: Json): boolean {
  if (typeof value === 'number') return header.trim() !== '' && Number(header) === value;
  return typeof value === 'object' ? false : header === String(value);
}
