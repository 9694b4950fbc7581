import { nextTurn, yieldIfBusy } from '../event-loop.js';
import { cutPieces } from './cut-pieces.js';

/** Characters that are encoded at once. */
const PIECE = 256 * 1024;

/** Whether it takes so long to encode a text that it is done over several turns. */
export function isLongToEncode(text: string): boolean {
  return text.length > PIECE;
}

/** A text as bytes of UTF-8, encoded over as many turns of the event loop as it takes; as it is where it is not long. */
export async function encodeInTurns(text: string): Promise<string | Buffer> {
  if (!isLongToEncode(text)) return text;
  // It has just been read, or written, which took its time.
  await nextTurn();
  const pieces: Buffer[] = [];
  for (const piece of cutPieces(text, PIECE)) {
    pieces.push(Buffer.from(piece));
    const turn = yieldIfBusy();
    if (turn !== null) await turn;
  }
  const whole = Buffer.allocUnsafe(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    at += piece.copy(whole, at);
    const turn = yieldIfBusy();
    if (turn !== null) await turn;
  }
  // To send it takes its time, too.
  await nextTurn();
  return whole;
}
