import { ownTurn, yieldIfBusy } from '../event-loop.js';
import type { Json } from '../json.js';
import { TEXT_PIECE } from './cut-pieces.js';
import { joinInTurn } from './join-in-turn.js';
import { type JsonPiece, JsonBuilder, piecesOf } from './json-pieces.js';

/** Thrown by `writeInTurns`. */
export class JsonTooLong extends Error {
  override readonly name = 'JsonTooLong';
}

/** So much memory a text may take that nobody bounds otherwise. */
const MAX_LENGTH = 256 * 1024 * 1024;

export interface WriteLimits {
  /** Of levels of lists and objects in each other. */
  readonly maxDepth?: number;
  /** Of characters of JSON. */
  readonly maxLength?: number;
}

/**
 * A value's JSON, written over as many turns of the event loop as it takes. The value must not change meanwhile.
 * Rejects with NestedTooDeep, and with JsonTooLong where it has more than `maxLength` characters: what is referred to
 * many times is written as many times.
 */
export async function writeInTurns(value: Json, limits: WriteLimits = {}): Promise<string> {
  return joinInTurn(await writePieces(value, limits));
}

/** The same in pieces, for whoever needs no whole text: few are much longer than TEXT_PIECE, and few much shorter. */
export async function writePieces(value: Json, limits: WriteLimits = {}): Promise<readonly string[]> {
  const pieces: string[] = [];
  let parts: string[] = [];
  let length = 0;
  await writeParts(value, limits, (part) => {
    parts.push(part);
    length += part.length;
    if (length < TEXT_PIECE) return;
    pieces.push(parts.join(''));
    parts = [];
    length = 0;
  });
  if (length > 0) pieces.push(parts.join(''));
  return pieces;
}

/** How long the JSON of a value is, and whether it escapes half a surrogate pair, perhaps; see `writeInTurns`. */
export async function measureInTurns(
  value: Json,
  limits: WriteLimits = {},
): Promise<{ readonly length: number; readonly mayHoldHalves: boolean }> {
  let length = 0;
  let halves = false;
  await writeParts(value, limits, (part) => {
    length += part.length;
    halves ||= mayHoldHalves(part);
  });
  return { length, mayHoldHalves: halves };
}

/** Whether a JSON text may hold half a surrogate pair: JSON.stringify escapes those, and little else of this form. */
export function mayHoldHalves(json: string): boolean {
  return json.includes('\\ud');
}

async function writeParts(
  value: Json,
  { maxDepth, maxLength = MAX_LENGTH }: WriteLimits,
  take: (part: string) => void,
): Promise<void> {
  let length = 0;
  const tell = (part: string): void => {
    length += part.length;
    take(part);
  };
  /** Whether the next value or field comes after another one in what is open. */
  let follows = false;
  const open: ('list' | 'object')[] = [];
  for (const piece of piecesOf(value, maxDepth)) {
    if (follows && startsValue(piece)) tell(',');
    follows = true;
    switch (piece.kind) {
      case 'whole':
        tell(piece.json);
        break;
      case 'open':
        open.push(piece.as);
        tell(piece.as === 'list' ? '[' : '{');
        follows = false;
        break;
      case 'some':
        tell(piece.json.slice(1, -1));
        break;
      case 'name':
        tell(piece.json);
        tell(':');
        follows = false;
        break;
      case 'close':
        tell(open.pop() === 'list' ? ']' : '}');
        break;
      case 'text':
        tell(writeText(piece));
        break;
    }
    if (length > maxLength) throw new JsonTooLong(`its JSON has more than ${maxLength} characters`);
    const turn = yieldIfBusy();
    if (turn !== null) await turn;
  }
}

function startsValue(piece: JsonPiece): boolean {
  return piece.kind !== 'close' && (piece.kind !== 'text' || piece.isFirst);
}

function writeText({ text, isFirst, isLast }: JsonPiece & { kind: 'text' }): string {
  const json = JSON.stringify(text);
  return json.slice(isFirst ? 0 : 1, isLast ? json.length : -1);
}

/** The value of which these are the pieces, made over as many turns as it takes. */
export async function buildInTurns(pieces: Iterable<JsonPiece>): Promise<Json> {
  const builder = new JsonBuilder();
  for (const piece of pieces) {
    if (builder.isLongToTake(piece)) await ownTurn();
    builder.take(piece);
    const turn = yieldIfBusy();
    if (turn !== null) await turn;
  }
  return builder.value;
}
