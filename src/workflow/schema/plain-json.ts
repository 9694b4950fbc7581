import { yieldIfBusy } from '../../core/event-loop.js';
import { wellFormedInTurns } from '../../core/large-json/well-formed-in-turns.js';
import { countValues, type Json, setField } from '../../core/json.js';
import { PAYLOAD_LIMITS } from '../../core/text/payload-limits.js';
import { type DefinitionPath, formatPath } from './value-text.js';

/** Thrown by `toPlainJson`; its message names the place. */
export class NotJsonError extends Error {
  override readonly name = 'NotJsonError';
}

/** As deep as an output may be. */
const DEEPEST = PAYLOAD_LIMITS.depth;

/**
 * A copy of a value as plain JSON: `undefined` fields are left out, `undefined` elements become null, whatever an array
 * carries beside its elements is dropped. Dates become their text, and halves of surrogate pairs are replaced. Throws a
 * NotJsonError for what JSON cannot carry: functions, symbols, BigInts, NaN and infinities, cycles, and objects that
 * keep what they hold elsewhere than in their fields (`Map`, `Set`, promises, errors, bytes, …).
 */
export function toPlainJson(value: unknown): Json {
  try {
    return copy(value, []);
  } catch (thrown) {
    throw thrown instanceof TooDeep ? placed(thrown, value) : thrown;
  }
}

/**
 * The same over as many turns of the event loop as it takes. The value should not change meanwhile. Rejects with
 * TooManyValues, too.
 */
export async function toPlainJsonInTurns(value: unknown): Promise<Json> {
  try {
    return await copyInTurns(value, { path: [], left: MAX_VALUES });
  } catch (thrown) {
    throw thrown instanceof TooDeep ? placed(thrown, value) : thrown;
  }
}

class TooDeep extends NotJsonError {
  readonly path: DefinitionPath;

  constructor(path: DefinitionPath) {
    super(`the value is nested more than ${DEEPEST} levels deep, or holds itself`);
    this.path = [...path];
  }
}

/** The same, with the place in the value where that holds itself, if it does. */
function placed(error: TooDeep, value: unknown): NotJsonError {
  const found = new Map<unknown, number>();
  let inside = value;
  for (const [depth, key] of error.path.entries()) {
    // What getters and toJSON give may be other than before.
    if (typeof inside !== 'object' || inside === null) return error;
    const before = found.get(inside);
    if (before !== undefined) {
      const [again, first] = [place(error.path.slice(0, depth)), place(error.path.slice(0, before))];
      return new NotJsonError(`${again} is ${first} again, and JSON cannot carry what holds itself`);
    }
    found.set(inside, depth);
    inside = (inside as { readonly [key: string | number]: unknown })[key];
  }
  return error;
}

/** A value whose JSON would be longer than any output may be: a list, or what refers to the same again and again. */
export class TooManyValues extends NotJsonError {
  constructor(what: string) {
    super(`${what}; at most ${MAX_VALUES} values are taken`);
  }
}

/** Each takes two characters at least. */
const MAX_VALUES = PAYLOAD_LIMITS.output / 2;

/** Whether a value holds so little that to copy it, write it or walk it takes no time to speak of. */
export function isLittle(value: unknown): boolean {
  return measure(value) <= MAX_LITTLE;
}

const MAX_LITTLE = 2_000;

/** How much there is in a value; not exact beyond MAX_LITTLE. */
function measure(value: unknown): number {
  // Bytes are no JSON, and are told by what they are.
  if (ArrayBuffer.isView(value)) return 1;
  try {
    return countValues(value as Json, MAX_LITTLE);
  } catch {
    // A getter has thrown, or it is nested deeper than can be walked: that is found again where it is told.
    return 1;
  }
}

