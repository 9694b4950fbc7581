import { describe, expect, it } from 'vitest';
import { isSameWeek, judgeHours, parseHours, readSchemaHours, readTimes, toSchemaHours } from './hours.js';

const WEEK = { mo: '09:00-18:00', tu: '09:00-18:00', we: '09:00-18:00', th: '09:00-18:00', fr: '09:00-18:00' };

describe('opening hours', () => {
  it.each([
    ['Mo-Fr 09:00-18:00', WEEK],
    ['Monday to Friday: 9 a.m. – 6 p.m.', WEEK],
    ['Mon, Tue, Wed, Thu, Fri 9am-6pm', WEEK],
    ['Mo-Fr 09:00-18:00, Sa 10:00-14:00', { ...WEEK, sa: '10:00-14:00' }],
    ['Tuesday 9:00-12:00 and 14:00-18:00; Saturday 10-14', { tu: '09:00-12:00 14:00-18:00', sa: '10:00-14:00' }],
    ['Sa-Mo 10:00-12:00', { sa: '10:00-12:00', su: '10:00-12:00', mo: '10:00-12:00' }],
    ['whenever we like', null],
  ])('%s are read', (text, week) => {
    expect(parseHours(text)).toEqual(week);
  });

  it('are read from structured data in both of its forms', () => {
    expect(readSchemaHours(['Mo-Fr 09:00-18:00'], undefined)).toEqual(WEEK);
    const dayOfWeek = ['Monday', 'https://schema.org/Tuesday'];
    const specification = [
      { '@type': 'OpeningHoursSpecification', dayOfWeek, opens: '09:00:00', closes: '12:00' },
      { dayOfWeek: 'Monday', opens: '14:00', closes: '18:00' },
      { dayOfWeek: 'Sunday' },
    ];
    expect(readSchemaHours(undefined, specification)).toEqual({ mo: '09:00-12:00 14:00-18:00', tu: '09:00-12:00' });
    expect(readSchemaHours(undefined, undefined)).toBeNull();
  });

  it('are written as schema.org wants them, and read again', () => {
    const week = { ...WEEK, sa: '10:00-12:00 13:00-14:00' };
    expect(toSchemaHours(week)).toEqual(['Mo-Fr 09:00-18:00', 'Sa 10:00-12:00', 'Sa 13:00-14:00']);
    expect(isSameWeek(parseHours('Mo-Fr 09:00-18:00') ?? {}, WEEK)).toBe(true);
    expect(isSameWeek(week, WEEK)).toBe(false);
  });

  it.each([
    ['Open from 9 am to 6 pm on weekdays.', 'right'],
    ['Open from 8 am to 6 pm.', 'wrong'],
    ['I do not know when they open.', 'absent'],
  ])('“%s” is %s', (text, verdict) => {
    expect(judgeHours(text, 'Mo-Fr 09:00-18:00')).toBe(verdict);
  });

  it('are found in texts by the clock alone', () => {
    expect(readTimes('12 a.m., 12 pm, 7:30 pm, 07:45 and 4 wheels')).toEqual(['00:00', '12:00', '19:30', '07:45']);
  });
});
