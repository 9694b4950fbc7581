import { describe, expect, it } from 'vitest';
import type { StoredSecret } from '../../../core/ports/store/secrets/secret-store.js';
import { AT, newId } from '../fixtures.js';
import { type MakeStore, useStore } from '../use-store.js';

export function describeSecrets(makeStore: MakeStore): void {
  describe('secrets', () => {
    const store = useStore(makeStore);
    const make = (values: Partial<StoredSecret> = {}): StoredSecret => ({
      organizationId: newId(),
      name: 'crm',
      kind: 'value',
      sealed: { nonce: 'n', ciphertext: 'c' },
      earlier: [],
      createdAt: AT,
      updatedAt: AT,
      ...values,
    });

    it('are kept, replaced and deleted for an organization, and apart for all', async () => {
      const [own, forAll] = [make(), make({ organizationId: null })];
      await store().secrets.save(own);
      await store().secrets.save(forAll);
      const other = make({ organizationId: own.organizationId, name: 'bank' });
      await store().secrets.save(other);
      expect(await store().secrets.get(own)).toEqual(own);
      expect(await store().secrets.get(forAll)).toEqual(forAll);
      expect(await store().secrets.get(make())).toBeNull();
      expect(await store().secrets.list(own)).toEqual([other, own]);
      expect(await store().secrets.list(forAll)).toEqual([forAll]);
      const sealed = { nonce: 'n2', ciphertext: 'c2' };
      const kind = 'oauth2_refresh_token';
      const earlier = [{ kind: 'value', sealed: own.sealed, replacedAt: AT + 5 }] as const;
      await store().secrets.save({ ...own, kind, sealed, earlier, createdAt: AT + 5, updatedAt: AT + 5 });
      expect(await store().secrets.get(own)).toEqual({ ...own, kind, sealed, earlier, updatedAt: AT + 5 });
      expect(await store().secrets.delete(own)).toBe(true);
      expect(await store().secrets.delete(own)).toBe(false);
      expect(await store().secrets.get(forAll)).toEqual(forAll);
    });
  });
}
