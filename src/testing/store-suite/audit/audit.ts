import { describe, expect, it } from 'vitest';
import { chainEntries, hashEntry } from '../../../core/audit/chain-entry.js';
import type { Run } from '../../../core/run/run.js';
import { type AuditEntry, type AuditFact, FIRST_HASH } from '../../../core/tenant/audit.js';
import {
  AT,
  completeRun,
  insertOrganization,
  insertRun,
  makeCommit,
  makeEvents,
  makeMovement,
  makeRun,
  newId,
  rejection,
} from '../fixtures.js';
import { type MakeStore, useStore } from '../use-store.js';

const fact = (values: Partial<AuditFact> = {}): AuditFact => ({
  at: AT,
  actor: { kind: 'key', id: newId(), organizationId: 'o' },
  from: '203.0.113.7',
  action: 'key.create',
  target: { kind: 'key', id: 'k' },
  before: null,
  after: { name: 'laptop\u0000', scopes: ['read'] },
  ...values,
});

export function describeAudit(makeStore: MakeStore): void {
  describe('audit trails', () => {
    const store = useStore(makeStore);
    const trailOf = (organizationId: string): Promise<AuditEntry[]> =>
      store().audit.list({ organizationId, afterSeq: 0, limit: 500 });
    const fill = async (count: number): Promise<{ organizationId: string; facts: readonly AuditFact[] }> => {
      const organizationId = await insertOrganization(store());
      const facts = Array.from({ length: count }, () => fact());
      for (const one of facts) await store().audit.record({ organizationId, facts: [one] });
      return { organizationId, facts };
    };

    it('keep every fact as it was, chained, each for its organization alone', async () => {
      const { organizationId, facts } = await fill(3);
      await fill(2);
      const trail = await trailOf(organizationId);
      expect(trail).toEqual(chainEntries(organizationId, null, facts));
      expect(trail.map(({ seq }) => seq)).toEqual([1, 2, 3]);
      expect(trail[0]?.previousHash).toBe(FIRST_HASH);
      expect(trail[2]?.previousHash).toBe(trail[1]?.hash);
      expect(await store().audit.list({ organizationId: newId(), limit: 10 })).toEqual([]);
    });

    it('take several facts at once, and let their times never fall', async () => {
      const { organizationId } = await fill(1);
      await store().audit.record({ organizationId, facts: [fact({ at: AT - 500 }), fact({ at: AT + 500 })] });
      expect((await trailOf(organizationId)).map(({ at }) => at)).toEqual([AT, AT, AT + 500]);
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

    it('refuse organizations that do not exist', async () => {
      const missing = store().audit.record({ organizationId: newId(), facts: [fact()] });
      expect((await rejection(missing)).code).toBe('not_found');
    });

    it('take on an entry together with what it tells of, or neither', async () => {
      const { organizationId } = await fill(1);
      const failing = store().transaction(async (tx) => {
        await tx.audit.record({ organizationId, facts: [fact()] });
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
      expect((await trailOf(organizationId)).map(({ seq }) => seq)).toEqual([4]);
      expect(await trailOf(other.organizationId)).toHaveLength(1);
    });
  });

  describe('commits of runs', () => {
    const store = useStore(makeStore);
    const actionsOf = async (organizationId: string): Promise<string[]> =>
      (await store().audit.list({ organizationId, afterSeq: 0, limit: 500 })).map(({ action }) => action);
    const endOf = (run: Run, action: string) =>
      makeCommit({
        run: completeRun(run),
        events: makeEvents(run.version, run.version + 1),
        audit: [fact({ action })],
      });

    it('hold what goes into the trail with them, once however often they are tried', async () => {
      const organizationId = await insertOrganization(store());
      const commit = endOf(await insertRun(store(), { organizationId }), 'run.cancel');
      expect(await store().runs.commit(commit)).toBe('kept');
      expect(await store().runs.commit(commit)).toBe('repeated');
      expect(await actionsOf(organizationId)).toEqual(['run.cancel']);
    });

    it('leave nothing in the trail where they are superseded, refused, or taken back', async () => {
      const organizationId = await insertOrganization(store(), 10);
      const run = await insertRun(store(), { organizationId });
      await store().runs.beginDrive({ organizationId, runId: run.id });
      expect(await store().runs.commit(endOf(run, 'superseded'))).toBe('superseded');
      const made = makeRun({ organizationId });
      const created = { idempotency: null, childKey: null };
      const movement = makeMovement({ organizationId, runId: made.id, reservedDelta: 11 });
      const dear = { run: made, events: makeEvents(0, 1), created, movement, audit: [fact({ action: 'refused' })] };
      expect((await rejection(store().runs.commit(makeCommit(dear)))).code).toBe('insufficient_credits');
      const other = await insertRun(store(), { organizationId });
      const takenBack = store().transaction(async (tx) => {
        await tx.runs.commit(endOf(other, 'taken back'));
        throw new Error('no');
      });
      await expect(takenBack).rejects.toThrow('no');
      expect(await actionsOf(organizationId)).toEqual([]);
      expect((await store().runs.get({ organizationId, runId: other.id }))?.status).toBe('pending');
    });

    it('and whatever else goes into a trail at the same time leave no gap in it', async () => {
      const organizations = [await insertOrganization(store()), await insertOrganization(store())];
      const runs: Run[] = [];
      for (const organizationId of organizations)
        for (let left = 20; left > 0; left -= 1) runs.push(await insertRun(store(), { organizationId }));
      const changes = organizations.flatMap((organizationId) =>
        Array.from({ length: 10 }, () =>
          store().transaction((tx) => tx.audit.record({ organizationId, facts: [fact({ action: 'change' })] })),
        ),
      );
      const alone = organizations.map((organizationId) =>
        store().audit.record({ organizationId, facts: [fact({ action: 'alone' })] }),
      );
      await Promise.all([...runs.map((run) => store().runs.commit(endOf(run, 'run.cancel'))), ...changes, ...alone]);
      for (const organizationId of organizations) {
        const trail = await store().audit.list({ organizationId, afterSeq: 0, limit: 500 });
        expect(trail.map(({ seq }) => seq)).toEqual(Array.from({ length: 31 }, (_, index) => index + 1));
        expect(trail.map(hashEntry)).toEqual(trail.map(({ hash }) => hash));
        expect(trail.slice(1).map(({ previousHash }) => previousHash)).toEqual(
          trail.slice(0, -1).map(({ hash }) => hash),
        );
        expect(trail.filter(({ action }) => action === 'run.cancel')).toHaveLength(20);
      }
    });
  });
}
