/** What handlers report, checked where they do it: the error then points at their own line. */

/** Throws a TypeError. */
export function toPercent(percent: number): number {
  if (typeof percent !== 'number' || Number.isNaN(percent)) {
    throw new TypeError(`progress() takes a number from 0 to 100, not ${String(percent)}`);
  }
  return Math.min(100, Math.max(0, percent));
}

/** Null where there is none. Throws a TypeError. */
export function toProgressMessage(message: unknown): string | null {
  if (message === undefined || message === null) return null;
  if (typeof message !== 'string') throw new TypeError(`progress() takes a text as its message, not ${typeof message}`);
  return message;
}

/** Throws a TypeError. */
export function toFindings(text: unknown): string {
  if (typeof text !== 'string') throw new TypeError(`findings() takes a text, not ${typeof text}`);
  return text;
}
