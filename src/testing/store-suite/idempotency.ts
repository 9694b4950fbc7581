import { describe, expect, it } from 'vitest';
import { AT, insertOrganization, makeKey, newId, rejection } from './fixtures.js';
import { type MakeStore, useStore } from './use-store.js';

export function describeIdempotency(makeStore: MakeStore): void {
  describe('idempotent calls', () => {
    const store = useStore(makeStore);
    const callOf = (organizationId: string, key = 'once') => ({
      organizationId,
      key,
      callHash: 'of-it',
      madeId: newId(),
      at: AT,
    });

    it('are found by organization and key, with every field as it was', async () => {
      const [one, other] = [await insertOrganization(store()), await insertOrganization(store())];
      const call = callOf(one, 'ключ \u0000');
      await store().idempotency.insert(call);
      expect(await store().idempotency.find({ organizationId: one, key: call.key })).toEqual(call);
      expect(await store().idempotency.find({ organizationId: other, key: call.key })).toBeNull();
      expect(await store().idempotency.find({ organizationId: one, key: 'another' })).toBeNull();
    });

    it('take a key once for an organization, and take back what was recorded with the second', async () => {
      const organizationId = await insertOrganization(store());
      await store().idempotency.insert(callOf(organizationId));
      const key = makeKey({ organizationId });
      const error = await rejection(
        store().transaction(async (tx) => {
          await tx.keys.insert(key);
          await tx.idempotency.insert(callOf(organizationId));
        }),
      );
      expect(error.code).toBe('conflict');
      expect(await store().keys.find({ hash: key.hash })).toBeNull();
    });
  });
}
