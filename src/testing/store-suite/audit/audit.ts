import { describe, expect, it } from 'vitest';
import { type AuditEntry, FIRST_HASH } from '../../../core/tenant/audit.js';
import { AT, insertOrganization, newId, rejection } from '../fixtures.js';
import { type MakeStore, useStore } from '../use-store.js';

function makeEntry(values: Partial<AuditEntry> & Pick<AuditEntry, 'organizationId'>): AuditEntry {
  return {
    seq: 1,
    at: AT,
    actor: { kind: 'key', id: newId(), organizationId: values.organizationId },
    from: '203.0.113.7',
    action: 'key.create',
    target: { kind: 'key', id: 'k' },
    before: null,
    after: { name: 'laptop\u0000', scopes: ['read'] },
    previousHash: FIRST_HASH,
    hash: 'a'.repeat(64),
    ...values,
  };
}

export function describeAudit(makeStore: MakeStore): void {
  describe('audit trails', () => {
    const store = useStore(makeStore);
    const fill = async (count: number): Promise<{ organizationId: string; entries: readonly AuditEntry[] }> => {
      const organizationId = await insertOrganization(store());
      const entries = Array.from({ length: count }, (_, index) => makeEntry({ organizationId, seq: index + 1 }));
      for (const entry of entries) await store().audit.append(entry);
      return { organizationId, entries };
    };

    it('keep every field as it was, each for its organization alone', async () => {
      const { organizationId, entries } = await fill(3);
      await fill(2);
      expect(await store().audit.list({ organizationId, afterSeq: 0, limit: 10 })).toEqual(entries);
      expect(await store().audit.list({ organizationId: newId(), limit: 10 })).toEqual([]);
    });

    it('are listed from either end, page by page', async () => {
      const { organizationId } = await fill(5);
      const seqs = async (page: object): Promise<number[]> =>
        (await store().audit.list({ organizationId, limit: 2, ...page })).map(({ seq }) => seq);
      expect(await seqs({})).toEqual([5, 4]);
      expect(await seqs({ beforeSeq: 4 })).toEqual([3, 2]);
      expect(await seqs({ afterSeq: 0 })).toEqual([1, 2]);
      expect(await seqs({ afterSeq: 4 })).toEqual([5]);
      expect((await store().audit.last({ organizationId }))?.seq).toBe(5);
      expect(await store().audit.last({ organizationId: newId() })).toBeNull();
    });

    it('take each place once, and refuse organizations that do not exist', async () => {
      const { organizationId } = await fill(1);
      expect((await rejection(store().audit.append(makeEntry({ organizationId })))).code).toBe('conflict');
      const missing = store().audit.append(makeEntry({ organizationId: newId() }));
      expect((await rejection(missing)).code).toBe('not_found');
    });

    it('take on an entry together with what it tells of, or neither', async () => {
      const { organizationId } = await fill(1);
      const failing = store().transaction(async (tx) => {
        await tx.audit.append(makeEntry({ organizationId, seq: 2 }));
        expect((await tx.audit.last({ organizationId }))?.seq).toBe(2);
        throw new Error('no');
      });
      await expect(failing).rejects.toThrow('no');
      expect((await store().audit.last({ organizationId }))?.seq).toBe(1);
    });

    it('lose their oldest entries when told, and no others', async () => {
      const { organizationId } = await fill(4);
      const other = await fill(1);
      expect(await store().audit.removeUpTo({ organizationId, seq: 3 })).toBe(3);
      expect((await store().audit.list({ organizationId, afterSeq: 0, limit: 10 })).map(({ seq }) => seq)).toEqual([4]);
      expect(await store().audit.list({ organizationId: other.organizationId, limit: 10 })).toHaveLength(1);
    });
  });
}
