import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { nodeClock } from './node-clock.js';

const HOUR = 3_600_000;

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] }));
afterEach(() => void vi.useRealTimers());

/** The machine sleeps: its clock goes on, its timers do not. */
const sleep = (ms: number): void => void vi.setSystemTime(Date.now() + ms);

describe('a timer', () => {
  it('fires once its time has passed, not before', () => {
    const wake = vi.fn<() => void>();
    nodeClock.schedule(HOUR, wake);
    vi.advanceTimersByTime(HOUR - 1);
    expect(wake).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    vi.advanceTimersByTime(HOUR);
    expect(wake).toHaveBeenCalledTimes(1);
  });

  it('fires seconds after the machine has slept past its time, not hours', () => {
    const wake = vi.fn<() => void>();
    nodeClock.schedule(HOUR, wake);
    vi.advanceTimersByTime(60_000);
    sleep(5 * HOUR);
    vi.advanceTimersByTime(10_000);
    expect(wake).toHaveBeenCalledTimes(1);
  });

  it('fires when its time has passed though the clock was set back', () => {
    const wake = vi.fn<() => void>();
    nodeClock.schedule(60_000, wake);
    vi.advanceTimersByTime(30_000);
    vi.setSystemTime(Date.now() - 5 * HOUR);
    vi.advanceTimersByTime(29_999);
    expect(wake).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(wake).toHaveBeenCalledTimes(1);
  });

  it('may be longer than what Node waits for', () => {
    const wake = vi.fn<() => void>();
    nodeClock.schedule(30 * 24 * HOUR, wake);
    vi.advanceTimersByTime(30 * 24 * HOUR - 1);
    expect(wake).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(wake).toHaveBeenCalledTimes(1);
  });

  it('that is undone never fires', () => {
    const wake = vi.fn<() => void>();
    const cancels = [5_000, HOUR].map((delayMs) => nodeClock.schedule(delayMs, wake));
    vi.advanceTimersByTime(1_000);
    for (const cancel of cancels) cancel();
    vi.advanceTimersByTime(2 * HOUR);
    expect(wake).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });
});
