import { StringDecoder } from 'node:string_decoder';
import { yieldIfBusy } from '../event-loop.js';
import { TEXT_PIECE } from './cut-pieces.js';
import { joinInTurn } from './join-in-turn.js';

/** The text of bytes of UTF-8, decoded over as many turns of the event loop as it takes. */
export async function decodeInTurns(bytes: Buffer): Promise<string> {
  const decoder = new StringDecoder('utf8');
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += TEXT_PIECE) {
    parts.push(decoder.write(bytes.subarray(at, at + TEXT_PIECE)));
    const turn = yieldIfBusy();
    if (turn !== null) await turn;
  }
  parts.push(decoder.end());
  return joinInTurn(parts);
}
