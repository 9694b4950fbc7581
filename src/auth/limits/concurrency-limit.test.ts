import { describe, expect, it } from 'vitest';
import type { Principal } from '../../core/tenant/principal.js';
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

  it('refuses what is over ten times that for all keys of an organization', () => {
    const limit = new ConcurrencyLimit({ max: 1, what: 'streams' });
    const [leave] = Array.from({ length: 10 }, (_, key) => limit.enter(caller(`key ${key}`)));
    expect(() => limit.enter(caller('one more'))).toThrow(
      'At most 10 streams may be open in one organization at a time.',
    );
    limit.enter({ ...caller('foreign'), organizationId: 'another' });
    leave?.();
    limit.enter(caller('one more'));
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
