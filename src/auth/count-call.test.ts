import { describe, expect, it } from 'vitest';
import type { Principal } from '../core/tenant/principal.js';
import { ManualClock } from '../testing/manual-clock.js';
import { countCall } from './count-call.js';
import { createRateLimiter } from './rate-limit.js';

function setUp({ key, organization }: { key: number; organization: number }) {
  const clock = new ManualClock();
  const limiter = (limit: number) => createRateLimiter({ clock, limit, windowMs: 60_000 });
  const limits = { mutating: limiter(key), reading: limiter(key), organization: limiter(organization) };
  const call = (keyId: string | null, organizationId = 'o', kind: 'mutating' | 'reading' = 'reading') => {
    const caller: Principal = { organizationId, keyId, scopes: ['run'] };
    return () => countCall(limits, kind, caller);
  };
  return { call };
}

describe('countCall', () => {
  it('refuses what is over the limit of a key, of either kind', () => {
    const { call } = setUp({ key: 1, organization: 10 });
    call('a')();
    call('a', 'o', 'mutating')();
    expect(call('a')).toThrow('Too many calls with this key. Try again in 60 s.');
    expect(call('a', 'o', 'mutating')).toThrow('Too many calls with this key');
    call('b')();
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
