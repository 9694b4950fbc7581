import { describe, expect, it } from 'vitest';
import type { Timing } from '../../core/schedules/schedule.js';
import { findTimingProblems, ScheduleTimes } from './schedule-times.js';

const timing = (cron: string, values: Partial<Timing> = {}): Timing => ({
  cron,
  timezone: 'UTC',
  jitterMs: 0,
  startsAt: null,
  endsAt: null,
  ...values,
});
const QUARTER_MS = 15 * 60_000;
const YEAR = { from: Date.UTC(2027, 0, 1), to: Date.UTC(2028, 0, 1) };

const iso = (moments: readonly number[]): string[] => moments.map((moment) => new Date(moment).toISOString());
const listed = (given: Timing, from: string, count: number): string[] =>
  iso(new ScheduleTimes(given).list(Date.parse(from), count).map(({ moment }) => moment));

/**
 * Every quarter of an hour of a year with its local day and time of day, as the time zone database of the machine has
 * it.
 */
function quartersOf(timezone: string): { readonly at: number; readonly day: string; readonly time: string }[] {
  const format = new Intl.DateTimeFormat('sv', { timeZone: timezone, dateStyle: 'short', timeStyle: 'short' });
  const quarters = [];
  for (let at = YEAR.from - 86_400_000; at < YEAR.to + 86_400_000; at += QUARTER_MS) {
    const [day = '', time = ''] = format.format(at).split(' ');
    quarters.push({ at, day, time });
  }
  return quarters;
}

/**
 * A time of day on each day of the year: where it does not exist, the first moment after it; where it comes twice, the
 * first.
 */
function dailyReference(timezone: string, time: string): number[] {
  const firsts = new Map<string, number>();
  for (const quarter of quartersOf(timezone))
    if (quarter.time >= time && !firsts.has(quarter.day)) firsts.set(quarter.day, quarter.at);
  return [...firsts.values()].filter((at) => at > YEAR.from && at < YEAR.to);
}

describe('the times of a schedule', () => {
  // With summer time an hour and half an hour later, with none, and with an offset of 45 minutes.
  it.each(['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'America/Sao_Paulo'])(
    'are those of a reference all year in %s, both changes of the clocks included',
    (timezone) => {
      for (const time of ['00:00', '01:30', '02:15', '02:30', '03:00', '12:45']) {
        const [hour, minute] = time.split(':').map(Number);
        const times = new ScheduleTimes(timing(`${minute} ${hour} * * *`, { timezone }));
        const found: number[] = [];
        for (let at = times.after(YEAR.from); at !== null && at < YEAR.to; at = times.after(at)) found.push(at);
        expect({ time, found: iso(found) }).toEqual({ time, found: iso(dailyReference(timezone, time)) });
      }
    },
  );

  it('leave out of an interval what does not exist, and have twice what comes twice', () => {
    const halves = timing('*/30 2 * * *', { timezone: 'Europe/Berlin' });
    expect(listed(halves, '2027-03-27T12:00:00Z', 2)).toEqual(['2027-03-29T00:00:00.000Z', '2027-03-29T00:30:00.000Z']);
    expect(listed(halves, '2026-10-24T12:00:00Z', 4)).toEqual([
      '2026-10-25T00:00:00.000Z',
      '2026-10-25T00:30:00.000Z',
      '2026-10-25T01:00:00.000Z',
      '2026-10-25T01:30:00.000Z',
    ]);
  });

  it.each([
    ['0 9 * * MON', '2026-11-30T09:00:00.000Z'],
    ['30 0 9 * * *', '2026-11-28T09:00:30.000Z'],
    ['@hourly', '2026-11-28T01:00:00.000Z'],
    ['@daily', '2026-11-29T00:00:00.000Z'],
    ['0 12 L * *', '2026-11-30T12:00:00.000Z'],
    ['0 0 29 2 *', '2028-02-29T00:00:00.000Z'],
  ])('of %s begin with the first after a moment', (cron, first) => {
    expect(listed(timing(cron), '2026-11-28T00:00:00Z', 1)).toEqual([first]);
  });

  it('are those from its start on, and none from its end on', () => {
    const startsAt = Date.parse('2026-12-01T06:00:00Z');
    const endsAt = Date.parse('2026-12-03T06:00:00Z');
    expect(listed(timing('0 6 * * *', { startsAt, endsAt }), '2026-11-28T00:00:00Z', 5)).toEqual([
      '2026-12-01T06:00:00.000Z',
      '2026-12-02T06:00:00.000Z',
    ]);
  });

  it('up to a moment are the latest, the moment itself included', () => {
    const times = new ScheduleTimes(timing('0 * * * *'));
    const at = (hour: number): number => Date.UTC(2026, 10, 28, hour);
    expect(times.upTo(at(5), { since: at(1), count: 2 })).toEqual([at(4), at(5)]);
    expect(times.upTo(at(5) - 1, { since: at(3), count: 10 })).toEqual([at(3), at(4)]);
  });

  it('are put off by jitter within its bound, the same each time it is asked for', () => {
    const times = new ScheduleTimes(timing('* * * * *', { jitterMs: 30_000 }));
    const [first, again] = [times.list(YEAR.from, 50), times.list(YEAR.from, 50)];
    expect(again).toEqual(first);
    const offsets = first.map(({ moment, dueAt }) => dueAt - moment);
    expect(Math.min(...offsets)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...offsets)).toBeLessThan(30_000);
    expect(new Set(offsets).size).toBeGreaterThan(40);
  });
});

describe('what is wrong with a timing', () => {
  it.each([
    ['* * * *', 'must be five fields'],
    ['every monday', 'must be five fields'],
    ['61 * * * *', 'Invalid value for minute: 61'],
    ['0 0 0 1 1 * 2030', 'must be five fields'],
    ['2030-01-01T00:00:00', 'must be five fields'],
    ['@reboot', 'must be five fields'],
    ['0 0 31 2 *', 'has no times at all'],
    [`${'1,'.repeat(60)}1 * * * *`, 'must have at most 100 characters'],
    ['', 'must be five fields'],
  ])('of the pattern %j is said', (cron, message) => {
    expect(findTimingProblems(timing(cron))).toEqual([{ path: '/cron', message: expect.stringContaining(message) }]);
  });

  it.each(['Mars/Olympus', '+02:00', '', 'Europe/Berlin\u0000', 'x'.repeat(200)])(
    'of the time zone %j is said, and of nothing else',
    (timezone) => {
      expect(findTimingProblems(timing('@daily', { timezone }))).toEqual([
        { path: '/timezone', message: expect.stringContaining('Europe/Berlin') },
      ]);
    },
  );

  it('is nothing for one that is right, and that it ends before it starts', () => {
    expect(findTimingProblems(timing('0 9 * * 1-5', { timezone: 'Europe/Berlin' }))).toEqual([]);
    expect(findTimingProblems(timing('@daily', { startsAt: 5, endsAt: 5 }))).toMatchObject([{ path: '/ends_at' }]);
  });
});
