const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:\d\d)$/;

/** The first and the last moment that RFC 3339, with its years of four digits, can tell. Epoch milliseconds. */
const FIRST_MS = Date.UTC(-1, 12);
const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** Of `2026-12-24T18:00:00.`. */
const TO_THE_SECOND = 20;
/** What was told last, to the second: a run of many nodes has many moments in each, and to make a date takes long. */
let lastSecond = Number.NaN;
let lastText = '';

/** Epoch milliseconds of an RFC 3339 time (`2026-12-24T18:00:00Z`), or of a number of them; null for anything else. */
export function parseMoment(value: unknown): number | null {
  const at = typeof value === 'string' ? parseText(value.trim()) : value;
  return typeof at === 'number' && isMoment(at) ? Math.round(at) : null;
}

/** The moment so many milliseconds after `now`; null when RFC 3339 cannot tell it. */
export function momentAfter(lengthMs: number, now: number): number | null {
  return isMoment(now + lengthMs) ? now + lengthMs : null;
}

/**
 * RFC 3339, UTC, milliseconds: `2026-12-24T18:00:00.000Z`. Never throws: what lies outside of its years is told as the
 * nearest moment within.
 */
export function tellMoment(at: number): string {
  const told = Number.isNaN(at) ? 0 : Math.trunc(Math.min(Math.max(at, FIRST_MS), LAST_MS));
  const second = Math.floor(told / 1_000);
  if (second !== lastSecond) {
    lastSecond = second;
    lastText = new Date(second * 1_000).toISOString().slice(0, TO_THE_SECOND);
  }
  return `${lastText}${String(told - second * 1_000).padStart(3, '0')}Z`;
}

export function tellMomentOrNull(at: number | null): string | null {
  return at === null ? null : tellMoment(at);
}

/** Whether `2027-01-31` is a day. `Date.parse` takes February 30 for March 2. */
export function isDay(date: string): boolean {
  const midnight = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(date);
}

function parseText(text: string): number | null {
  return RFC_3339.test(text) && isDay(text.slice(0, 10)) ? Date.parse(text) : null;
}

function isMoment(at: number): boolean {
  return at >= FIRST_MS && at <= LAST_MS;
}
