import { describe, expect, it } from 'vitest';
import { type Hook, NO_HOOK_COUNTS } from '../../../core/hooks/hook.js';
import { AT, insertOrganization, newId, rejection } from '../fixtures.js';
import { type MakeStore, useStore } from '../use-store.js';

function makeHook(values: Partial<Hook> & Pick<Hook, 'organizationId'>): Hook {
  return {
    id: newId(),
    tokenHash: newId(),
    name: 'Orders \u0000',
    workflowId: 'take_order',
    event: { name: 'order.paid', key: '{{ body.order }}' },
    input: { order: '{{ body.order }}' },
    when: "body.type = 'order'",
    deliveryId: null,
    signature: { kind: 'stripe', toleranceSeconds: 300 },
    answer: 'at_once',
    waitSeconds: 10,
    enabled: true,
    secrets: [{ sealed: { nonce: 'n', ciphertext: 'c' }, createdAt: AT, expiresAt: null }],
    createdAt: AT,
    updatedAt: AT,
    counts: NO_HOOK_COUNTS,
    ...values,
  };
}

export function describeHooks(makeStore: MakeStore): void {
  describe('hooks', () => {
    const store = useStore(makeStore);

    it('keep every field, and are found by their id in their organization, and by their token', async () => {
      const organizationId = await insertOrganization(store());
      const hook = makeHook({ organizationId });
      await store().hooks.insert(hook);
      const { id, tokenHash } = hook;
      expect(await store().hooks.get({ organizationId, id })).toEqual(hook);
      expect(await store().hooks.get({ organizationId: newId(), id })).toBeNull();
      expect(await store().hooks.findByToken({ tokenHash })).toEqual(hook);
      expect(await store().hooks.findByToken({ tokenHash: newId() })).toBeNull();
      const second = makeHook({ organizationId });
      await store().hooks.insert(second);
      expect(await store().hooks.list({ organizationId })).toEqual([hook, second]);
      expect(await store().hooks.list({ organizationId: newId() })).toEqual([]);
    });

    it('are refused for an id or a token that another has, and for an organization that is not there', async () => {
      const organizationId = await insertOrganization(store());
      const hook = makeHook({ organizationId });
      await store().hooks.insert(hook);
      expect((await rejection(store().hooks.insert({ ...hook, tokenHash: newId() }))).code).toBe('conflict');
      expect((await rejection(store().hooks.insert({ ...hook, id: newId() }))).code).toBe('conflict');
      const missing = store().hooks.insert(makeHook({ organizationId: newId() }));
      expect((await rejection(missing)).code).toBe('not_found');
    });

    it('are changed and deleted for their organization alone', async () => {
      const organizationId = await insertOrganization(store());
      const hook = makeHook({ organizationId });
      const { id } = hook;
      await store().hooks.insert(hook);
      const changed = { ...hook, name: 'Others', tokenHash: newId(), secrets: [], updatedAt: AT + 5 };
      expect(await store().hooks.update({ ...changed, organizationId: newId() })).toBe(false);
      expect(await store().hooks.update(changed)).toBe(true);
      expect(await store().hooks.get({ organizationId, id })).toEqual(changed);
      expect(await store().hooks.findByToken({ tokenHash: hook.tokenHash })).toBeNull();
      expect(await store().hooks.delete({ organizationId: newId(), id })).toBe(false);
      expect(await store().hooks.delete({ organizationId, id })).toBe(true);
      expect(await store().hooks.delete({ organizationId, id })).toBe(false);
    });

    it('add up what came, and keep the latest through changes', async () => {
      const organizationId = await insertOrganization(store());
      const hook = makeHook({ organizationId });
      const { id } = hook;
      await store().hooks.insert(hook);
      const runId = newId();
      const accepted = { ...NO_HOOK_COUNTS, accepted: 3, acceptedAt: AT + 1, runId };
      const refused = { ...NO_HOOK_COUNTS, refused: 2, refusedAt: AT + 2, refusal: 'bad \u0000' };
      await store().hooks.count({ organizationId, id, counts: accepted });
      await store().hooks.count({ organizationId, id, counts: refused });
      await store().hooks.count({ organizationId, id, counts: accepted });
      await store().hooks.count({ organizationId: newId(), id, counts: accepted });
      await store().hooks.update({ ...hook, name: 'Others' });
      const found = await store().hooks.get({ organizationId, id });
      const counts = { accepted: 6, refused: 2, acceptedAt: AT + 1, runId, refusedAt: AT + 2, refusal: 'bad \u0000' };
      expect(found).toEqual({ ...hook, name: 'Others', counts });
    });
  });
}
