import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../core/ports/store/store.js';
import type { Principal } from '../../core/tenant/principal.js';
import { openSqliteStore } from '../../store/sqlite/sqlite-store.js';
import { ManualClock } from '../../testing/manual-clock.js';
import { insertOrganization, makeKey, rejection } from '../../testing/store-suite/fixtures.js';
import { ConsoleSessions, MAX_IDLE_MS, MAX_SESSION_MS } from './console-sessions.js';
import { LINK_MS, SignInLinks } from './sign-in-links.js';

const MINUTE = 60_000;

let store: Store;
let clock: ManualClock;
let sessions: ConsoleSessions;
let principal: Principal;

beforeEach(async () => {
  store = await openSqliteStore({ path: ':memory:' });
  clock = new ManualClock();
  sessions = new ConsoleSessions({ store, clock, sealKey: () => Buffer.alloc(32, 1) });
  const organizationId = await insertOrganization(store);
  const key = makeKey({ organizationId, scopes: ['read', 'manage'] });
  await store.keys.insert(key);
  principal = { organizationId, keyId: key.id, scopes: key.scopes };
});
afterEach(() => store.close());

const codeOf = async (sealed: string | null): Promise<string> => (await rejection(sessions.check(sealed))).code;

describe('a session of the console', () => {
  it('gives what the key gives, until its end', async () => {
    const { principal: checked, renewed } = await sessions.check(sessions.begin(principal));
    expect(checked).toEqual({ ...principal, expiresAt: clock.now() + MAX_SESSION_MS });
    expect(renewed).toBeNull();
  });

  it('ends when nobody has used it for a while', async () => {
    const sealed = sessions.begin(principal);
    clock.jumpTo(clock.now() + MAX_IDLE_MS - 1);
    await sessions.check(sealed);
    clock.jumpTo(clock.now() + 1);
    expect(await codeOf(sealed)).toBe('unauthenticated');
  });

  it('goes on while it is used, but not beyond its end', async () => {
    const begun = clock.now();
    let sealed = sessions.begin(principal);
    while (clock.now() + MAX_IDLE_MS / 2 < begun + MAX_SESSION_MS) {
      clock.jumpTo(clock.now() + MAX_IDLE_MS / 2);
      sealed = (await sessions.check(sealed)).renewed ?? 'was not renewed';
    }
    clock.jumpTo(begun + MAX_SESSION_MS);
    expect(await codeOf(sealed)).toBe('unauthenticated');
  });

  it('is written anew a few minutes after the last time, and not with each request', async () => {
    const sealed = sessions.begin(principal);
    clock.jumpTo(clock.now() + MINUTE);
    expect((await sessions.check(sealed)).renewed).toBeNull();
    clock.jumpTo(clock.now() + 4 * MINUTE);
    expect((await sessions.check(sealed)).renewed).not.toBeNull();
  });

  it('ends with its key', async () => {
    const sealed = sessions.begin(principal);
    await store.keys.revoke({ organizationId: principal.organizationId, id: principal.keyId ?? '', at: clock.now() });
    expect(await codeOf(sealed)).toBe('unauthenticated');
  });

  it('ends when its key expires', async () => {
    const { organizationId } = principal;
    const key = makeKey({ organizationId, expiresAt: clock.now() + MINUTE });
    await store.keys.insert(key);
    const sealed = sessions.begin({ organizationId, keyId: key.id, scopes: key.scopes });
    expect((await sessions.check(sealed)).principal.expiresAt).toBe(key.expiresAt);
    clock.jumpTo(clock.now() + MINUTE);
    expect(await codeOf(sealed)).toBe('unauthenticated');
  });

  it('cannot be made or changed by who has no key to seal it with', async () => {
    const sealed = sessions.begin(principal);
    const [text = '', mark = ''] = sealed.split('.');
    const content = JSON.parse(Buffer.from(text, 'base64url').toString()) as object;
    const changed = Buffer.from(JSON.stringify({ ...content, organizationId: 'another' })).toString('base64url');
    const others = new ConsoleSessions({ store, clock, sealKey: () => Buffer.alloc(32, 2) });
    for (const forged of [null, '', 'x', `${text}.`, `${changed}.${mark}`, others.begin(principal)]) {
      expect([forged, await codeOf(forged)]).toEqual([forged, 'unauthenticated']);
    }
  });

  it('is not given to who has a token in place of a key', async () => {
    expect(() => sessions.begin({ ...principal, isGrant: true })).toThrow('takes an API key');
  });
});

describe('a link that signs in', () => {
  it('does so once, and only within its time', () => {
    const links = new SignInLinks(clock);
    const token = links.make(principal);
    expect(links.use('another')).toBeNull();
    expect(links.use(token)).toEqual(principal);
    expect(links.use(token)).toBeNull();
    const late = links.make(principal);
    clock.jumpTo(clock.now() + LINK_MS);
    expect(links.use(late)).toBeNull();
  });
});
