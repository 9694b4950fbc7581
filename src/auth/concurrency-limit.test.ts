import { describe, expect, it } from 'vitest';
import type { Principal } from '../core/tenant/principal.js';
import { ConcurrencyLimit } from './concurrency-limit.js';

const caller = (keyId: string | null): Principal => ({ organizationId: 'o', keyId, scopes: ['run'] });

describe('ConcurrencyLimit', () => {
  it('refuses what is over the limit of a key, until something of it ends', () => {
    const limit = new ConcurrencyLimit({ max: 2, what: 'streams' });
    const leave = limit.enter(caller('a'));
    limit.enter(caller('a'));
    expect(() => limit.enter(caller('a'))).toThrow('At most 2 streams may be open with one key at a time.');
    limit.enter(caller('b'));
    limit.enter(caller(null));
    leave();
    limit.enter(caller('a'));
    expect(() => limit.enter(caller('a'))).toThrow('At most 2 streams');
  });

  it('counts each out once', () => {
    const limit = new ConcurrencyLimit({ max: 2, what: 'streams' });
    const leave = limit.enter(caller('a'));
    limit.enter(caller('a'));
    leave();
    leave();
    limit.enter(caller('a'));
    expect(() => limit.enter(caller('a'))).toThrow('At most 2 streams');
  });
});
