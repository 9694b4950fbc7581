import { isJsonObject, type Json, type JsonObject } from '../json.js';
import { hasMoreParts, readContainer, readScalar } from './json-text.js';

/** Repairs of one value; each costs a check of all of it. */
const MAX_REPAIRS = 50;
/** The same for a value of more parts than `LARGE`. */
const MAX_REPAIRS_OF_LARGE = 3;
const LARGE = 2_000;
/** Places that are looked at in search of one that can be repaired. */
const MAX_PLACES = 20;

export interface Misfit {
  /** A JSON pointer; for a property that is missing, to where it should be. */
  readonly place: string;
  /** Whether the value is of a wrong type; absent where that is not known. */
  readonly isType?: boolean;
}

export type FindMisfits = (value: Json) => readonly Misfit[];

/**
 * A value as it was meant, where it does not fit as it was sent: null and empty text for what need not be there are
 * left out; numbers and truth values that came as text, and objects and lists that came as their JSON, are read. What
 * fits is left as it is. What cannot be made to fit comes back as far as it could be.
 */
export function repairValue(value: Json, findMisfits: FindMisfits): Json {
  let repaired = value;
  let misfits = findMisfits(value);
  for (let left = hasMoreParts(value, LARGE) ? MAX_REPAIRS_OF_LARGE : MAX_REPAIRS; left > 0; left -= 1) {
    const next = repairOne(repaired, misfits, findMisfits);
    if (next === null) return repaired;
    ({ value: repaired, misfits } = next);
  }
  return repaired;
}

interface Repaired {
  readonly value: Json;
  readonly misfits: readonly Misfit[];
}

function repairOne(value: Json, misfits: readonly Misfit[], findMisfits: FindMisfits): Repaired | null {
  for (const misfit of misfits.slice(0, MAX_PLACES)) {
    const { place } = misfit;
    const path = parsePointer(place);
    const found = valueAt(value, path);
    if (found === undefined || path.length === 0) continue;
    for (const candidate of candidatesFor(found)) {
      const changed = withValueAt(value, path, candidate);
      const left = findMisfits(changed);
      const better = candidate === undefined ? isGone(misfit, left) : isBetter(misfit, left);
      if (better) return { value: changed, misfits: left };
    }
  }
  return null;
}

/**
 * A value of the right type that does not fit is better than one of a wrong type: the error then says what is really
 * wrong.
 */
function isBetter(misfit: Misfit, left: readonly Misfit[]): boolean {
  const counted = misfit.isType === true ? left.filter(({ isType }) => isType !== false) : left;
  return isGone(misfit, counted);
}

function isGone({ place }: Misfit, left: readonly Misfit[]): boolean {
  return !left.some((other) => other.place === place);
}

/** What a value may have been meant as; undefined: as nothing. */
function candidatesFor(found: Json): readonly (Json | undefined)[] {
  if (found === null) return [undefined];
  if (typeof found !== 'string') return [];
  if (found.trim() === '') return [undefined];
  const container = readContainer(found);
  if (container !== null) return [container];
  const scalar = readScalar(found);
  if (scalar === undefined) return [];
  return scalar === null ? [null, undefined] : [scalar];
}

function parsePointer(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function valueAt(value: Json, path: readonly string[]): Json | undefined {
  let current: Json | undefined = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, key)) return undefined;
    current = (current as JsonObject)[key];
  }
  return current;
}

/**
 * A copy of what lies on the path, with another value at its end; undefined takes a property out, and leaves an item of
 * a list as it is.
 */
function withValueAt(value: Json, [key, ...rest]: readonly string[], put: Json | undefined): Json {
  if (key === undefined) return put ?? null;
  if (Array.isArray(value)) {
    const items = value as readonly Json[];
    const index = Number(key);
    if (rest.length === 0 && put === undefined) return items;
    return items.with(index, withValueAt(items[index] ?? null, rest, put));
  }
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).flatMap(([name, item]) => {
    if (name !== key) return [[name, item] as const];
    if (rest.length === 0) return put === undefined ? [] : [[name, put] as const];
    return [[name, withValueAt(item, rest, put)] as const];
  });
  return Object.fromEntries(entries);
}
