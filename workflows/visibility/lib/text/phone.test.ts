import { describe, expect, it } from 'vitest';
import { findPhones, isSamePhone } from './phone.js';

describe('telephone numbers', () => {
  it.each([
    ['+1 (555) 010-2030', '555.010.2030', true],
    ['+49 (0)30 1234567', '030 / 123 45 67', true],
    ['0044 20 7946 0958', '020 7946 0958', true],
    ['555-010-2030', '555-010-2031', false],
    ['12345', '12345', false],
  ])('%s and %s are the same: %s', (one, other, isSame) => {
    expect(isSamePhone(one, other)).toBe(isSame);
    expect(isSamePhone(other, one)).toBe(isSame);
  });

  it('are found in a text, and dates, years, prices and hours are none', () => {
    const text =
      'Call (555) 010-2030 or +49 30 1234567. Since 1987-2024, on 2026-11-21 and 21.11.2026, 09:00-18:00, $1,250.00, 12 Harbor Street';
    expect(findPhones(text)).toEqual(['(555) 010-2030', '+49 30 1234567']);
  });
});
