/**
 * SQLite ends text at a NUL and cannot hold half a surrogate pair. Both can come from outside (an idempotency key, a
 * name), so they are kept as U+0001 and four hexadecimal digits, and U+0001 itself likewise: text that differs stays
 * different. JSON needs none of this, since `JSON.stringify` escapes all three.
 */
const ESCAPE = String.fromCharCode(1);
const UNSTORABLE = new RegExp(`[${String.fromCharCode(0)}${ESCAPE}\\p{Surrogate}]`, 'gu');
/** Nearly all there is, and told faster. */
const PLAIN = /^[ -~]*$/;
const ESCAPED = new RegExp(`${ESCAPE}([0-9a-f]{4})`, 'g');

export function encodeText(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(UNSTORABLE, (char) => `${ESCAPE}${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

export function decodeText(text: string): string {
  if (!text.includes(ESCAPE)) return text;
  return text.replace(ESCAPED, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
