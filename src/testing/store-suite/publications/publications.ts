import { describe, expect, it } from 'vitest';
import type { PublishVersionsParams } from '../../../core/ports/store/workflows/publication-store.js';
import { AT, makeDefinition, newId } from '../fixtures.js';
import { type MakeStore, useStore } from '../use-store.js';

export function describePublications(makeStore: MakeStore): void {
  describe('publications', () => {
    const store = useStore(makeStore);
    const publish = (organizationId: string | null, versions: PublishVersionsParams['versions']) =>
      store().transaction((tx) => tx.publications.publish({ organizationId, at: AT, keyId: 'k1', versions }));
    const publishedOf = async (organizationId: string | null) =>
      (await store().publications.listPublished())
        .filter((one) => one.organizationId === organizationId)
        .map(({ workflowId, version }) => `${workflowId}@${version}`);

    it('switch several workflows at once, and take some away', async () => {
      const owner = newId();
      const first = await publish(owner, [
        { workflowId: 'a', version: 1 },
        { workflowId: 'b', version: 3 },
      ]);
      expect(first.changes).toEqual([
        { workflowId: 'a', before: null, after: 1 },
        { workflowId: 'b', before: null, after: 3 },
      ]);
      const second = await publish(owner, [
        { workflowId: 'a', version: 2 },
        { workflowId: 'b', version: null },
        { workflowId: 'c', version: null },
      ]);
      expect(second.changes).toEqual([
        { workflowId: 'a', before: 1, after: 2 },
        { workflowId: 'b', before: 3, after: null },
      ]);
      expect(second.number).toBeGreaterThan(first.number);
      expect(await store().publications.latest()).toBeGreaterThanOrEqual(second.number);
      expect(await publishedOf(owner)).toEqual(['a@2']);
    });

    it('are apart for each organization, and for all', async () => {
      const [one, other] = [newId(), newId()];
      const workflowId = `w_${newId()}`;
      await publish(one, [{ workflowId, version: 1 }]);
      await publish(other, [{ workflowId, version: 2 }]);
      const forAll = await publish(null, [{ workflowId, version: 3 }]);
      expect(await publishedOf(one)).toEqual([`${workflowId}@1`]);
      expect(await publishedOf(other)).toEqual([`${workflowId}@2`]);
      expect(await publishedOf(null)).toContain(`${workflowId}@3`);
      const { number } = forAll;
      expect(await store().publications.get({ organizationId: null, number })).toEqual(forAll);
      expect(await store().publications.get({ organizationId: one, number })).toBeNull();
    });

    it('are listed newest first, page by page', async () => {
      const owner = newId();
      const made = [];
      for (const version of [1, 2, 3]) made.unshift(await publish(owner, [{ workflowId: 'a', version }]));
      const listed = await store().publications.list({ organizationId: owner, limit: 2, before: null });
      expect(listed).toEqual(made.slice(0, 2));
      const before = listed[1]?.number ?? 0;
      expect(await store().publications.list({ organizationId: owner, limit: 2, before })).toEqual(made.slice(2));
    });

    it('that come at once have different numbers', async () => {
      const owner = newId();
      const all = await Promise.all(
        Array.from({ length: 10 }, (_, index) => publish(owner, [{ workflowId: `w${index}`, version: 1 }])),
      );
      expect(new Set(all.map(({ number }) => number)).size).toBe(10);
      expect(await publishedOf(owner)).toHaveLength(10);
    });

    it('keep code by its hash, once', async () => {
      const sha = newId();
      const bundle = { sha, code: 'export default () => "\u0000"', packages: ['left-pad'], at: AT };
      await store().publications.saveBundle(bundle);
      await store().publications.saveBundle({ ...bundle, at: AT + 5 });
      expect(await store().publications.getBundle({ sha })).toEqual(bundle);
      expect(await store().publications.getBundle({ sha: 'none' })).toBeNull();
      expect(await store().publications.findBundles({ shas: [sha, 'none'] })).toEqual([sha]);
    });
  });

  describe('versions of one workflow', () => {
    const store = useStore(makeStore);

    it('are listed newest first, and measured by what their keys begin with', async () => {
      const prefix = `${newId()}/`;
      const save = (workflowId: string, hash: string) =>
        store().workflows.saveVersion({ workflowId, hash, definition: makeDefinition(), handlers: {}, at: AT });
      for (const hash of ['h1', 'h2', 'h3']) await save(`${prefix}a`, hash);
      await save(`${prefix}b`, 'h1');
      await save(prefix.replace('/', '0'), 'h1');
      const listOf = (before: number | null) =>
        store().workflows.listOf({ workflowId: `${prefix}a`, limit: 2, before });
      expect(await listOf(null)).toEqual([
        { version: 3, hash: 'h3', createdAt: AT },
        { version: 2, hash: 'h2', createdAt: AT },
      ]);
      expect(await listOf(2)).toEqual([{ version: 1, hash: 'h1', createdAt: AT }]);
      const length = JSON.stringify(makeDefinition()).length + 2;
      expect(await store().workflows.measure({ prefix })).toEqual({ versions: 4, characters: 4 * length });
    });
  });
}
