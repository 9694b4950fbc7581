import { describe, expect, it } from 'vitest';
import { type BulkJob, noProgress } from '../../../core/bulk/bulk-job.js';
import { AT, insertOrganization, newId, rejection } from '../fixtures.js';
import { type MakeStore, useStore } from '../use-store.js';

function makeJob(values: Partial<BulkJob> & Pick<BulkJob, 'organizationId'>): BulkJob {
  const id = newId();
  return {
    id,
    action: 'cancel',
    filter: {
      statuses: ['pending', 'running'],
      workflowId: 'w',
      tags: ['a\u0000'],
      fields: { 'metadata.x': '\ud800' },
    },
    reason: 'wrong \u0000',
    sameVersion: false,
    keyId: newId(),
    isGrant: false,
    expected: 3,
    status: 'running',
    createdAt: AT,
    updatedAt: AT,
    endedAt: null,
    progress: noProgress(id),
    ...values,
  };
}

export function describeBulkJobs(makeStore: MakeStore): void {
  describe('bulk jobs', () => {
    const store = useStore(makeStore);
    /** Those that other tests have left are nobody's to claim. */
    const takeOthers = async (): Promise<void> => {
      while ((await claim('another test', AT + 1_000_000, AT + 9_000_000)) !== null);
    };
    const claim = (owner: string, now: number, until = now + 10) => store().bulk.claim({ owner, now, until });

    it('keep every field, and are found in their organization alone', async () => {
      const organizationId = await insertOrganization(store());
      const [first, second] = [makeJob({ organizationId }), makeJob({ organizationId })];
      for (const job of [first, second]) await store().bulk.insert(job);
      const { id } = first;
      expect(await store().bulk.get({ organizationId, id })).toEqual(first);
      expect(await store().bulk.get({ organizationId: newId(), id })).toBeNull();
      const listed = await store().bulk.list({ organizationId, limit: 5 });
      expect(listed).toHaveLength(2);
      expect(listed).toEqual([first, second].toSorted((a, b) => (a.id < b.id ? 1 : -1)));
      expect(await store().bulk.list({ organizationId, limit: 1 })).toHaveLength(1);
      expect(await store().bulk.list({ organizationId: newId(), limit: 5 })).toEqual([]);
      expect(await store().bulk.countRunning({ organizationId })).toBe(2);
      const missing = store().bulk.insert(makeJob({ organizationId: newId() }));
      expect((await rejection(missing)).code).toBe('not_found');
    });

    it('are claimed by one at a time, the longest free first, and by another once the claim is over', async () => {
      await takeOthers();
      const organizationId = await insertOrganization(store());
      const old = makeJob({ organizationId, createdAt: AT - 5 });
      const young = makeJob({ organizationId });
      for (const job of [young, old]) await store().bulk.insert(job);
      expect(await claim('a', AT - 6)).toBeNull();
      expect(await claim('a', AT)).toEqual(old);
      expect(await claim('b', AT)).toEqual(young);
      expect(await claim('c', AT + 9)).toBeNull();
      expect((await claim('c', AT + 10))?.id).toBeDefined();
    });

    it('are taken further by who has them, until they are through', async () => {
      await takeOthers();
      const organizationId = await insertOrganization(store());
      const job = makeJob({ organizationId });
      const { id } = job;
      await store().bulk.insert(job);
      await claim('a', AT);
      const progress = { ...job.progress, pending: [newId()], done: 2, waitsFor: 'credits' };
      const save = { id, organizationId, owner: 'a', progress, now: AT + 1, until: AT + 1, isOver: false };
      expect(await store().bulk.save({ ...save, owner: 'b' })).toBe(false);
      expect(await store().bulk.save({ ...save, organizationId: newId() })).toBe(false);
      expect(await store().bulk.save(save)).toBe(true);
      const kept = { ...job, progress, updatedAt: AT + 1 };
      expect(await claim('b', AT + 1)).toEqual(kept);
      expect(await store().bulk.save(save)).toBe(false);
      const over = { ...save, owner: 'b', now: AT + 2, isOver: true };
      expect(await store().bulk.save(over)).toBe(true);
      const ended = { ...kept, status: 'completed', updatedAt: AT + 2, endedAt: AT + 2 };
      expect(await store().bulk.get({ organizationId, id })).toEqual(ended);
      expect(await store().bulk.save(over)).toBe(false);
      expect(await claim('b', AT + 1_000)).toBeNull();
      expect(await store().bulk.countRunning({ organizationId })).toBe(0);
    });

    it('are stopped while they run, and the oldest that have ended are removed', async () => {
      const organizationId = await insertOrganization(store());
      const jobs = Array.from({ length: 4 }, () => makeJob({ organizationId })).toSorted((a, b) =>
        a.id < b.id ? -1 : 1,
      );
      for (const job of jobs) await store().bulk.insert(job);
      const [first, second, third] = jobs.map(({ id }) => ({ organizationId, id, at: AT + 3 }));
      expect(await store().bulk.stop({ ...second!, organizationId: newId() })).toBe(false);
      for (const one of [second!, third!]) expect(await store().bulk.stop(one)).toBe(true);
      expect(await store().bulk.stop(second!)).toBe(false);
      expect(await store().bulk.get(second!)).toMatchObject({ status: 'stopped', updatedAt: AT + 3, endedAt: AT + 3 });
      await store().bulk.prune({ organizationId: newId(), keep: 0 });
      await store().bulk.prune({ organizationId, keep: 2 });
      expect(await store().bulk.get(second!)).toBeNull();
      expect(await store().bulk.get(third!)).not.toBeNull();
      expect(await store().bulk.get(first!)).not.toBeNull();
      await store().bulk.prune({ organizationId, keep: 0 });
      expect(await store().bulk.list({ organizationId, limit: 9 })).toHaveLength(2);
    });
  });
}
