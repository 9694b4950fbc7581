import { describe, expect, it } from 'vitest';
import { BUSINESS as BRIGHT_SPOKE } from '../../../../test/visibility/business.js';
import { findInvented } from './invented.js';
import type { Business } from '../profile.js';

const BUSINESS: Business = { ...BRIGHT_SPOKE, facts: ['Brakes from $49', 'Certified by the guild'] };

describe('a draft', () => {
  it.each([
    'Call us at +1 555 010 2030 from 9 am to 6 pm.',
    'Brakes from 49 dollars, by certified hands.',
    'Brakes from $49.00.',
    'Come by with your bicycle: 3 of 4 leave within an hour.',
  ])('that keeps to the profile passes: %s', (text) => {
    expect(findInvented(text, BUSINESS)).toEqual([]);
  });

  it.each([
    ['Call 555 010 9999.', 'the telephone number 555 010 9999'],
    ['Only €19!', 'the price €19'],
    ['Open until 8 pm.', 'the time 20:00'],
    ['An award-winning workshop.', '“award-winning”'],
    ['Here since 1975.', '“since 1975”'],
  ])('that makes something up does not: %s', (text, told) => {
    expect(findInvented(text, BUSINESS)).toEqual([expect.stringContaining(told)]);
  });
});
