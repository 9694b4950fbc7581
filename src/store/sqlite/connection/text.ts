export { decodeText, encodeText } from '../../rows/text.js';

const LONG = 256 * 1024;

/**
 * What to bind for a text in the place of `CAST(? AS TEXT)`: bindings take twice the time for a long one that they take
 * for its bytes. It is well-formed, as JSON is.
 */
export function asBytes(text: string): string | Uint8Array {
  return text.length > LONG ? Buffer.from(text) : text;
}
