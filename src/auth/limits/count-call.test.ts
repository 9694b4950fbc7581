import { describe, expect, it } from 'vitest';
import type { Principal } from '../../core/tenant/principal.js';
import { ManualClock } from '../../testing/manual-clock.js';
import { countCall, nearestLimit } from './count-call.js';
import { createRateLimiter } from './rate-limit.js';

function setUp({ key, changes = key, organization }: { key: number; changes?: number; organization: number }) {
  const clock = new ManualClock();
  const limiter = (limit: number) => createRateLimiter({ clock, limit, windowMs: 60_000 });
  const limits = { mutating: limiter(changes), reading: limiter(key), organization: limiter(organization) };
  const call = (keyId: string | null, organizationId = 'o', kind: 'mutating' | 'reading' = 'reading') => {
    const caller: Principal = { organizationId, keyId, scopes: ['run'] };
    return () => countCall(limits, kind, caller);
  };
  return { call, limits, clock };
}

describe('countCall', () => {
  it('refuses what is over the limit of a key, of either kind', () => {
    const { call } = setUp({ key: 2, changes: 1, organization: 10 });
    call('a', 'o', 'mutating')();
    expect(call('a', 'o', 'mutating')).toThrow('Too many calls with this key. Try again in 60 s.');
    call('a')();
    expect(call('a')).toThrow('Too many calls with this key');
    call('b')();
  });

  it('counts a mutating call among all calls too, and a refused one nowhere', () => {
    const { call, limits, clock } = setUp({ key: 1, changes: 2, organization: 10 });
    const caller: Principal = { organizationId: 'o', keyId: 'a', scopes: ['run'] };
    call('a')();
    expect(call('a', 'o', 'mutating')).toThrow('Too many calls with this key');
    expect(limits.mutating.look('a').remaining).toBe(2);
    clock.jumpTo(clock.now() + 60_000);
    call('a', 'o', 'mutating')();
    expect(call('a')).toThrow('Too many calls with this key');
    expect(nearestLimit(limits, 'mutating', caller)).toEqual({ limit: 1, remaining: 0, resetAt: clock.now() + 60_000 });
  });

  it('tells of the limit that has less left, of those that a call counts against', () => {
    const { call, limits, clock } = setUp({ key: 60, changes: 10, organization: 100 });
    const caller: Principal = { organizationId: 'o', keyId: 'a', scopes: ['run'] };
    expect(nearestLimit(limits, 'reading', caller)).toEqual({ limit: 60, remaining: 60, resetAt: clock.now() });
    call('a', 'o', 'mutating')();
    expect(nearestLimit(limits, 'reading', caller)).toMatchObject({ limit: 60, remaining: 59 });
    expect(nearestLimit(limits, 'mutating', caller)).toMatchObject({ limit: 10, remaining: 9 });
    for (let calls = 0; calls < 55; calls++) call('a')();
    expect(nearestLimit(limits, 'mutating', caller)).toMatchObject({ limit: 60, remaining: 4 });
  });

  it('refuses what is over the limit of an organization, however many keys it has', () => {
    const { call } = setUp({ key: 2, organization: 3 });
    for (const key of ['a', 'b', 'c']) call(key)();
    expect(call('d')).toThrow('Too many calls of this organization. Try again in 60 s.');
    call('e', 'another')();
  });

  it('does not count against the organization what a key has no right to any more', () => {
    const { call } = setUp({ key: 1, organization: 2 });
    call('a')();
    for (let again = 0; again < 5; again++) expect(call('a')).toThrow('with this key');
    call('b')();
  });
});
