import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../testing/manual-clock.js';
import { createBurstLimiter, createRateLimiter } from './rate-limit.js';

const WINDOW = 60_000;

function setUp(limit: number, create = createRateLimiter) {
  const clock = new ManualClock();
  const limiter = create({ clock, limit, windowMs: WINDOW });
  return { clock, limiter, wait: (ms: number) => clock.jumpTo(clock.now() + ms) };
}

describe('createRateLimiter', () => {
  it('lets through as many calls as the limit, and refuses the next with how long to wait', () => {
    const { limiter, wait } = setUp(10);
    for (let call = 0; call < 10; call++) expect(limiter.take('a')).toEqual({ ok: true });
    expect(limiter.take('a')).toEqual({ ok: false, retryAfterSeconds: 60 });
    wait(20_500);
    expect(limiter.take('a')).toEqual({ ok: false, retryAfterSeconds: 40 });
    wait(39_499);
    expect(limiter.take('a')).toEqual({ ok: false, retryAfterSeconds: 1 });
    wait(1);
    expect(limiter.take('a')).toEqual({ ok: true });
  });

  it('slides: two bursts around the turn of a minute do not add up', () => {
    const { limiter, wait } = setUp(2);
    expect(limiter.take('a').ok).toBe(true);
    wait(59_000);
    expect(limiter.take('a').ok).toBe(true);
    wait(1_000);
    expect(limiter.take('a').ok).toBe(true);
    expect(limiter.take('a')).toEqual({ ok: false, retryAfterSeconds: 59 });
  });

  it('forgets ids that have been idle for a window', () => {
    const { limiter, wait } = setUp(5);
    for (let id = 0; id < 10_000; id++) limiter.take(`id ${id}`);
    wait(WINDOW / 2);
    limiter.take('id 7');
    wait(WINDOW / 2);
    limiter.take('new');
    expect(limiter.size).toBe(2);
  });

  it('never lets more than the limit through in any window, and refuses only when it is reached', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.array(fc.integer({ min: 0, max: WINDOW / 2 }), { maxLength: 120 }),
        (limit, waits) => {
          const { limiter, clock, wait } = setUp(limit);
          const taken: number[] = [];
          for (const ms of waits) {
            wait(ms);
            const recent = taken.filter((at) => at > clock.now() - WINDOW).length;
            expect(limiter.take('a').ok).toBe(recent < limit);
            if (recent < limit) taken.push(clock.now());
          }
        },
      ),
    );
  });
});

describe.each([
  ['createRateLimiter', createRateLimiter],
  ['createBurstLimiter', createBurstLimiter],
])('%s, as the other,', (_, create) => {
  it('counts each id alone', () => {
    const { limiter } = setUp(1, create);
    expect(limiter.take('a').ok).toBe(true);
    expect(limiter.take('b').ok).toBe(true);
    expect(limiter.take('a').ok).toBe(false);
  });

  it('refuses everything when the limit is zero', () => {
    const { limiter } = setUp(0, create);
    expect(limiter.take('a')).toEqual({ ok: false, retryAfterSeconds: 60 });
  });

  it('neither opens nor locks up when the clock goes back', () => {
    const { limiter, wait } = setUp(1, create);
    expect(limiter.take('a').ok).toBe(true);
    wait(-3_600_000);
    expect(limiter.take('a')).toEqual({ ok: false, retryAfterSeconds: 60 });
    wait(WINDOW);
    expect(limiter.take('a').ok).toBe(true);
  });
});

describe('createBurstLimiter', () => {
  it('lets through a burst of the limit, and then as many a window, evenly', () => {
    const { limiter, wait } = setUp(10, createBurstLimiter);
    for (let call = 0; call < 10; call++) expect(limiter.take('a')).toEqual({ ok: true });
    expect(limiter.take('a')).toEqual({ ok: false, retryAfterSeconds: 6 });
    wait(5_999);
    expect(limiter.take('a')).toEqual({ ok: false, retryAfterSeconds: 1 });
    wait(1);
    expect(limiter.take('a')).toEqual({ ok: true });
    expect(limiter.take('a').ok).toBe(false);
    wait(WINDOW);
    for (let call = 0; call < 10; call++) expect(limiter.take('a').ok).toBe(true);
    expect(limiter.take('a').ok).toBe(false);
  });

  it('forgets ids that have been idle for a window, at the latest a window later', () => {
    const { limiter, wait } = setUp(5, createBurstLimiter);
    wait(WINDOW / 2);
    for (let id = 0; id < 10_000; id++) limiter.take(`id ${id}`);
    wait(WINDOW / 2);
    limiter.take('id 7');
    expect(limiter.size).toBe(10_000);
    wait(WINDOW);
    limiter.take('new');
    expect(limiter.size).toBe(1);
  });

  it('never lets through more than a burst and what has drained since, and keeps its word on how long to wait', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 700 }),
        fc.array(fc.record({ ms: fc.integer({ min: 0, max: WINDOW / 2 }), calls: fc.integer({ min: 1, max: 400 }) }), {
          maxLength: 20,
        }),
        (limit, bursts) => {
          const { limiter, clock, wait } = setUp(limit, createBurstLimiter);
          const begun = clock.now();
          let taken = 0;
          for (const { ms, calls } of bursts) {
            wait(ms);
            for (let call = 0; call < calls; call++) {
              const answer = limiter.take('a');
              if (answer.ok) {
                taken++;
                continue;
              }
              wait(answer.retryAfterSeconds * 1000);
              expect(limiter.take('a').ok).toBe(true);
              taken++;
              break;
            }
            expect(taken).toBeLessThanOrEqual(limit + ((clock.now() - begun) * limit) / WINDOW);
          }
        },
      ),
    );
  });
});
