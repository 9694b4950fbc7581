import { describe, expect, it } from 'vitest';
import { AT, insertOrganization, makeKey, newId, rejection } from './fixtures.js';
import { type MakeStore, useStore } from './use-store.js';

export function describeKeys(makeStore: MakeStore): void {
  describe('keys', () => {
    const store = useStore(makeStore);

    it('finds a key by its hash, with every field as it was', async () => {
      const organizationId = await insertOrganization(store());
      const key = makeKey({ organizationId, scopes: ['run', 'manage'], expiresAt: AT + 1, lastUsedAt: AT });
      await store().keys.insert(key);
      expect(await store().keys.find({ hash: key.hash })).toEqual(key);
      expect(await store().keys.find({ hash: `${key.hash}0` })).toBeNull();
    });

    it('refuses a second key with the same hash', async () => {
      const organizationId = await insertOrganization(store());
      const key = makeKey({ organizationId });
      await store().keys.insert(key);
      const error = await rejection(store().keys.insert(makeKey({ organizationId, hash: key.hash })));
      expect(error.code).toBe('conflict');
      expect(error.details).toEqual({ reason: 'hash' });
    });

    it('refuses a key for an organization that does not exist', async () => {
      const error = await rejection(store().keys.insert(makeKey({ organizationId: newId() })));
      expect(error.code).toBe('not_found');
    });

    it("lists an organization's keys, oldest first, and no others", async () => {
      const organizationId = await insertOrganization(store());
      const keys = [makeKey({ organizationId }), makeKey({ organizationId })];
      for (const key of keys) await store().keys.insert(key);
      await store().keys.insert(makeKey({ organizationId: await insertOrganization(store()) }));
      expect(await store().keys.list({ organizationId })).toEqual(keys);
    });

    it('revokes a key once and keeps the first moment', async () => {
      const organizationId = await insertOrganization(store());
      const key = makeKey({ organizationId });
      await store().keys.insert(key);
      expect(await store().keys.revoke({ organizationId, id: key.id, at: AT + 1 })).toBe(true);
      expect(await store().keys.revoke({ organizationId, id: key.id, at: AT + 2 })).toBe(true);
      expect((await store().keys.find({ hash: key.hash }))?.revokedAt).toBe(AT + 1);
    });

    it('gives a key as it stands to whoever asks, also after it was read before', async () => {
      const organizationId = await insertOrganization(store());
      const key = makeKey({ organizationId });
      await store().keys.insert(key);
      expect(await store().keys.find({ hash: key.hash })).toEqual(key);
      await store().keys.touch({ id: key.id, at: AT + 1 });
      expect(await store().keys.find({ hash: key.hash })).toEqual({ ...key, lastUsedAt: AT + 1 });
      await store().keys.revoke({ organizationId, id: key.id, at: AT + 2 });
      expect(await store().keys.find({ hash: key.hash })).toEqual({ ...key, lastUsedAt: AT + 1, revokedAt: AT + 2 });
    });

    it('shows nothing of a revocation and a key that were taken back, though the transaction had read both', async () => {
      const organizationId = await insertOrganization(store());
      const key = makeKey({ organizationId });
      const never = makeKey({ organizationId });
      await store().keys.insert(key);
      const failed = store().transaction(async (tx) => {
        await tx.keys.insert(never);
        await tx.keys.revoke({ organizationId, id: key.id, at: AT });
        expect((await tx.keys.find({ hash: key.hash }))?.revokedAt).toBe(AT);
        expect(await tx.keys.find({ hash: never.hash })).toEqual(never);
        throw new Error('taken back');
      });
      await expect(failed).rejects.toThrow('taken back');
      expect(await store().keys.find({ hash: key.hash })).toEqual(key);
      expect(await store().keys.find({ hash: never.hash })).toBeNull();
    });

    it('finds a key of the organization by its id, and no other', async () => {
      const organizationId = await insertOrganization(store());
      const key = makeKey({ organizationId });
      await store().keys.insert(key);
      expect(await store().keys.get({ organizationId, id: key.id })).toEqual(key);
      expect(await store().keys.get({ organizationId: await insertOrganization(store()), id: key.id })).toBeNull();
      expect(await store().keys.get({ organizationId, id: 'x' })).toBeNull();
    });

    it('counts the keys of the organization that are valid, and those that have ended', async () => {
      const organizationId = await insertOrganization(store());
      const count = () => store().keys.count({ organizationId, at: AT });
      expect(await count()).toEqual({ valid: 0, ended: 0 });
      const keys = [
        {},
        { expiresAt: AT + 1 },
        { expiresAt: AT },
        { revokedAt: AT - 1 },
        { expiresAt: 1, revokedAt: 1 },
      ];
      for (const values of keys) await store().keys.insert(makeKey({ organizationId, ...values }));
      await store().keys.insert(makeKey({ organizationId: await insertOrganization(store()) }));
      expect(await count()).toEqual({ valid: 2, ended: 3 });
    });

    it('removes keys of the organization, and no others', async () => {
      const organizationId = await insertOrganization(store());
      const [kept, removed] = [makeKey({ organizationId }), makeKey({ organizationId })];
      const foreign = makeKey({ organizationId: await insertOrganization(store()) });
      for (const key of [kept, removed, foreign]) await store().keys.insert(key);
      expect(await store().keys.find({ hash: removed.hash })).toEqual(removed);
      await store().keys.remove({ organizationId, ids: [removed.id, foreign.id] });
      expect(await store().keys.list({ organizationId })).toEqual([kept]);
      expect(await store().keys.find({ hash: removed.hash })).toBeNull();
      expect(await store().keys.find({ hash: foreign.hash })).toEqual(foreign);
    });

    it("does not revoke another organization's key", async () => {
      const organizationId = await insertOrganization(store());
      const key = makeKey({ organizationId });
      await store().keys.insert(key);
      const other = await insertOrganization(store());
      expect(await store().keys.revoke({ organizationId: other, id: key.id, at: AT })).toBe(false);
      expect((await store().keys.find({ hash: key.hash }))?.revokedAt).toBeNull();
    });

    it('keeps the latest use of a key', async () => {
      const organizationId = await insertOrganization(store());
      const key = makeKey({ organizationId });
      await store().keys.insert(key);
      await store().keys.touch({ id: key.id, at: AT + 60 });
      await store().keys.touch({ id: key.id, at: AT + 30 });
      expect((await store().keys.find({ hash: key.hash }))?.lastUsedAt).toBe(AT + 60);
    });
  });
}
