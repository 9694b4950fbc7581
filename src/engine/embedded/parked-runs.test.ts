import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../testing/manual-clock.js';
import { ParkedRuns, type ParkedRun } from './parked-runs.js';

function parkedRuns() {
  const clock = new ManualClock(1_000_000);
  const woken: string[] = [];
  const parked = new ParkedRuns({ clock, onDue: (run) => void woken.push(run.id) });
  const add = (id: string, inMs: number | null): ParkedRun => {
    const wakeAt = inMs === null ? null : clock.now() + inMs;
    const run = { id, organizationId: 'o', workflowId: 'w', wakeAt, epoch: 1 };
    parked.add(run);
    return run;
  };
  return { clock, woken, parked, add };
}

describe('parked runs', () => {
  it('wake at their time, in the order of their times, by one timer', async () => {
    const { clock, woken, parked, add } = parkedRuns();
    const delays = Array.from({ length: 300 }, (_, index) => (index * 7_919) % 50_000);
    for (const delay of delays) add(`r${delay}`, delay);
    expect(clock.waiting).toBe(1);
    await clock.advance(20_000);
    expect(woken).toEqual(
      delays
        .filter((delay) => delay <= 20_000)
        .toSorted((a, b) => a - b)
        .map((delay) => `r${delay}`),
    );
    await clock.advance(40_000);
    expect([woken.length, parked.size, clock.waiting]).toEqual([300, 0, 0]);
  });

  it('are handed over once, and then do not wake', async () => {
    const { clock, woken, parked, add } = parkedRuns();
    const run = add('a', 5_000);
    add('b', null);
    expect(parked.take('a')).toBe(run);
    expect(parked.take('a')).toBeNull();
    await clock.advance(10_000);
    expect(woken).toEqual([]);
    expect(parked.take('b')).not.toBeNull();
  });

  it('wake at their latest time when they were parked again', async () => {
    const { clock, woken, parked, add } = parkedRuns();
    add('a', 5_000);
    parked.take('a');
    add('a', 9_000);
    await clock.advance(8_000);
    expect(woken).toEqual([]);
    await clock.advance(1_000);
    expect(woken).toEqual(['a']);
  });

  it('forget the times of those that were handed over', async () => {
    const { woken, parked, add, clock } = parkedRuns();
    for (let round = 0; round < 5_000; round += 1) {
      add('a', 3_600_000 + round);
      parked.take('a');
    }
    add('a', 1_000);
    await clock.advance(1_000);
    expect(woken).toEqual(['a']);
  });

  it('wake after the clock was set forward, within a minute', async () => {
    const { clock, woken, add } = parkedRuns();
    add('a', 86_400_000);
    clock.jumpTo(clock.now() + 90_000_000);
    await clock.advance(60_000);
    expect(woken).toEqual(['a']);
  });
});
