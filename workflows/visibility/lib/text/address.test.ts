import { describe, expect, it } from 'vitest';
import { isSameAddress, judgeAddress } from './address.js';

describe('an address', () => {
  it.each([
    ['Come to 12 Harbor St. in Harborview.', '12 Harbor Street, Harborview', 'right'],
    ['12 HARBOR STREET', '12 Harbor St', 'right'],
    ['Hauptstr. 5, 10115 Berlin', 'Hauptstraße 5, 10115 Berlin', 'right'],
    ['Come to 99 Harbor Street.', '12 Harbor Street', 'wrong'],
    ['They are at 4 Quay Lane.', '12 Harbor Street', 'wrong'],
    ['Hauptstr. 7', 'Hauptstraße 5', 'wrong'],
    ['Somewhere at the harbor, I believe.', '12 Harbor Street', 'absent'],
    ['Open since 1987 and proud of it', '12 Harbor Street', 'absent'],
  ])('“%s” gives %s: %s', (text, address, verdict) => {
    expect(judgeAddress(text, address)).toBe(verdict);
  });

  it('is the same with and without town and postal code', () => {
    expect(isSameAddress('12 Harbor Street, 4455 Harborview', '12 Harbor St')).toBe(true);
    expect(isSameAddress('12 Harbor Street', '13 Harbor Street')).toBe(false);
  });
});
