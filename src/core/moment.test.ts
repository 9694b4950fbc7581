import { describe, expect, it } from 'vitest';
import { parseMoment } from './moment.js';

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
      'tomorrow',
      '',
      null,
      9e15,
      NaN,
    ]) {
      expect(parseMoment(value)).toBeNull();
    }
  });
});
