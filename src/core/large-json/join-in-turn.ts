import { nextTurn, ownTurn } from '../event-loop.js';
import { TEXT_PIECE } from './cut-pieces.js';

/** The parts as one text. To make a long one takes a turn of the event loop of its own. */
export async function joinInTurn(parts: readonly string[]): Promise<string> {
  if (!isLongTogether(parts)) return parts.join('');
  await ownTurn();
  const whole = parts.join('');
  // Whoever goes on with it has his own work to do.
  await nextTurn();
  return whole;
}

function isLongTogether(parts: readonly string[]): boolean {
  let length = 0;
  for (const part of parts) {
    length += part.length;
    if (length > TEXT_PIECE) return true;
  }
  return false;
}
