import type { Clock } from '../../core/ports/clock.js';

/**
 * Node's timers stand still while the machine sleeps, and know nothing of a clock that is set: long ones look at it
 * this often.
 */
const CHECK_EVERY_MS = 10_000;

/** The machine's own time. */
export const nodeClock: Clock = {
  now: () => Date.now(),
  schedule(delayMs, wake) {
    if (delayMs > CHECK_EVERY_MS) return scheduleLong(delayMs, wake);
    const timer = setTimeout(wake, delayMs);
    return () => clearTimeout(timer);
  },
};

function scheduleLong(delayMs: number, wake: () => void): () => void {
  const dueAt = Date.now() + delayMs;
  const elapsedAt = performance.now() + delayMs;
  let timer: NodeJS.Timeout | undefined;
  const check = (): void => {
    const leftMs = Math.min(dueAt - Date.now(), elapsedAt - performance.now());
    if (leftMs <= 0) wake();
    else timer = setTimeout(check, Math.min(leftMs, CHECK_EVERY_MS));
  };
  check();
  return () => clearTimeout(timer);
}
