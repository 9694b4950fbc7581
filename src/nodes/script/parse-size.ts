const UNITS: { readonly [unit: string]: number } = { B: 1, KB: 1024, MB: 1024 * 1024 };

/** Bytes of `500KB`, `1.5MB`, or of a number of bytes; null for anything else. */
export function parseSize(value: unknown): number | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : null;
  if (typeof value !== 'string') return null;
  const match = /^(\d+(?:\.\d+)?) ?(B|KB|MB)$/.exec(value.trim());
  if (match === null) return null;
  return Math.round(Number(match[1]) * (UNITS[match[2] ?? ''] ?? Number.NaN));
}
