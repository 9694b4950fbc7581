import { describe, expect, it } from 'vitest';
import { momentAfter, parseMoment, tellMoment } from './moment.js';

describe('parseMoment', () => {
  it('reads RFC 3339 times with their offsets, and epoch milliseconds', () => {
    const at = Date.UTC(2026, 11, 24, 18);
    const texts = ['2026-12-24T18:00:00Z', '2026-12-24T19:00+01:00', ' 2026-12-24 18:00:00.000z '];
    expect(texts.map(parseMoment)).toEqual([at, at, at]);
    expect(parseMoment(at)).toBe(at);
  });

  it('refuses times without an offset, dates that there are not, and anything else', () => {
    for (const value of [
      '2026-12-24',
      '2026-12-24T18:00:00',
      '2026-13-01T00:00:00Z',
      '2027-02-30T00:00:00Z',
      'tomorrow',
      '',
      null,
      9e15,
      Date.UTC(10_000, 0),
      '9999-12-31T23:59:59-01:00',
      NaN,
    ]) {
      expect(parseMoment(value)).toBeNull();
    }
  });
});

describe('momentAfter', () => {
  it('is null for what lies beyond the year 9999', () => {
    expect(momentAfter(1_000, 5)).toBe(1_005);
    expect(momentAfter(1e16, 5)).toBeNull();
    expect(momentAfter(Date.UTC(10_000, 0), 0)).toBeNull();
  });
});

describe('tellMoment', () => {
  it('tells every number as a time of RFC 3339, the nearest one where there is none', () => {
    expect(tellMoment(Date.UTC(2026, 11, 24, 18))).toBe('2026-12-24T18:00:00.000Z');
    expect(tellMoment(1e16)).toBe('9999-12-31T23:59:59.999Z');
    expect(tellMoment(Number.POSITIVE_INFINITY)).toBe('9999-12-31T23:59:59.999Z');
    expect(tellMoment(-1e16)).toBe('0000-01-01T00:00:00.000Z');
    expect(tellMoment(Number.NaN)).toBe('1970-01-01T00:00:00.000Z');
  });
});
