/**
 * Large JSON values in pieces, none of which takes long to write or to read: what one turn of the event loop has time
 * for. A value is written as pieces by `piecesOf`, and made of them by a `JsonBuilder`, in another process perhaps.
 */
import { cutPieces, TEXT_PIECE } from './cut-pieces.js';
import { estimateJsonLength, isDeeperThan, type Json, type JsonObject, setField } from '../json.js';

export type JsonPiece =
  /** A value that is short. */
  | { readonly kind: 'whole'; readonly json: string }
  | { readonly kind: 'open'; readonly as: 'list' | 'object' }
  /** Items of the list that is open, as a list; or fields of the object that is open, as an object. Never none. */
  | { readonly kind: 'some'; readonly json: string }
  /** The name of the field whose value comes next, as JSON. */
  | { readonly kind: 'name'; readonly json: string }
  | { readonly kind: 'close' }
  /** A long text, in pieces of some `TEXT_PIECE` characters. */
  | { readonly kind: 'text'; readonly text: string; readonly isFirst: boolean; readonly isLast: boolean };

/** Characters of JSON, about: escapes are not counted. */
export const MAX_PIECE = 32 * 1024;

/** Thrown by `piecesOf`. */
export class NestedTooDeep extends Error {
  override readonly name = 'NestedTooDeep';
}

/** Throws NestedTooDeep where lists and objects stand in each other more than `maxDepth` levels deep. */
export function* piecesOf(value: Json, maxDepth = Number.POSITIVE_INFINITY): Generator<JsonPiece, void, undefined> {
  if (typeof value === 'string' && value.length > MAX_PIECE) yield* piecesOfText(value);
  else if (typeof value !== 'object' || value === null || isShort(value))
    yield { kind: 'whole', json: write(value, maxDepth) };
  else if (maxDepth <= 0) throw new NestedTooDeep();
  else if (Array.isArray(value)) yield* piecesOfList(value as readonly Json[], maxDepth - 1);
  else yield* piecesOfObject(value as JsonObject, maxDepth - 1);
}

function isShort(value: Json): boolean {
  return measure(value) <= MAX_PIECE;
}

function measure(value: Json): number {
  return walk(() => estimateJsonLength(value, MAX_PIECE));
}

function write(value: Json, maxDepth: number): string {
  const json = walk(() => JSON.stringify(value));
  // What is n levels deep takes at least 2n characters.
  if (json.length > 2 * maxDepth && isDeeperThan(value, maxDepth)) throw new NestedTooDeep();
  return json;
}

function walk<T>(work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    // The stack is used up.
    throw thrown instanceof RangeError ? new NestedTooDeep() : thrown;
  }
}

function* piecesOfText(text: string): Generator<JsonPiece, void, undefined> {
  let at = 0;
  for (const piece of cutPieces(text, TEXT_PIECE)) {
    const isFirst = at === 0;
    at += piece.length;
    yield { kind: 'text', text: piece, isFirst, isLast: at === text.length };
  }
}

function* piecesOfList(list: readonly Json[], maxDepth: number): Generator<JsonPiece, void, undefined> {
  yield { kind: 'open', as: 'list' };
  let some: Json[] = [];
  let left = MAX_PIECE;
  for (const item of list) {
    const length = measure(item) + 1;
    if (length > left && some.length > 0) {
      yield { kind: 'some', json: write(some, maxDepth + 1) };
      some = [];
      left = MAX_PIECE;
    }
    if (length > MAX_PIECE) yield* piecesOf(item, maxDepth);
    else {
      some.push(item);
      left -= length;
    }
  }
  if (some.length > 0) yield { kind: 'some', json: write(some, maxDepth + 1) };
  yield { kind: 'close' };
}

function* piecesOfObject(object: JsonObject, maxDepth: number): Generator<JsonPiece, void, undefined> {
  yield { kind: 'open', as: 'object' };
  let some: [string, Json][] = [];
  let left = MAX_PIECE;
  for (const name of Object.keys(object)) {
    const value = object[name];
    // As JSON.stringify does.
    if (value === undefined) continue;
    const length = name.length + measure(value) + 4;
    if (length > left && some.length > 0) {
      yield { kind: 'some', json: write(Object.fromEntries(some), maxDepth + 1) };
      some = [];
      left = MAX_PIECE;
    }
    if (length > MAX_PIECE) {
      yield { kind: 'name', json: JSON.stringify(name) };
      yield* piecesOf(value, maxDepth);
    } else {
      some.push([name, value]);
      left -= length;
    }
  }
  if (some.length > 0) yield { kind: 'some', json: write(Object.fromEntries(some), maxDepth + 1) };
  yield { kind: 'close' };
}

interface Open {
  readonly value: Json[] | { [name: string]: Json };
  /** The name of the next field. */
  name: string;
}

/** Makes the value again that was written as pieces. */
export class JsonBuilder {
  readonly #open: Open[] = [];
  #texts: string[] = [];
  #value: Json = null;

  take(piece: JsonPiece): void {
    switch (piece.kind) {
      case 'whole':
        this.#put(JSON.parse(piece.json) as Json);
        break;
      case 'open':
        this.#open.push({ value: piece.as === 'list' ? [] : {}, name: '' });
        break;
      case 'some':
        this.#putSome(JSON.parse(piece.json) as Json);
        break;
      case 'name':
        this.#last().name = JSON.parse(piece.json) as string;
        break;
      case 'close':
        this.#put((this.#open.pop() as Open).value);
        break;
      case 'text':
        this.#texts.push(piece.text);
        if (!piece.isLast) break;
        this.#put(this.#texts.join(''));
        this.#texts = [];
        break;
    }
  }

  /** Whether to take the piece takes some milliseconds: it ends a text that is made one then. */
  isLongToTake(piece: JsonPiece): boolean {
    return piece.kind === 'text' && piece.isLast && this.#texts.length > 0;
  }

  /** When every piece was taken. */
  get value(): Json {
    return this.#value;
  }

  #last(): Open {
    const last = this.#open.at(-1);
    if (last === undefined) throw new Error('A piece of JSON came where nothing was open');
    return last;
  }

  #put(value: Json): void {
    const last = this.#open.at(-1);
    if (last === undefined) this.#value = value;
    else if (Array.isArray(last.value)) last.value.push(value);
    else setField(last.value, last.name, value);
  }

  #putSome(some: Json): void {
    const { value } = this.#last();
    if (Array.isArray(value)) for (const item of some as readonly Json[]) value.push(item);
    else for (const [name, field] of Object.entries(some as object)) setField(value, name, field as Json);
  }
}
