import { encodeInTurns } from '../../../core/large-json/encode-in-turns.js';

/**
 * Texts as one value of bytes, by where each stands in it: as elements of an array each quote in them would be escaped,
 * which takes seconds where there are millions. They are encoded over as many turns of the event loop as it takes.
 */
export interface PackedTexts {
  readonly bytes: Buffer;
  /** Of each text, counted from 1; null where there is none. */
  readonly places: readonly (number | null)[];
  /** In bytes. */
  readonly lengths: readonly (number | null)[];
}

export async function packTexts(texts: readonly (string | null)[]): Promise<PackedTexts> {
  const pieces: Buffer[] = [];
  const places: (number | null)[] = [];
  const lengths: (number | null)[] = [];
  let place = 1;
  for (const text of texts) {
    if (text === null) {
      places.push(null);
      lengths.push(null);
      continue;
    }
    const encoded = await encodeInTurns(text);
    const piece = typeof encoded === 'string' ? Buffer.from(encoded) : encoded;
    pieces.push(piece);
    places.push(place);
    lengths.push(piece.length);
    place += piece.length;
  }
  const [first] = pieces;
  return { bytes: pieces.length === 1 && first !== undefined ? first : Buffer.concat(pieces), places, lengths };
}

/** In a statement: the text at `place` in the value that has these bytes. */
export function textAt(bytes: string, place: string, length: string): string {
  return `convert_from(substring(${bytes}::bytea FROM ${place} FOR ${length}), 'UTF8')`;
}
