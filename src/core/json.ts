/** A value that JSON can carry. `undefined`, functions, BigInts and cycles are not. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}

/** A JSON Schema (draft 2020-12), kept as the plain JSON it was written in. */
export type JsonSchema = JsonObject;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether arrays and objects are nested more than `limit` levels deep. Does not recurse. */
export function isDeeperThan(json: Json, limit: number): boolean {
  let level: Json[] = [json];
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > limit) return true;
    const next: Json[] = [];
    for (const value of level) {
      if (typeof value !== 'object' || value === null) continue;
      if (Array.isArray(value)) {
        for (const child of value as readonly Json[]) if (typeof child === 'object' && child !== null) next.push(child);
        continue;
      }
      // Three times quicker than Object.values where the names were not seen before.
      for (const name of Object.keys(value)) {
        const child = (value as JsonObject)[name];
        if (typeof child === 'object' && child !== null) next.push(child);
      }
    }
    level = next;
  }
  return false;
}

/** A lower bound of the length of the value's JSON: escapes and long numbers are not counted. Stops beyond `limit`. */
export function estimateJsonLength(value: Json, limit = Number.POSITIVE_INFINITY): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value === 'number') return countDigits(value);
  if (typeof value !== 'object' || value === null) return 4;
  let length = 1;
  if (Array.isArray(value)) {
    for (const item of value as readonly Json[]) {
      if (length > limit) break;
      length += estimateJsonLength(item, limit - length) + 1;
    }
  } else {
    for (const key of Object.keys(value)) {
      if (length > limit) break;
      length += key.length + estimateJsonLength((value as JsonObject)[key] ?? null, limit - length) + 4;
    }
  }
  return Math.max(2, length);
}

/** So much text takes about as long to walk through as one value. */
const CHARACTERS = 100;

/**
 * How much there is in a value: one for each value in it, more for long texts. Stops counting beyond `limit`, so that
 * it takes no longer than that many steps.
 */
export function countValues(value: Json, limit: number): number {
  if (typeof value === 'string') return 1 + value.length / CHARACTERS;
  if (typeof value !== 'object' || value === null) return 1;
  let count = 1;
  if (Array.isArray(value)) {
    for (const item of value as readonly Json[]) {
      if (count > limit) break;
      count += countValues(item, limit - count);
    }
    return count;
  }
  const names = Object.keys(value);
  if (names.length > limit) return names.length;
  for (const name of names) {
    if (count > limit) break;
    count += countValues((value as JsonObject)[name] ?? null, limit - count) + name.length / CHARACTERS;
  }
  return count;
}

function countDigits(value: number): number {
  const size = Math.abs(value);
  if (size < 10) return 1;
  return size < 1_000 ? 2 : 4;
}

/**
 * The value, whose JSON is `text`, with each half of a surrogate pair replaced (U+FFFD), in names too. The same value
 * when there is none.
 */
export function wellFormedJson(value: Json, text: string): Json {
  // JSON.stringify escapes such halves, and little else of this form.
  return text.includes('\\ud') ? replaceHalves(value) : value;
}

function replaceHalves(value: Json): Json {
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: Json) => replaceHalves(item));
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name.toWellFormed(), replaceHalves(item)]));
}

/** A copy that shares nothing with the original. */
export function copyJson(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: Json) => copyJson(item));
  const copy: { [key: string]: Json } = {};
  for (const [key, item] of Object.entries(value)) setField(copy, key, copyJson(item));
  return copy;
}

/** Gives an object a field of its own, whatever its name. */
export function setField(object: { [name: string]: Json }, name: string, value: Json): void {
  // Assigning to this name would set the prototype.
  if (name === '__proto__') {
    Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true });
  } else object[name] = value;
}

const BACKSLASH = 0x5c;

/** Whether the quote there, in a JSON text, belongs to the string that it stands in. */
export function isEscaped(text: string, quote: number): boolean {
  let before = quote - 1;
  while (text.charCodeAt(before) === BACKSLASH) before -= 1;
  return (quote - before) % 2 === 0;
}

/** JSON with the keys of every object sorted and no space: the same for values that are equal as JSON. */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(canonicalJson).join(',')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const fields = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .toSorted()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] ?? null)}`);
  return `{${fields.join(',')}}`;
}
