/**
 * Characters of a piece of a long text: a millisecond's work. Texts of so many are not moved by the collector of
 * garbage, which shorter ones that live on are.
 */
export const TEXT_PIECE = 256 * 1024;

/** The text in pieces of so many characters, or of one more: no pair of surrogates is cut. */
export function* cutPieces(text: string, length: number): Generator<string, void, undefined> {
  for (let at = 0; at < text.length;) {
    const end = pieceEnd(text, at, length);
    yield text.slice(at, end);
    at = end;
  }
}

function pieceEnd(text: string, start: number, length: number): number {
  const end = Math.min(text.length, start + length);
  const last = text.charCodeAt(end - 1);
  return last >= 0xd800 && last <= 0xdbff && end < text.length ? end + 1 : end;
}
