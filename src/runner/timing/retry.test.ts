import { describe, expect, it } from 'vitest';
import { NodeFailure } from '../../core/handlers/node-kind.js';
import type { RetryPolicy } from '../../workflow/plan/plan.js';
import { computeRetryDelay, describeFailure } from './retry.js';

const policy: RetryPolicy = {
  attempts: 4,
  backoff: 'exponential',
  initialMs: 500,
  maxMs: 1_500,
  on: null,
  except: [],
};
const failed = describeFailure(new Error('no'));

describe('describeFailure', () => {
  it('tells callers neither where files of the server are, nor what services keep tokens in', () => {
    const thrown = new Error("ENOENT: no such file or directory, open '/srv/flows/data/prices.csv'");
    expect(describeFailure(thrown).error.message).toBe("ENOENT: no such file or directory, open '…/prices.csv'");
    const failure = new NodeFailure('POST https://hooks.test/T0/aBcDeFgHiJkLmNoPqRs12 answered 404', {
      kind: 'http_4xx',
    });
    expect(describeFailure(failure).error.message).toBe('POST https://hooks.test/T0/… answered 404');
  });
});

describe('computeRetryDelay', () => {
  it('doubles up to the longest wait', () => {
    const delays = [1, 2, 3].map((attempt) => computeRetryDelay({ policy, attempt, outcome: failed, random: 0 }));
    expect(delays).toEqual([500, 1_000, 1_500]);
  });

  it('grows by the same step, or not at all, when told to', () => {
    const delay = (backoff: RetryPolicy['backoff'], attempt: number): number | null =>
      computeRetryDelay({ policy: { ...policy, backoff, maxMs: 60_000 }, attempt, outcome: failed, random: 0 });
    expect([delay('linear', 1), delay('linear', 3)]).toEqual([500, 1_500]);
    expect([delay('fixed', 1), delay('fixed', 3)]).toEqual([500, 500]);
  });

  it('ends after the last attempt and on failures that are not retryable', () => {
    expect(computeRetryDelay({ policy, attempt: 4, outcome: failed, random: 0 })).toBeNull();
    const final = describeFailure(new NodeFailure('never', { retryable: false }));
    expect(computeRetryDelay({ policy, attempt: 1, outcome: final, random: 0 })).toBeNull();
  });

  it('tries again only what the policy names, and never what it excepts', () => {
    const isTried = (kind: string, rest: Partial<RetryPolicy>): boolean => {
      const outcome = describeFailure(new NodeFailure('no', { kind }));
      return computeRetryDelay({ policy: { ...policy, ...rest }, attempt: 1, outcome, random: 0 }) !== null;
    };
    const on = ['network', 'http_*'];
    expect(['network', 'http_5xx', 'timeout'].map((kind) => isTried(kind, { on }))).toEqual([true, true, false]);
    expect(['http_429', 'http_5xx'].map((kind) => isTried(kind, { on, except: ['http_429'] }))).toEqual([false, true]);
    expect(['error', 'timeout'].map((kind) => isTried(kind, { except: ['error'] }))).toEqual([false, true]);
  });

  it('adds at most a tenth of jitter and never undercuts Retry-After', () => {
    expect(computeRetryDelay({ policy, attempt: 1, outcome: failed, random: 0.999 })).toBe(550);
    const later = describeFailure(new NodeFailure('slow down', { retryAfterMs: 7_000 }));
    expect(computeRetryDelay({ policy, attempt: 1, outcome: later, random: 0 })).toBe(7_000);
  });
});

describe('describeFailure', () => {
  it('keeps kind and message of a NodeFailure', () => {
    const outcome = describeFailure(new NodeFailure('gone', { kind: 'http_4xx', retryable: false, retryAfterMs: 5 }));
    expect(outcome).toEqual({
      status: 'failed',
      error: { kind: 'http_4xx', message: 'gone' },
      retryable: false,
      retryAfterMs: 5,
    });
  });

  it('reads the same fields off plain errors', () => {
    const thrown = Object.assign(new Error('No company'), { kind: 'unknown_address', retryable: false });
    expect(describeFailure(thrown)).toMatchObject({ error: { kind: 'unknown_address' }, retryable: false });
  });

  it.each([Number.NaN, Infinity, 1e300, -5, 0.4, 'soon'])(
    'keeps the wait %s to what a date can tell',
    (retryAfterMs) => {
      const outcome = describeFailure(Object.assign(new Error('later'), { retryAfterMs }));
      expect(() => new Date(Date.now() + (outcome.retryAfterMs ?? 0)).toISOString()).not.toThrow();
    },
  );

  it('makes do with anything that was thrown', () => {
    expect(describeFailure('a text').error).toEqual({ kind: 'error', message: 'a text' });
    expect(describeFailure(undefined).error).toEqual({ kind: 'error', message: 'unknown error' });
    expect(describeFailure(new Error('x'.repeat(9_000))).error.message).toHaveLength(2_000);
  });
});
