import type { WorkflowVersion } from '../../core/workflow/definition.js';
import { describe, expect, it } from 'vitest';
import { AT, makeDefinition, newId } from './fixtures.js';
import { type MakeStore, useStore } from './use-store.js';

export function describeWorkflows(makeStore: MakeStore): void {
  describe('workflow versions', () => {
    const store = useStore(makeStore);

    it('keeps the first definition of a workflow as version 1', async () => {
      const workflowId = `w_${newId()}`;
      const definition = makeDefinition({ id: workflowId });
      const handlers = { crawl: { kind: 'bundle', bundle: 'ab12', export: 'default' } } as const;
      const record = await store().workflows.saveVersion({ workflowId, hash: 'h1', definition, handlers, at: AT });
      const version = { workflowId, version: 1, hash: 'h1', definition, handlers, createdAt: AT };
      expect(record).toEqual({ version, createdAt: AT, updatedAt: AT });
      expect(await store().workflows.getVersion({ workflowId, version: 1 })).toEqual(version);
    });

    it('writes nothing when the newest version has the same hash', async () => {
      const params = { workflowId: `w_${newId()}`, hash: 'h1', definition: makeDefinition(), handlers: {}, at: AT };
      const first = await store().workflows.saveVersion(params);
      expect(await store().workflows.saveVersion({ ...params, at: AT + 9 })).toEqual(first);
      expect(await store().workflows.getVersion({ workflowId: params.workflowId, version: 2 })).toBeNull();
    });

    it('counts versions up, also when an older definition comes back', async () => {
      const workflowId = `w_${newId()}`;
      const save = (hash: string, at: number) =>
        store().workflows.saveVersion({
          workflowId,
          hash,
          definition: makeDefinition({ name: hash }),
          handlers: {},
          at,
        });
      await save('h1', AT);
      await save('h2', AT + 1);
      const third = await save('h1', AT + 2);
      expect(third.version.version).toBe(3);
      expect(third.createdAt).toBe(AT);
      expect(third.updatedAt).toBe(AT + 2);
      expect((await store().workflows.getVersion({ workflowId, version: 2 }))?.definition.name).toBe('h2');
    });

    it('lists the versions of all workflows, by workflow and version, page by page', async () => {
      const [a, b] = [`a_${newId()}`, `b_${newId()}`];
      for (const [workflowId, hash] of [
        [b, 'h1'],
        [a, 'h1'],
        [b, 'h2'],
      ] as const)
        await store().workflows.saveVersion({ workflowId, hash, definition: makeDefinition(), handlers: {}, at: AT });
      const listed: string[] = [];
      for (let after: { workflowId: string; version: number } | null = null; ;) {
        const page: readonly WorkflowVersion[] = await store().workflows.listVersions({ after, limit: 2 });
        listed.push(...page.map(({ workflowId, version }) => `${workflowId}@${version}`));
        after = page.at(-1) ?? null;
        if (after === null) break;
      }
      expect(listed.filter((name) => name.startsWith(a) || name.startsWith(b))).toEqual([`${a}@1`, `${b}@1`, `${b}@2`]);
      expect(await store().workflows.listVersions({ after: { workflowId: b, version: 1 }, limit: 1 })).toEqual([
        await store().workflows.getVersion({ workflowId: b, version: 2 }),
      ]);
    });

    it('makes one version of a definition that is saved many times at once', async () => {
      const params = { workflowId: `w_${newId()}`, hash: 'h1', definition: makeDefinition(), handlers: {}, at: AT };
      const records = await Promise.all(Array.from({ length: 20 }, () => store().workflows.saveVersion(params)));
      expect(new Set(records.map((record) => record.version.version))).toEqual(new Set([1]));
    });
  });
}
