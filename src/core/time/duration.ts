const UNITS: { readonly [unit: string]: number } = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Milliseconds of `500ms`, `10s`, `1.5m`, `2h`, `1d`, or of a number of milliseconds; null for anything else.
 * Rounded to whole milliseconds.
 */
export function parseDuration(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? Math.round(value) : null;
  if (typeof value !== 'string') return null;
  const match = /^(\d+(?:\.\d+)?) ?(ms|s|m|h|d)$/.exec(value.trim());
  if (match === null) return null;
  const milliseconds = Math.round(Number(match[1]) * (UNITS[match[2] ?? ''] ?? Number.NaN));
  return Number.isSafeInteger(milliseconds) ? milliseconds : null;
}
