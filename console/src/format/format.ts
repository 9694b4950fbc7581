import { text } from '../text/en.js';
import type { TimeZone } from './time-zone.js';

const { ago, times } = text.common;

const MOMENT = { dateStyle: 'medium', timeStyle: 'medium' } as const;
const CLOCK = { timeStyle: 'medium' } as const;
const FORMATS = {
  local: { moment: new Intl.DateTimeFormat(undefined, MOMENT), clock: new Intl.DateTimeFormat(undefined, CLOCK) },
  utc: {
    moment: new Intl.DateTimeFormat(undefined, { ...MOMENT, timeZone: 'UTC' }),
    clock: new Intl.DateTimeFormat(undefined, { ...CLOCK, timeZone: 'UTC' }),
  },
} as const satisfies Record<TimeZone, unknown>;

/** `3 min ago`. */
export function formatAgo(at: string, now: number): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(at)) / 1_000));
  if (seconds < 5) return ago.now;
  if (seconds < 60) return `${seconds} ${ago.seconds}`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} ${ago.minutes}`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} ${ago.hours}`;
  return `${Math.floor(seconds / 86_400)} ${ago.days}`;
}

/** `Nov 29, 2026, 1:20:00 PM`, and which zone that is in where it is not that of the browser. */
export function formatMoment(at: string, zone: TimeZone): string {
  const shown = FORMATS[zone].moment.format(new Date(at));
  return zone === 'utc' ? `${shown} ${times.utc}` : shown;
}

/** `1:20:00 PM`. */
export function formatClock(at: string, zone: TimeZone): string {
  return FORMATS[zone].clock.format(new Date(at));
}

/** What is said of a time to who points at it: as it is here, and in UTC. */
export function inBothZones(at: string): string {
  return `${formatMoment(at, 'local')} (${times.local})\n${at} (${times.utc})`;
}

/** `340 ms`, `4.2 s`, `3 min 20 s`, `2 h 5 min`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1_440) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Math.floor(minutes / 1_440)} d ${Math.floor((minutes % 1_440) / 60)} h`;
}

/** The same of seconds; a dash where there are none. */
export function formatSeconds(seconds: number | null | undefined): string {
  return seconds === null || seconds === undefined ? '–' : formatDuration(seconds * 1_000);
}

/** `340 KB`, `1.2 GB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  const step = Math.min(units.length - 1, Math.floor(Math.log(Math.max(1, bytes)) / Math.log(1_024)));
  return `${(bytes / 1_024 ** step).toFixed(step < 3 ? 0 : 1)} ${units[step] ?? ''}`;
}

export function formatCost(dollars: number): string {
  return `$${dollars.toFixed(dollars > 0 && dollars < 1 ? 4 : 2)}`;
}

interface ModelCost {
  readonly cost_usd: number;
  readonly unpriced_runs: number;
}

export function hasModelCost({ cost_usd: cost, unpriced_runs: unpriced }: ModelCost): boolean {
  return cost > 0 || unpriced > 0;
}

/** `+`: there were calls whose price is not known. */
export function formatModelCost({ cost_usd: cost, unpriced_runs: unpriced }: ModelCost): string {
  return `${formatCost(cost)}${unpriced > 0 ? '+' : ''}`;
}

/** Enough of a run's id to tell runs apart: its last characters, as the first ones tell the time. */
export function shortRunId(runId: string): string {
  return runId.slice(-8);
}
