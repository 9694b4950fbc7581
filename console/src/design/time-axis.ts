import type { TimeZone } from '../format/time-zone.js';

const SECOND = 1;
const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;

/** How far labels may be apart, in seconds: never less than one. */
export const TIME_STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 4, 6, 8, 12].map((count) => count * HOUR),
  ...[1, 2, 3, 4, 5, 7, 10, 15, 30, 60, 90, 180, 365].map((count) => count * DAY),
];

/** In seconds. What takes less time is shown within as much. */
const MIN_SPAN = 10;

/** From when to when an axis goes, where its first and last place are these, in seconds. */
export function toTimeSpan(from: number, to: number): [number, number] {
  const missing = Math.max(0, MIN_SPAN - (to - from));
  return [from - missing / 2, to + missing / 2];
}

const FORMATS = {
  day: { month: 'short', day: 'numeric' },
  minute: { hour: 'numeric', minute: '2-digit' },
  second: { hour: 'numeric', minute: '2-digit', second: '2-digit' },
} as const satisfies { readonly [name: string]: Intl.DateTimeFormatOptions };

/** What stands at these times, in seconds, which are `step` apart; below the first of a day which one that is. */
export function labelTimes(times: readonly number[], { step, zone }: { step: number; zone: TimeZone }): string[] {
  const timeZone = zone === 'utc' ? { timeZone: 'UTC' } : {};
  const tell = (name: keyof typeof FORMATS) => {
    const format = new Intl.DateTimeFormat(undefined, { ...FORMATS[name], ...timeZone });
    return (seconds: number): string => format.format(seconds * 1_000);
  };
  const dayOf = tell('day');
  if (step >= DAY) return times.map(dayOf);
  const timeOf = tell(step < MINUTE ? 'second' : 'minute');
  return times.map((time, place) => {
    const before = times[place - 1];
    const isOfSameDay = before !== undefined && dayOf(before) === dayOf(time);
    return isOfSameDay ? timeOf(time) : `${timeOf(time)}\n${dayOf(time)}`;
  });
}
