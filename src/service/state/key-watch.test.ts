import { describe, expect, it } from 'vitest';
import type { Principal } from '../../core/tenant/principal.js';
import { ManualClock } from '../../testing/manual-clock.js';
import { KeyWatch } from './key-watch.js';

const DAY = 86_400_000;

function setUp() {
  const clock = new ManualClock();
  const watch = new KeyWatch(clock);
  const calls: string[] = [];
  const follow = (name: string, caller: Partial<Principal> = {}) =>
    watch.watch({ organizationId: 'o', keyId: 'key', scopes: ['run'], ...caller }, () => calls.push(name));
  return { clock, watch, calls, follow };
}

describe('KeyWatch', () => {
  it('tells each listener of a key once when it is revoked, and those of other keys not', () => {
    const { watch, calls, follow } = setUp();
    follow('a');
    follow('b');
    follow('other', { keyId: 'another' });
    watch.revoke('key');
    watch.revoke('key');
    expect(calls).toEqual(['a', 'b']);
  });

  it('tells nobody who has left', () => {
    const { watch, calls, follow } = setUp();
    const leave = follow('a');
    follow('b');
    leave();
    leave();
    watch.revoke('key');
    expect(calls).toEqual(['b']);
  });

  it('tells who comes after the key was revoked at once', () => {
    const { watch, calls, follow } = setUp();
    watch.revoke('key');
    follow('late');
    expect(calls).toEqual(['late']);
  });

  it('tells of the expiry at its moment, however far off it is', async () => {
    const { clock, calls, follow } = setUp();
    const expiresAt = clock.now() + 100 * DAY;
    follow('a', { expiresAt });
    follow('b', { expiresAt });
    expect(clock.waiting).toBe(1);
    await clock.advance(100 * DAY - 1);
    expect(calls).toEqual([]);
    await clock.advance(1);
    expect(calls).toEqual(['a', 'b']);
    expect(clock.waiting).toBe(0);
    follow('late', { expiresAt });
    expect(calls).toEqual(['a', 'b', 'late']);
  });

  it('tells of each expiry alone where a grant has several tokens, and of their end together', async () => {
    const { clock, watch, calls, follow } = setUp();
    const now = clock.now();
    follow('old', { expiresAt: now + 1_000 });
    follow('new', { expiresAt: now + 3_000 });
    await clock.advance(1_000);
    expect(calls).toEqual(['old']);
    follow('newest', { expiresAt: now + 5_000 });
    watch.revoke('key');
    expect(calls).toEqual(['old', 'new', 'newest']);
    expect(clock.waiting).toBe(0);
  });

  it('holds no timer when nobody listens any more', () => {
    const { clock, follow } = setUp();
    const expiresAt = clock.now() + DAY;
    const leaveAll = [follow('a', { expiresAt }), follow('b', { expiresAt })];
    for (const leave of leaveAll) leave();
    expect(clock.waiting).toBe(0);
  });

  it('never ends callers from within the process', () => {
    const { calls, follow } = setUp();
    follow('library', { keyId: null });
    expect(calls).toEqual([]);
  });
});
