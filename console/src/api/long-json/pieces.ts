import { isJsonObject, type Json, type JsonObject } from '@core/json.js';

/** A value that comes in several messages: making all of it at once keeps a page busy for too long. */
export interface Piece {
  readonly id: number;
  /** Null with the last piece. */
  readonly part: { readonly field: string; readonly entries: readonly Json[] } | null;
  /** With the last piece: all but the entries that came before. Undefined for a text that is no JSON. */
  readonly rest?: Json;
}

const ENTRIES = 250;

/** Takes the lists of an object apart. */
export function* toPieces(id: number, value: Json): Generator<Piece> {
  if (!isJsonObject(value)) return yield { id, part: null, rest: value };
  const rest: { [field: string]: Json } = {};
  for (const [field, each] of Object.entries(value)) {
    rest[field] = Array.isArray(each) ? [] : each;
    if (!Array.isArray(each)) continue;
    for (let from = 0; from < each.length; from += ENTRIES) {
      yield { id, part: { field, entries: each.slice(from, from + ENTRIES) } };
    }
  }
  yield { id, part: null, rest };
}

/** Puts a value together again. */
export class Pieces {
  readonly #lists = new Map<string, Json[]>();

  add({ field, entries }: NonNullable<Piece['part']>): void {
    const list = this.#lists.get(field);
    if (list === undefined) this.#lists.set(field, [...entries]);
    else list.push(...entries);
  }

  finish(rest: Json): Json {
    return isJsonObject(rest) ? { ...rest, ...(Object.fromEntries(this.#lists) as JsonObject) } : rest;
  }
}
