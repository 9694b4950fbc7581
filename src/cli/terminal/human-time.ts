import { isDay } from '../../core/time/moment.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `3 min ago`, `in 2 h`, `just now`; a date once it is more than 30 days off. */
export function relativeTime(at: string, now: number): string {
  const moment = Date.parse(at);
  if (Number.isNaN(moment)) return at;
  const distance = Math.abs(now - moment);
  if (distance < 5 * SECOND) return 'just now';
  if (distance > 30 * DAY) return new Date(moment).toISOString().slice(0, 10);
  const amount = roughly(distance);
  return moment > now ? `in ${amount}` : `${amount} ago`;
}

/** `0.8 s`, `42 s`, `3 min 05 s`, `2 h 07 min`. */
export function duration(milliseconds: number): string {
  const ms = Math.max(0, milliseconds);
  if (ms < 9950) return `${(ms / SECOND).toFixed(1)} s`;
  if (ms < MINUTE - SECOND / 2) return `${Math.round(ms / SECOND)} s`;
  if (ms < HOUR) {
    const seconds = Math.round(ms / SECOND);
    return `${Math.floor(seconds / 60)} min ${twoDigits(seconds % 60)} s`;
  }
  const minutes = Math.floor(ms / MINUTE);
  return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} min`;
}

/**
 * The moment that `--expires` names: an amount from now (`12h`, `30d`, `2w`), a date (`2027-01-31`: the end of that day
 * in UTC, or its start where asked) or an RFC 3339 time. Null when it is none of them.
 */
export function parseMoment(text: string, now: number, part: 'start' | 'end' = 'end'): number | null {
  const amount = /^(\d+)\s*(m|h|d|w)$/.exec(text.trim());
  if (amount !== null) {
    const units: { readonly [unit: string]: number } = { m: MINUTE, h: HOUR, d: DAY, w: 7 * DAY };
    return now + Number(amount[1]) * (units[amount[2] ?? ''] ?? 0);
  }
  if (!isDay(text.slice(0, 10))) return null;
  if (/^\d{4}-\d\d-\d\d$/.test(text))
    return numberOrNull(Date.parse(`${text}T${part === 'end' ? '23:59:59.999' : '00:00'}Z`));
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text)) return numberOrNull(Date.parse(text));
  return null;
}

function roughly(distance: number): string {
  if (distance < MINUTE) return `${Math.round(distance / SECOND)} s`;
  if (distance < HOUR) return `${Math.floor(distance / MINUTE)} min`;
  if (distance < DAY) return `${Math.floor(distance / HOUR)} h`;
  const days = Math.floor(distance / DAY);
  return days === 1 ? '1 day' : `${days} days`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

function numberOrNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
