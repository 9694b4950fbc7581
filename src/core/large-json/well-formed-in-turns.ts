import { ownTurn, yieldIfBusy } from '../event-loop.js';
import { cutPieces, TEXT_PIECE } from './cut-pieces.js';
import { joinInTurn } from './join-in-turn.js';

/** What `toWellFormed` makes of a text, over as many turns of the event loop as it takes. */
export async function wellFormedInTurns(text: string): Promise<string> {
  if (text.length <= TEXT_PIECE) return text.toWellFormed();
  // It may have been put together of others, and is made one with the first piece.
  await ownTurn();
  const pieces: string[] = [];
  let isWellFormed = true;
  for (const piece of cutPieces(text, TEXT_PIECE)) {
    const formed = piece.toWellFormed();
    isWellFormed &&= formed === piece;
    pieces.push(formed);
    const turn = yieldIfBusy();
    if (turn !== null) await turn;
  }
  return isWellFormed ? text : joinInTurn(pieces);
}
