import { isJsonObject, type Json } from '../json.js';
import { readContainer } from './json-text.js';

/** How a value that was given as a form wants it becomes what the schema is for. Null where nothing is to be done. */
export interface Reading {
  /** A text that is the JSON of an object or a list stands for that: the schema takes anything, and its form texts. */
  readonly isAnything?: boolean;
  /** What properties are called in the schema, by the names that they have in the form; only those that differ. */
  readonly names?: ReadonlyMap<string, string>;
  /** By the names in the form. */
  readonly fields?: ReadonlyMap<string, Reading>;
  readonly items?: Reading;
}

/** Properties may have their own names as well as those of the form. */
export function readBack(value: Json, reading: Reading | null): Json {
  if (reading === null) return value;
  if (typeof value === 'string') return reading.isAnything === true ? (readContainer(value) ?? value) : value;
  const { items = null, names, fields } = reading;
  if (Array.isArray(value)) return items === null ? value : value.map((item: Json) => readBack(item, items));
  if (!isJsonObject(value) || (names === undefined && fields === undefined)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([given, item]) => {
      const own = names?.get(given);
      const name = own === undefined || Object.hasOwn(value, own) ? given : own;
      return [name, readBack(item, fields?.get(given) ?? null)];
    }),
  );
}
