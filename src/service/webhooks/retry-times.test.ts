import { describe, expect, it } from 'vitest';
import { GIVE_UP_AFTER_MS } from '../../core/webhooks/delivery.js';
import { nextAttemptAt, restOf } from './retry-times.js';

const HOUR_MS = 3_600_000;

/** When a delivery is tried that nobody ever takes. */
function attemptsOf(chance: number): number[] {
  const times: number[] = [];
  for (let now: number | null = 0; now !== null;) {
    times.push(now);
    now = nextAttemptAt({ attemptCount: times.length, now, retryAfterMs: null, givesUpAt: GIVE_UP_AFTER_MS, chance });
  }
  return times;
}

describe('a delivery that fails', () => {
  it.each([0, 0.5, 0.999])('is tried often at first, then seldom, for three days (chance %d)', (chance) => {
    const times = attemptsOf(chance);
    expect(times.length).toBeGreaterThan(12);
    expect(times.length).toBeLessThan(20);
    expect(times[1]).toBeLessThan(10_000);
    expect(times.at(-1)).toBeGreaterThan(GIVE_UP_AFTER_MS - 15 * HOUR_MS);
    expect(times.at(-1)).toBeLessThan(GIVE_UP_AFTER_MS);
  });

  it('is not tried before the receiver said, and is given up where that is too late', () => {
    const given = { attemptCount: 1, now: 0, givesUpAt: GIVE_UP_AFTER_MS, chance: 0.5 };
    expect(nextAttemptAt({ ...given, retryAfterMs: 7 * HOUR_MS })).toBe(7 * HOUR_MS);
    expect(nextAttemptAt({ ...given, retryAfterMs: 1 })).toBe(5_000);
    expect(nextAttemptAt({ ...given, now: GIVE_UP_AFTER_MS - 1, retryAfterMs: null })).toBeNull();
  });
});

it('an endpoint that is down is left alone for longer each time, up to a minute', () => {
  expect([1, 2, 3, 7, 50].map(restOf)).toEqual([1_000, 2_000, 4_000, 60_000, 60_000]);
});