/** `path` grows and shrinks with the walk, so that a place costs nothing until a message needs it. */
function copy(value: unknown, path: (string | number)[]): Json {
  switch (typeof value) {
    case 'string':
      return value.toWellFormed();
    case 'boolean':
      return value;
    case 'number':
      // JSON has no -0.
      if (Number.isFinite(value)) return value + 0;
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
  assertPlaceFor(value, path);
  if (Array.isArray(value)) return Array.from(value, (item: unknown, index) => within(path, index, item));
  const stand = standIn(value, path);
  if (stand !== null) return copy(stand.value, path);
  const entries: [string, Json][] = [];
  for (const [key, item] of Object.entries(value)) {
    if (item !== undefined) entries.push([key.toWellFormed(), within(path, key, item)]);
  }
  // Unlike assignment, this makes an own property of a key named `__proto__`.
  return Object.fromEntries(entries);
}

interface Walk {
  readonly path: (string | number)[];
  /** How many values may still come. */
  left: number;
}

async function copyInTurns(value: unknown, walk: Walk): Promise<Json> {
  const { path } = walk;
  if (typeof value === 'string') return wellFormedInTurns(value);
  if (typeof value !== 'object' || value === null) return copy(value, path);
  assertPlaceFor(value, path);
  if (Array.isArray(value)) {
    const items: Json[] = [];
    for (let index = 0; index < value.length; index += 1) {
      const copied = copyWithin(walk, index, value[index]);
      items.push(copied instanceof Promise ? await copied : copied);
      const turn = yieldIfBusy();
      if (turn !== null) await turn;
    }
    return items;
  }
  const stand = standIn(value, path);
  return stand === null ? copyFieldsInTurns(value, walk) : copyInTurns(stand.value, walk);
}

async function copyFieldsInTurns(value: object, walk: Walk): Promise<Json> {
  const fields: { [name: string]: Json } = {};
  for (const key of Object.keys(value)) {
    const item: unknown = (value as { readonly [name: string]: unknown })[key];
    if (item === undefined) continue;
    const copied = copyWithin(walk, key, item);
    setField(fields, key.toWellFormed(), copied instanceof Promise ? await copied : copied);
    const turn = yieldIfBusy();
    if (turn !== null) await turn;
  }
  return fields;
}

function copyWithin(walk: Walk, key: string | number, item: unknown): Json | Promise<Json> {
  const count = measure(item);
  walk.left -= count <= MAX_LITTLE ? Math.max(1, count) : 1;
  if (walk.left < 0) throw new TooManyValues('the value is large, or refers to the same again and again');
  if (count <= MAX_LITTLE) return within(walk.path, key, item);
  walk.path.push(key);
  return copyInTurns(item, walk).finally(() => walk.path.pop());
}

function assertPlaceFor(value: object, path: DefinitionPath): void {
  if (path.length >= DEEPEST) throw new TooDeep(path);
  // Holes cost nothing before they are copied.
  if (Array.isArray(value) && value.length > MAX_VALUES) {
    throw new TooManyValues(`${place(path)} is a list of ${value.length} items`);
  }
}

/** What stands for an object in JSON; null where its fields do. Throws for what JSON cannot carry. */
function standIn(value: object, path: DefinitionPath): { readonly value: unknown } | null {
  const foreign = foreignKind(value);
  if (foreign !== null) throw new NotJsonError(`${place(path)} is ${foreign}, which JSON cannot carry`);
  if (hasToJson(value)) return { value: callToJson(value, path) };
  if (BOXED.has(tagOf(value))) return { value: unbox(value, path) };
  // JSONata's functions and lambdas are objects with these marks.
  if ('_jsonata_function' in value || '_jsonata_lambda' in value) {
    throw new NotJsonError(`${place(path)} is a function, which JSON cannot carry`);
  }
  return null;
}

/** What `toJSON` gives may have one itself, but not without end. */
function callToJson(value: { toJSON(): unknown }, path: DefinitionPath): unknown {
  let given: unknown = value;
  for (let calls = 0; calls < MAX_TO_JSON; calls += 1) {
    if (typeof given !== 'object' || given === null || !hasToJson(given)) return given;
    given = given.toJSON();
  }
  throw new NotJsonError(`${place(path)} has a toJSON that gives what has one, again and again`);
}

const MAX_TO_JSON = 10;

function unbox(value: object, path: DefinitionPath): unknown {
  const inside: unknown = value.valueOf();
  if (typeof inside !== 'object') return inside;
  throw new NotJsonError(`${place(path)} is ${tagOf(value)}, and holds none`);
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

/** What may be without fields. All others that are (headers, iterators, forms) hold what they hold elsewhere. */
const PLAIN: ReadonlySet<string> = new Set(['', 'Object', 'Arguments', 'Array', 'String', 'Number', 'Boolean']);

function isNoDate(value: object): boolean {
  try {
    return Number.isNaN(Date.prototype.getTime.call(value));
  } catch {
    return false; // only called so
  }
}

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
  if (tag === 'Date') return isNoDate(value) ? 'a date that does not exist' : null;
  return PLAIN.has(tag) || hasToJson(value) || Object.keys(value).length > 0 ? null : `of the kind ${tag}`;
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
