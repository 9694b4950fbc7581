const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** How long after each failed attempt the next one comes; the last holds for all further ones. */
const DELAYS_MS = [
  5 * SECOND_MS,
  30 * SECOND_MS,
  2 * MINUTE_MS,
  10 * MINUTE_MS,
  30 * MINUTE_MS,
  HOUR_MS,
  2 * HOUR_MS,
  4 * HOUR_MS,
  8 * HOUR_MS,
  12 * HOUR_MS,
];
/** So that what failed together is not tried again together. */
const JITTER = 0.2;

/** When a delivery is tried next; null when it is given up. */
export function nextAttemptAt(params: {
  /** With the one that has just failed. */
  readonly attemptCount: number;
  readonly now: number;
  readonly retryAfterMs: number | null;
  readonly givesUpAt: number;
  /** From 0 to 1. */
  readonly chance: number;
}): number | null {
  const { attemptCount, now, retryAfterMs, givesUpAt, chance } = params;
  const delay = DELAYS_MS[Math.min(attemptCount, DELAYS_MS.length) - 1] ?? 0;
  const at = now + Math.max(Math.round(delay * (1 - JITTER + 2 * JITTER * chance)), retryAfterMs ?? 0);
  return at < givesUpAt ? at : null;
}

/** How long an endpoint that is down is left alone, whatever else is due there. */
export function restOf(failures: number): number {
  return Math.min(MINUTE_MS, SECOND_MS * 2 ** (failures - 1));
}
