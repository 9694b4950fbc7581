import { describe, expect, it } from 'vitest';
import type { Draft } from '../../../core/ports/store/workflows/draft-store.js';
import { AT, newId } from '../fixtures.js';
import { type MakeStore, useStore } from '../use-store.js';

function makeDraft(values: Partial<Draft> = {}): Draft {
  return {
    id: newId(),
    organizationId: newId(),
    workflowId: 'greet',
    name: 'Greet\u0000',
    baseVersion: null,
    faults: 0,
    revision: 1,
    createdAt: AT,
    updatedAt: AT,
    keyId: 'k1',
    text: 'id: greet\n# \u0000 \ud800 ü',
    format: 'yaml',
    ...values,
  };
}

export function describeDrafts(makeStore: MakeStore): void {
  describe('drafts', () => {
    const store = useStore(makeStore);

    it('are kept as they were written, each for its owner', async () => {
      const draft = makeDraft({ workflowId: null, name: null, baseVersion: 3, keyId: null, format: 'json' });
      const forAll = makeDraft({ organizationId: null });
      await store().drafts.insert(draft);
      await store().drafts.insert(forAll);
      const { id, organizationId } = draft;
      expect(await store().drafts.get({ organizationId, id })).toEqual(draft);
      expect(await store().drafts.get({ organizationId: null, id: forAll.id })).toEqual(forAll);
      expect(await store().drafts.get({ organizationId: null, id })).toBeNull();
      expect(await store().drafts.get({ organizationId, id: forAll.id })).toBeNull();
      expect(await store().drafts.count({ organizationId })).toBe(1);
    });

    it('replace the revision before them, and no other', async () => {
      const draft = makeDraft();
      await store().drafts.insert(draft);
      const second = { ...draft, revision: 2, text: 'id: other', workflowId: 'other', updatedAt: AT + 5, faults: 2 };
      const replaced = await Promise.all([
        store().drafts.replace(second),
        store().drafts.replace({ ...second, text: 'id: late' }),
      ]);
      expect(replaced.toSorted()).toEqual([false, true]);
      const { id, organizationId } = draft;
      expect(await store().drafts.get({ organizationId, id })).toMatchObject({ revision: 2, workflowId: 'other' });
      expect(await store().drafts.replace({ ...second, revision: 3, organizationId: newId() })).toBe(false);
      expect(await store().drafts.replace({ ...second, revision: 3, organizationId: null })).toBe(false);
      expect(await store().drafts.replace({ ...second, revision: 3, id: newId() })).toBe(false);
    });

    it('are listed without their texts, the latest made first, page by page', async () => {
      const organizationId = newId();
      const made: Draft[] = [];
      for (const workflowId of ['a', 'b', 'a']) {
        const draft = makeDraft({ organizationId, workflowId });
        await store().drafts.insert(draft);
        made.unshift(draft);
      }
      const list = { organizationId, workflowId: null, beforeId: null, limit: 2 };
      const first = await store().drafts.list(list);
      const summaries = made.map(({ text: _text, format: _format, ...summary }) => summary);
      expect(first).toEqual(summaries.slice(0, 2));
      expect(await store().drafts.list({ ...list, beforeId: first[1]?.id ?? '' })).toEqual(summaries.slice(2));
      const ofA = await store().drafts.list({ ...list, workflowId: 'a' });
      expect(ofA.map(({ id }) => id)).toEqual([made[0]?.id, made[2]?.id]);
    });

    it('are deleted at the revision that is meant', async () => {
      const draft = makeDraft();
      await store().drafts.insert(draft);
      const { id, organizationId } = draft;
      expect(await store().drafts.delete({ id, organizationId, revision: 2 })).toBe(false);
      expect(await store().drafts.delete({ id, organizationId: newId(), revision: null })).toBe(false);
      expect(await store().drafts.delete({ id, organizationId, revision: 1 })).toBe(true);
      expect(await store().drafts.delete({ id, organizationId, revision: null })).toBe(false);
    });
  });
}
