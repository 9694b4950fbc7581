import { nextTurn, ownTurn, yieldIfBusy } from '../event-loop.js';
import { cutPieces, TEXT_PIECE } from './cut-pieces.js';

/** Whether it takes so long to encode a text that it is done over several turns. */
export function isLongToEncode(text: string): boolean {
  return text.length > TEXT_PIECE;
}

/** A text as bytes of UTF-8, encoded over as many turns of the event loop as it takes; as it is where it is not long. */
export async function encodeInTurns(text: string): Promise<string | Buffer> {
  if (!isLongToEncode(text)) return text;
  // It may have been put together of others, and is made one with the first piece.
  await ownTurn();
  const pieces: Buffer[] = [];
  for (const piece of cutPieces(text, TEXT_PIECE)) {
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
