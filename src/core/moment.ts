const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:\d\d)$/;

/** The last moment that a date can hold. */
const LAST_MS = 8.64e15;

/** Epoch milliseconds of an RFC 3339 time (`2026-12-24T18:00:00Z`), or of a number of them; null for anything else. */
export function parseMoment(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) && Math.abs(value) <= LAST_MS ? Math.round(value) : null;
  if (typeof value !== 'string' || !RFC_3339.test(value.trim())) return null;
  const at = Date.parse(value.trim());
  return Number.isNaN(at) ? null : at;
}
