import { isJsonObject, type Json } from '../json.js';
import { parseCallerJson } from '../text/parse-json.js';

/**
 * The object or the list that a text is the JSON of; null when it is neither, or cannot be taken as it is (see
 * `parseJson`).
 */
export function readContainer(text: string): Json {
  if (!/^\s*[[{]/.test(text)) return null;
  const parsed = parseCallerJson(text);
  return parsed.kind === 'json' ? parsed.json : null;
}

/**
 * A value that some callers send as the JSON of it: a text that does not fit, where what it is the JSON of fits, is
 * taken for that. An object or a list is taken for that even where it does not fit, so that the error speaks of what is
 * wrong inside.
 */
export function readJsonText(value: Json, fits: (value: Json) => boolean): Json {
  if (typeof value !== 'string' || fits(value)) return value;
  const read = readText(value);
  return read !== null && (isContainer(read.json) || fits(read.json)) ? read.json : value;
}

/** The same where it takes time to tell what fits. */
export async function readJsonTextAsync(value: Json, fits: (value: Json) => Promise<boolean>): Promise<Json> {
  if (typeof value !== 'string' || (await fits(value))) return value;
  const read = readText(value);
  return read !== null && (isContainer(read.json) || (await fits(read.json))) ? read.json : value;
}

function isContainer(value: Json): boolean {
  return typeof value === 'object' && value !== null;
}

function readText(text: string): { readonly json: Json } | null {
  const container = readContainer(text);
  if (container !== null) return { json: container };
  const scalar = readScalar(text);
  return scalar === undefined ? null : { json: scalar };
}

/** The number, the truth value or the null that a text plainly is; undefined for any other text. */
export function readScalar(text: string): number | boolean | null | undefined {
  const plain = text.trim();
  if (/^(?:true|false)$/i.test(plain)) return plain.toLowerCase() === 'true';
  if (plain === 'null') return null;
  if (!/^-?(?:0|[1-9]\d{0,15})(?:\.\d{1,20})?(?:[eE][+-]?\d{1,2})?$/.test(plain)) return undefined;
  const number = Number(plain);
  // A whole number that a double cannot hold would become another one.
  return Number.isInteger(number) && !Number.isSafeInteger(number) ? undefined : number;
}

/**
 * Whether there is more to the value than so many parts, each value in a list or an object being one. Does not recurse.
 */
export function hasMoreParts(value: Json, most: number): boolean {
  const left: Json[] = [value];
  for (let parts = 0; left.length > 0; parts += 1) {
    if (parts + left.length > most + 1) return true;
    const part = left.pop();
    if (Array.isArray(part)) {
      if (part.length > most) return true;
      left.push(...(part as readonly Json[]));
    } else if (isJsonObject(part)) {
      let inside = 0;
      for (const name in part) {
        inside += 1;
        if (inside > most) return true;
        left.push(part[name] ?? null);
      }
    }
  }
  return false;
}
