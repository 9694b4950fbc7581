import type { Json } from '../../core/json.js';
import { type DefinitionPath, formatPath } from './value-text.js';

/** Thrown by `toPlainJson`; its message names the place. */
export class NotJsonError extends Error {
  override readonly name = 'NotJsonError';
}

const DEEPEST = 500;

/**
 * A copy of a value as plain JSON: `undefined` fields are left out, `undefined` elements become null, whatever an array carries beside its elements is dropped.
 * Throws a NotJsonError for what JSON cannot carry: functions, symbols, BigInts, NaN and infinities, cycles.
 */
export function toPlainJson(value: unknown): Json {
  return copy(value, []);
}

/** `path` grows and shrinks with the walk, so that a place costs nothing until a message needs it. */
function copy(value: unknown, path: (string | number)[]): Json {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (Number.isFinite(value)) return value;
      throw new NotJsonError(`${place(path)} is ${String(value)}, which JSON cannot carry`);
    case 'undefined':
      return null;
    case 'object':
      return value === null ? null : copyObject(value, path);
    default:
      throw new NotJsonError(`${place(path)} is a ${typeof value}, which JSON cannot carry`);
  }
}

function copyObject(value: object, path: (string | number)[]): Json {
  if (path.length > DEEPEST)
    throw new NotJsonError(`the value is nested deeper than ${DEEPEST} levels, or holds itself`);
  if (Array.isArray(value)) return Array.from(value, (item: unknown, index) => within(path, index, item));
  if (hasToJson(value)) return copy(value.toJSON(), path);
  // JSONata's functions and lambdas are objects with these marks.
  if ('_jsonata_function' in value || '_jsonata_lambda' in value) {
    throw new NotJsonError(`${place(path)} is a function, which JSON cannot carry`);
  }
  const entries: [string, Json][] = [];
  for (const [key, item] of Object.entries(value)) {
    if (item !== undefined) entries.push([key, within(path, key, item)]);
  }
  // Unlike assignment, this makes an own property of a key named `__proto__`.
  return Object.fromEntries(entries);
}

function within(path: (string | number)[], key: string | number, item: unknown): Json {
  path.push(key);
  const copied = copy(item, path);
  path.pop();
  return copied;
}

function hasToJson(value: object): value is { toJSON(): unknown } {
  return 'toJSON' in value && typeof value.toJSON === 'function';
}

function place(path: DefinitionPath): string {
  return path.length === 0 ? 'the value' : formatPath(path);
}
