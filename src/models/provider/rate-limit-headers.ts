import { parseRetryAfter } from '../../core/time/retry-after.js';

type Headers = { readonly [name: string]: string };

/**
 * How long a provider asks to wait, in milliseconds: `retry-after-ms`, `retry-after` (seconds or a date), else when
 * OpenAI's counters that are used up start again. Null when it does not say.
 */
export function readRetryAfter(headers: Headers, now: number): number | null {
  const exact = Number(headers['retry-after-ms'] ?? Number.NaN);
  if (Number.isFinite(exact) && exact >= 0) return Math.min(exact, MAX_WAIT_MS);
  return parseRetryAfter(headers['retry-after'] ?? null, now) ?? readResets(headers);
}

const MAX_WAIT_MS = 86_400_000;

function readResets(headers: Headers): number | null {
  const resets = ['requests', 'tokens'].flatMap((what) => {
    const ms = parseSpan(headers[`x-ratelimit-reset-${what}`]);
    const remaining = headers[`x-ratelimit-remaining-${what}`];
    return ms === null ? [] : [{ ms, isUsedUp: remaining === '0' }];
  });
  const usedUp = resets.filter(({ isUsedUp }) => isUsedUp);
  const counted = usedUp.length > 0 ? usedUp : resets;
  return counted.length === 0 ? null : Math.max(...counted.map(({ ms }) => ms));
}

const UNITS: { readonly [unit: string]: number } = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

/** `6m0s`, `1.5s`, `120ms`. No more than a day. */
export function parseSpan(text: string | undefined): number | null {
  if (text === undefined || !/^(?:\d+(?:\.\d+)?(?:ms|h|m|s))+$/.test(text)) return null;
  const parts = text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g);
  const ms = [...parts].reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ''] ?? 0), 0);
  return Math.min(Math.ceil(ms), MAX_WAIT_MS);
}
