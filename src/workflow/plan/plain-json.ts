import type { Json } from '../../core/json.js';
import { PAYLOAD_LIMITS } from '../../core/text/payload-limits.js';
import { type DefinitionPath, formatPath } from './value-text.js';

/** Thrown by `toPlainJson`; its message names the place. */
export class NotJsonError extends Error {
  override readonly name = 'NotJsonError';
}

/** As deep as an output may be. */
const DEEPEST = PAYLOAD_LIMITS.depth;

/**
 * A copy of a value as plain JSON: `undefined` fields are left out, `undefined` elements become null, whatever an array carries beside its elements is dropped.
 * Dates become their text, and halves of surrogate pairs are replaced. Throws a NotJsonError for what JSON cannot carry: functions, symbols, BigInts, NaN and
 * infinities, cycles, and objects that keep what they hold elsewhere than in their fields (`Map`, `Set`, promises, errors, bytes, …).
 */
export function toPlainJson(value: unknown): Json {
  return copy(value, []);
}

/** `path` grows and shrinks with the walk, so that a place costs nothing until a message needs it. */
function copy(value: unknown, path: (string | number)[]): Json {
  switch (typeof value) {
    case 'string':
      return value.toWellFormed();
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
  if (path.length >= DEEPEST)
    throw new NotJsonError(`the value is nested more than ${DEEPEST} levels deep, or holds itself`);
  if (Array.isArray(value)) return Array.from(value, (item: unknown, index) => within(path, index, item));
  const foreign = foreignKind(value);
  if (foreign !== null) throw new NotJsonError(`${place(path)} is ${foreign}, which JSON cannot carry`);
  if (hasToJson(value)) return copy(value.toJSON(), path);
  if (BOXED.has(tagOf(value))) return copy(value.valueOf(), path);
  // JSONata's functions and lambdas are objects with these marks.
  if ('_jsonata_function' in value || '_jsonata_lambda' in value) {
    throw new NotJsonError(`${place(path)} is a function, which JSON cannot carry`);
  }
  const entries: [string, Json][] = [];
  for (const [key, item] of Object.entries(value)) {
    if (item !== undefined) entries.push([key.toWellFormed(), within(path, key, item)]);
  }
  // Unlike assignment, this makes an own property of a key named `__proto__`.
  return Object.fromEntries(entries);
}

/** By what `Object.prototype.toString` calls them. */
const FOREIGN: ReadonlySet<string> = new Set([
  'Map',
  'Set',
  'WeakMap',
  'WeakSet',
  'WeakRef',
  'Promise',
  'Error',
  'RegExp',
  'ArrayBuffer',
  'SharedArrayBuffer',
  'DataView',
  'Generator',
  'AsyncGenerator',
]);

const BOXED: ReadonlySet<string> = new Set(['String', 'Number', 'Boolean']);

/** Empty for plain objects, which are the most. */
function tagOf(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return '';
  return Object.prototype.toString.call(value).slice('[object '.length, -1);
}

/** What an object is that JSON would make something else of; null for all others. */
function foreignKind(value: object): string | null {
  const tag = tagOf(value);
  if (FOREIGN.has(tag)) return `${tag.startsWith('E') || tag.startsWith('A') ? 'an' : 'a'} ${tag}`;
  if (ArrayBuffer.isView(value)) return `bytes (${tag})`;
  return tag === 'Date' && Number.isNaN((value as Date).getTime()) ? 'a date that does not exist' : null;
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
