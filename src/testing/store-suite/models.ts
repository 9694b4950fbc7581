import { describe, expect, it } from 'vitest';
import { NO_USAGE, type Usage } from '../../core/models/models.js';
import type { ModelCredential } from '../../core/ports/store/model-store.js';
import { AT, insertOrganization, insertRun, makeProgress, MONTH, newId, rejection } from './fixtures.js';
import { type MakeStore, useStore } from './use-store.js';

function makeCredential(values: Partial<ModelCredential> & Pick<ModelCredential, 'organizationId'>): ModelCredential {
  const sealed = { nonce: 'bm9uY2U=', ciphertext: 'c2VjcmV0' };
  return { provider: 'openai', sealed, hint: 'x9Yz', createdAt: AT, ...values };
}

const CALL: Usage = {
  calls: 1,
  inputTokens: 100,
  cachedInputTokens: 40,
  outputTokens: 20,
  costMicros: 1_234,
  unpricedCalls: 0,
};

export function describeModels(makeStore: MakeStore): void {
  describe('model credentials', () => {
    const store = useStore(makeStore);

    it('are given back with every field as it was, by provider', async () => {
      const organizationId = await insertOrganization(store());
      const openai = makeCredential({ organizationId });
      const anthropic = makeCredential({ organizationId, provider: 'anthropic', hint: 'abcd' });
      await store().models.saveCredential(openai);
      await store().models.saveCredential(anthropic);
      await store().models.saveCredential(makeCredential({ organizationId: await insertOrganization(store()) }));
      expect(await store().models.listCredentials({ organizationId })).toEqual([anthropic, openai]);
      expect(await store().models.getCredential({ organizationId, provider: 'openai' })).toEqual(openai);
      expect(await store().models.getCredential({ organizationId, provider: 'google' })).toBeNull();
    });

    it('replace the one that was there', async () => {
      const organizationId = await insertOrganization(store());
      await store().models.saveCredential(makeCredential({ organizationId }));
      const next = makeCredential({
        organizationId,
        sealed: { nonce: 'b3RoZXI=', ciphertext: 'bmV3' },
        hint: 'new1',
        createdAt: AT + 1,
      });
      await store().models.saveCredential(next);
      expect(await store().models.listCredentials({ organizationId })).toEqual([next]);
    });

    it('are deleted once, and only those of the organization', async () => {
      const organizationId = await insertOrganization(store());
      const other = await insertOrganization(store());
      for (const id of [organizationId, other]) {
        await store().models.saveCredential(makeCredential({ organizationId: id }));
      }
      expect(await store().models.deleteCredential({ organizationId, provider: 'openai' })).toBe(true);
      expect(await store().models.deleteCredential({ organizationId, provider: 'openai' })).toBe(false);
      expect(await store().models.listCredentials({ organizationId: other })).toHaveLength(1);
    });

    it('are refused for an organization that does not exist', async () => {
      const error = await rejection(store().models.saveCredential(makeCredential({ organizationId: newId() })));
      expect(error.code).toBe('not_found');
    });
  });

  describe('model usage', () => {
    const store = useStore(makeStore);

    it('adds up by organization, month and model', async () => {
      const organizationId = await insertOrganization(store());
      const add = (model: string, month: string, usage: Usage, of = organizationId) =>
        store().models.addUsage({ organizationId: of, month, model, usage });
      await add('openai/gpt-5', MONTH, CALL);
      await add('openai/gpt-5', MONTH, { ...CALL, costMicros: 0, unpricedCalls: 1 });
      await add('anthropic/claude', MONTH, CALL);
      await add('openai/gpt-5', '2026-12', CALL);
      await add('openai/gpt-5', MONTH, CALL, await insertOrganization(store()));
      expect(await store().models.listUsage({ organizationId, month: MONTH })).toEqual([
        { model: 'anthropic/claude', usage: CALL },
        {
          model: 'openai/gpt-5',
          usage: {
            calls: 2,
            inputTokens: 200,
            cachedInputTokens: 80,
            outputTokens: 40,
            costMicros: 1_234,
            unpricedCalls: 1,
          },
        },
      ]);
      expect(await store().models.listUsage({ organizationId, month: '2027-01' })).toEqual([]);
    });

    it('is taken back with its transaction', async () => {
      const organizationId = await insertOrganization(store());
      const failed = store().transaction(async (tx) => {
        await tx.models.addUsage({ organizationId, month: MONTH, model: 'openai/gpt-5', usage: CALL });
        throw new Error('taken back');
      });
      await expect(failed).rejects.toThrow('taken back');
      expect(await store().models.listUsage({ organizationId, month: MONTH })).toEqual([]);
      await store().models.addUsage({ organizationId, month: MONTH, model: 'openai/gpt-5', usage: NO_USAGE });
      expect(await store().models.listUsage({ organizationId, month: MONTH })).toEqual([
        { model: 'openai/gpt-5', usage: NO_USAGE },
      ]);
    });
  });

  describe('a log that is rewritten', () => {
    const store = useStore(makeStore);

    it('holds the new events in the place of the old, and the others as they were', async () => {
      const { id: runId } = await insertRun(store(), { organizationId: await insertOrganization(store()) });
      const { id: otherId } = await insertRun(store(), { organizationId: await insertOrganization(store()) });
      await store().log.append({ runId, events: [makeProgress(2), makeProgress(3)] });
      await store().log.append({ runId, events: [makeProgress(4)] });
      await store().log.append({ runId: otherId, events: [makeProgress(3)] });
      await store().log.rewrite({
        runId,
        rewrite: (event) => (event.seq === 3 && event.kind === 'node.progress' ? { ...event, message: 'gone' } : null),
      });
      expect(await store().log.list({ runId, afterSeq: 0, limit: 10 })).toEqual([
        makeProgress(2),
        { ...makeProgress(3), message: 'gone' },
        makeProgress(4),
      ]);
      expect(await store().log.list({ runId: otherId, afterSeq: 0, limit: 10 })).toEqual([makeProgress(3)]);
    });

    it('is as it was when the transaction is taken back, and when there is nothing to change', async () => {
      const { id: runId } = await insertRun(store(), { organizationId: await insertOrganization(store()) });
      await store().log.append({ runId, events: [makeProgress(2)] });
      const failed = store().transaction(async (tx) => {
        await tx.log.rewrite({
          runId,
          rewrite: (event) => (event.kind === 'node.progress' ? { ...event, message: 'gone' } : null),
        });
        throw new Error('taken back');
      });
      await expect(failed).rejects.toThrow('taken back');
      await store().log.rewrite({ runId, rewrite: () => null });
      await store().log.rewrite({ runId: newId(), rewrite: (event) => event });
      expect(await store().log.list({ runId, afterSeq: 0, limit: 10 })).toEqual([makeProgress(2)]);
    });
  });
}
