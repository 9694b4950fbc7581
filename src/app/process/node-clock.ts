import type { Clock } from '../../core/ports/clock.js';

/** The machine's own time. */
export const nodeClock: Clock = {
  now: () => Date.now(),
  schedule(delayMs, wake) {
    const timer = setTimeout(wake, delayMs);
    return () => clearTimeout(timer);
  },
};
