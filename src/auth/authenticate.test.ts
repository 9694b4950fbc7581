import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ApiKey } from '../core/tenant/api-key.js';
import type { Store } from '../core/ports/store/store.js';
import { openSqliteStore } from '../store/sqlite/sqlite-store.js';
import { ManualClock, settle } from '../testing/manual-clock.js';
import { insertOrganization, makeKey, rejection } from '../testing/store-suite/fixtures.js';
import { createKeyMaker } from './api-keys.js';
import { type Authenticate, createAuthenticator } from './authenticate.js';

const keys = createKeyMaker();
const MINUTE = 60_000;

describe('authenticate', () => {
  let store: Store;
  let clock: ManualClock;
  let authenticate: Authenticate;
  let organizationId: string;

  beforeEach(async () => {
    store = await openSqliteStore({ path: ':memory:' });
    clock = new ManualClock();
    authenticate = createAuthenticator({ store, clock, keys });
    organizationId = await insertOrganization(store);
  });
  afterEach(() => store.close());

  async function insertKey(values: Partial<ApiKey> = {}): Promise<{ key: string; apiKey: ApiKey }> {
    const key = keys.newKey();
    const apiKey = makeKey({ organizationId, hash: keys.hashKey(key), ...values });
    await store.keys.insert(apiKey);
    return { key, apiKey };
  }

  const lastUse = async (key: string) => (await store.keys.find({ hash: keys.hashKey(key) }))?.lastUsedAt;

  it('tells who is calling from their key', async () => {
    const { key, apiKey } = await insertKey({ scopes: ['run', 'manage'] });
    const principal = { organizationId, keyId: apiKey.id, scopes: ['run', 'manage'] };
    expect(await authenticate(`Bearer ${key}`)).toEqual(principal);
    expect(await authenticate(`bearer  ${key} `)).toEqual(principal);
  });

  it('says that the key is missing', async () => {
    for (const header of [undefined, '', '  ']) {
      const error = await rejection(authenticate(header));
      expect(error.code).toBe('unauthenticated');
      expect(error.message).toContain('missing');
    }
  });

  it('says that the header is malformed', async () => {
    const { key } = await insertKey();
    const headers = [key, `Basic ${key}`, 'Bearer', 'Bearer ', `Bearer ${key} ${key}`, `Bearer ${key}, Bearer ${key}`];
    for (const header of [...headers, `Bearer ${key}\u0000`, `Bearer ${'x'.repeat(10_000)}`]) {
      const error = await rejection(authenticate(header));
      expect(error.code).toBe('unauthenticated');
      expect(error.message).toContain('malformed');
    }
  });

  it('says that a host has not filled in a variable', async () => {
    for (const name of ['${ERRAND_API_KEY}', '$ERRAND_API_KEY', '{{errand_key}}', '${env:KEY}', '<your key>']) {
      const { code, message } = await rejection(authenticate(`Bearer ${name}`));
      expect([name, code]).toEqual([name, 'unauthenticated']);
      expect(message).toContain('did not fill it in');
    }
  });

  it('answers alike to an unknown, an expired and a revoked key', async () => {
    const expired = await insertKey({ expiresAt: clock.now() });
    const revoked = await insertKey({ revokedAt: clock.now() - 1 });
    const errors = await Promise.all(
      [keys.newKey(), 'x', expired.key, revoked.key].map((key) => rejection(authenticate(`Bearer ${key}`))),
    );
    expect(new Set(errors.map((error) => error.code))).toEqual(new Set(['unauthenticated']));
    expect(new Set(errors.map((error) => error.message))).toHaveLength(1);
    expect(errors[0]?.message).toContain('not valid');
  });

  it('accepts a key up to the moment of its expiry and not from then on', async () => {
    const { key, apiKey } = await insertKey({ expiresAt: clock.now() + 1_000 });
    clock.jumpTo(apiKey.expiresAt! - 1);
    expect((await authenticate(`Bearer ${key}`)).keyId).toBe(apiKey.id);
    clock.jumpTo(apiKey.expiresAt!);
    expect((await rejection(authenticate(`Bearer ${key}`))).code).toBe('unauthenticated');
  });

  it('refuses a key as soon as it is revoked', async () => {
    const { key, apiKey } = await insertKey();
    await authenticate(`Bearer ${key}`);
    await store.keys.revoke({ organizationId, id: apiKey.id, at: clock.now() });
    expect((await rejection(authenticate(`Bearer ${key}`))).code).toBe('unauthenticated');
  });

  it('keeps when a key was last used, to the minute', async () => {
    const { key } = await insertKey();
    const start = clock.now();
    const use = async (at: number) => {
      clock.jumpTo(at);
      await Promise.all([authenticate(`Bearer ${key}`), authenticate(`Bearer ${key}`)]);
      await settle();
      return lastUse(key);
    };
    expect(await use(start)).toBe(start);
    expect(await use(start + MINUTE - 1)).toBe(start);
    expect(await use(start + MINUTE)).toBe(start + MINUTE);
  });

  it('writes one use for many calls at once', async () => {
    const { key } = await insertKey();
    let touches = 0;
    const counting = createAuthenticator({
      store: {
        keys: {
          find: (params) => store.keys.find(params),
          touch: (params) => {
            touches++;
            return store.keys.touch(params);
          },
        },
      },
      clock,
      keys,
    });
    await Promise.all(Array.from({ length: 100 }, () => counting(`Bearer ${key}`)));
    expect(touches).toBe(1);
  });

  it('lets a caller in when the use of the key cannot be written', async () => {
    const { key, apiKey } = await insertKey();
    const failing = createAuthenticator({
      store: {
        keys: { find: (params) => store.keys.find(params), touch: () => Promise.reject(new Error('disk full')) },
      },
      clock,
      keys,
    });
    expect((await failing(`Bearer ${key}`)).keyId).toBe(apiKey.id);
    expect((await failing(`Bearer ${key}`)).keyId).toBe(apiKey.id);
  });
});
