import { describe, expect, it } from 'vitest';
import { ComputeTime, findOwnClock, readClock } from './compute-time.mjs';

describe('ComputeTime', () => {
  const begin = (onCore: number | null): ComputeTime => new ComputeTime({ timeMs: 2_000, now: 500, onCore });

  it('counts what the thread computes', () => {
    expect(begin(100).left({ now: 1_500, onCore: 1_100 })).toBe(1_000);
    expect(begin(100).left({ now: 2_500, onCore: 2_100 })).toBe(0);
  });

  it('does not count what it waits for a core, up to half a minute', () => {
    const time = begin(100);
    expect(time.left({ now: 6_500, onCore: 200 })).toBe(1_900);
    expect(time.left({ now: 30_500, onCore: 1_600 })).toBe(500);
    expect(time.left({ now: 40_500, onCore: 100 })).toBe(-8_000);
  });

  it('counts all time where the system does not tell, and is not misled by a clock that runs ahead', () => {
    expect(begin(null).left({ now: 1_500, onCore: null })).toBe(1_000);
    expect(begin(100).left({ now: 1_500, onCore: null })).toBe(1_000);
    expect(begin(100).left({ now: 1_500, onCore: 1_104 })).toBe(1_000);
  });

  // Only Linux tells it.
  it.skipIf(process.platform !== 'linux')(
    'reads how long a thread has been on a core, and of one that is gone nothing',
    async () => {
      const clock = findOwnClock();
      const before = readClock(clock);
      expect(before).toBeGreaterThan(0);
      await expect.poll(() => readClock(clock)).toBeGreaterThan(before ?? Number.NaN);
      expect([readClock('/proc/self/task/0/schedstat'), readClock(null)]).toEqual([null, null]);
    },
  );
});
