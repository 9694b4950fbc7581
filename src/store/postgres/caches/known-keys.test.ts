import { beforeEach, expect, it } from 'vitest';
import type { ApiKey } from '../../../core/tenant/api-key.js';
import { makeKey } from '../../../testing/store-suite/fixtures.js';
import { KnownKeys } from './known-keys.js';

let kept: Map<string, ApiKey>;
let reads: string[];
let now: number;
let known: KnownKeys;
/** What a read waits for. */
let hold: Promise<void>;

beforeEach(() => {
  const key = makeKey({ organizationId: 'o', hash: 'a' });
  kept = new Map([['a', key]]);
  reads = [];
  now = 0;
  hold = Promise.resolve();
  known = new KnownKeys({
    now: () => now,
    read: async (hash) => {
      reads.push(hash);
      const read = kept.get(hash) ?? null;
      await hold;
      return read;
    },
  });
});

const revoke = (): void => {
  const key = kept.get('a');
  if (key !== undefined) kept.set('a', { ...key, revokedAt: 1 });
};
const isRevoked = async (): Promise<boolean> => (await known.find('a'))?.revokedAt !== null;

it('reads a key once in a quarter of a second, for which one that another process revokes goes on', async () => {
  expect([await isRevoked(), await isRevoked()]).toEqual([false, false]);
  expect(reads).toEqual(['a']);
  revoke();
  now = 249;
  expect(await isRevoked()).toBe(false);
  now = 250;
  expect(await isRevoked()).toBe(true);
  expect(reads).toEqual(['a', 'a']);
});

it('asks each time for a key that is not there: it may be made elsewhere', async () => {
  expect([await known.find('b'), await known.find('b')]).toEqual([null, null]);
  kept.set('b', makeKey({ organizationId: 'o', hash: 'b' }));
  expect((await known.find('b'))?.hash).toBe('b');
});

it('knows at once what this process has changed, also where that was being read', async () => {
  await isRevoked();
  await known.change(async () => revoke());
  expect(await isRevoked()).toBe(true);
  kept.set('a', makeKey({ organizationId: 'o', hash: 'a' }));
  await known.change(async () => undefined);
  let go = (): void => undefined;
  hold = new Promise((resolve) => (go = resolve));
  const before = isRevoked();
  await known.change(async () => revoke());
  go();
  expect(await before).toBe(false);
  expect(await isRevoked()).toBe(true);
});
