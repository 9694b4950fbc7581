import type { FailedAttempt } from '../timing/retry.js';

/** What an attempt has come to that was at work each time the server died. */
export function crashedAttempt(crashes: number): FailedAttempt {
  const message = `The server died ${timesOf(crashes)} while this was at work. Find out what ends it before you retry the run`;
  return { status: 'failed', error: { kind: 'crashed', message }, retryable: true, retryAfterMs: null };
}

export function timesOf(crashes: number): string {
  return crashes === 1 ? 'once' : `${crashes} times`;
}
