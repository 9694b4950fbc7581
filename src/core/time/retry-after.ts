/**
 * Milliseconds from `now` that a `Retry-After` header asks to wait: seconds or an HTTP date. Null when it asks nothing
 * sensible.
 */
export function parseRetryAfter(header: string | null, now: number): number | null {
  if (header === null) return null;
  const text = header.trim();
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1_000, MAX_WAIT_MS);
  // Date.parse takes much more than HTTP dates, bare numbers with a sign among it.
  if (!/^[A-Za-z]{3,9},? /.test(text)) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.min(Math.max(0, at - now), MAX_WAIT_MS);
}

/** A server that asks for more has not thought of us. */
const MAX_WAIT_MS = 86_400_000;
