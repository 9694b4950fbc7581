import { yieldIfBusy } from '../event-loop.js';
import type { Json } from '../json.js';
import { type JsonPiece, JsonBuilder, piecesOf } from './json-pieces.js';

/** Thrown by `writeInTurns`. */
export class JsonTooLong extends Error {
  override readonly name = 'JsonTooLong';
}

/** So much memory a text may take that nobody bounds otherwise. */
const MAX_LENGTH = 256 * 1024 * 1024;

/**
 * A value's JSON, written over as many turns of the event loop as it takes. The value must not change meanwhile.
 * Rejects with NestedTooDeep, and with JsonTooLong where it has more than `maxLength` characters: what is referred to
 * many times is written as many times.
 */
export async function writeInTurns(
  value: Json,
  { maxDepth, maxLength = MAX_LENGTH }: { readonly maxDepth?: number; readonly maxLength?: number } = {},
): Promise<string> {
  const parts: string[] = [];
  let length = 0;
  let counted = 0;
  /** Whether the next value or field comes after another one in what is open. */
  let follows = false;
  const open: ('list' | 'object')[] = [];
  for (const piece of piecesOf(value, maxDepth)) {
    if (follows && startsValue(piece)) parts.push(',');
    follows = true;
    switch (piece.kind) {
      case 'whole':
        parts.push(piece.json);
        break;
      case 'open':
        open.push(piece.as);
        parts.push(piece.as === 'list' ? '[' : '{');
        follows = false;
        break;
      case 'some':
        parts.push(piece.json.slice(1, -1));
        break;
      case 'name':
        parts.push(piece.json, ':');
        follows = false;
        break;
      case 'close':
        parts.push(open.pop() === 'list' ? ']' : '}');
        break;
      case 'text':
        parts.push(writeText(piece));
        break;
    }
    for (; counted < parts.length; counted += 1) length += parts[counted]?.length ?? 0;
    if (length > maxLength) throw new JsonTooLong(`its JSON has more than ${maxLength} characters`);
    const turn = yieldIfBusy();
    if (turn !== null) await turn;
  }
  return parts.join('');
}

function startsValue(piece: JsonPiece): boolean {
  return piece.kind !== 'close' && (piece.kind !== 'text' || piece.place === 'first');
}

function writeText({ text, place }: JsonPiece & { kind: 'text' }): string {
  const json = JSON.stringify(text);
  return json.slice(place === 'first' ? 0 : 1, place === 'last' ? json.length : -1);
}

/** The value of which these are the pieces, made over as many turns as it takes. */
export async function buildInTurns(pieces: Iterable<JsonPiece>): Promise<Json> {
  const builder = new JsonBuilder();
  for (const piece of pieces) {
    builder.take(piece);
    const turn = yieldIfBusy();
    if (turn !== null) await turn;
  }
  return builder.value;
}
