import { describe, expect, it } from 'vitest';
import { NO_USAGE, type Usage } from '../../core/models/models.js';
import type { ModelCredential } from '../../core/ports/store/model-store.js';
import {
  AT,
  MONTH,
  commitEvents,
  EVERYTHING,
  insertOrganization,
  insertRun,
  makeCommit,
  makeEvents,
  makeNode,
  makeProgress,
  newId,
  rejection,
} from './fixtures.js';
import type { ModelUse } from '../../core/ports/store/run-store.js';
import type { Records } from '../../core/ports/store/store.js';
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
        commitUsage(store(), of, { month, model, usage });
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

    it('adds what is used outside of runs', async () => {
      const organizationId = await insertOrganization(store());
      const use = { month: MONTH, model: 'openai/gpt-5', usage: CALL };
      await store().models.addUsage({ organizationId, use });
      await commitUsage(store(), organizationId, use);
      expect(await store().models.listUsage({ organizationId, month: MONTH })).toMatchObject([{ usage: { calls: 2 } }]);
    });

    it('is taken back with its transaction', async () => {
      const organizationId = await insertOrganization(store());
      const failed = store().transaction(async (tx) => {
        await commitUsage(tx, organizationId, { month: MONTH, model: 'openai/gpt-5', usage: CALL });
        throw new Error('taken back');
      });
      await expect(failed).rejects.toThrow('taken back');
      expect(await store().models.listUsage({ organizationId, month: MONTH })).toEqual([]);
      await commitUsage(store(), organizationId, { month: MONTH, model: 'openai/gpt-5', usage: NO_USAGE });
      expect(await store().models.listUsage({ organizationId, month: MONTH })).toEqual([
        { model: 'openai/gpt-5', usage: NO_USAGE },
      ]);
    });
  });

  describe('what models have used for a run', () => {
    const store = useStore(makeStore);

    it('is listed with it while it goes on and once it has ended, and is null when no model was called', async () => {
      const organizationId = await insertOrganization(store());
      await insertRun(store(), { organizationId });
      const run = await insertRun(store(), { organizationId, status: 'running' });
      const listed = async (): Promise<readonly unknown[]> => {
        const { runs } = await store().runs.list({ organizationId, limit: 10, offset: 0 });
        const found = await store().runs.search({ ...EVERYTHING, organizationId });
        expect(found.runs).toEqual(runs);
        return runs.map(({ usage }) => usage);
      };
      expect(await listed()).toEqual([null, null]);
      const nodes = [makeNode({ id: 'a', usage: CALL }), makeNode({ id: 'b', usage: CALL }), makeNode({ id: 'c' })];
      const going = { ...run, version: 2, nodes };
      await store().runs.commit(makeCommit({ run: going, events: makeEvents(1, 2) }));
      const twice = { ...CALL, calls: 2, inputTokens: 200, cachedInputTokens: 80, outputTokens: 40, costMicros: 2_468 };
      expect(await listed()).toEqual([twice, null]);
      const ended = { ...going, version: 3, status: 'completed' as const, completedAt: AT + 5 };
      await store().runs.commit(makeCommit({ run: ended, events: makeEvents(2, 3) }));
      expect(await listed()).toEqual([twice, null]);
      expect(await store().runs.get({ organizationId, runId: run.id })).toEqual(ended);
    });
  });

  describe('a log that is rewritten', () => {
    const store = useStore(makeStore);

    it('holds the new events in the place of the old, and the others as they were', async () => {
      let run = await insertRun(store(), { organizationId: await insertOrganization(store()) });
      const other = await insertRun(store(), { organizationId: await insertOrganization(store()) });
      run = await commitEvents(store(), run, makeEvents(1, 3));
      run = await commitEvents(store(), run, makeEvents(3, 5));
      await commitEvents(store(), other, makeEvents(1, 3));
      const gone = [1, 3, 4].map((seq) => ({ ...makeProgress(seq), message: 'gone' }));
      const next = { ...run, version: 6 };
      await store().runs.commit(makeCommit({ run: next, events: makeEvents(5, 6), rewritten: gone }));
      expect(await store().log.list({ runId: run.id, afterSeq: 0, limit: 10 })).toEqual([
        gone[0],
        makeProgress(2),
        gone[1],
        gone[2],
        ...makeEvents(4, 6),
      ]);
      expect(await store().log.list({ runId: other.id, afterSeq: 0, limit: 10 })).toEqual(makeEvents(0, 3));
    });

    it('is as it was when the transaction is taken back', async () => {
      const run = await insertRun(store(), { organizationId: await insertOrganization(store()) });
      const failed = store().transaction(async (tx) => {
        const rewritten = [{ ...makeProgress(1), message: 'gone' }];
        const next = { ...run, version: 2 };
        await tx.runs.commit(makeCommit({ run: next, events: makeEvents(1, 2), rewritten }));
        throw new Error('taken back');
      });
      await expect(failed).rejects.toThrow('taken back');
      expect(await store().log.list({ runId: run.id, afterSeq: 0, limit: 10 })).toEqual([makeProgress(1)]);
    });
  });
}

/** Commits what models have used with a run of its own. */
async function commitUsage(records: Pick<Records, 'runs'>, organizationId: string, use: ModelUse): Promise<void> {
  const run = await insertRun(records, { organizationId });
  await records.runs.commit(makeCommit({ run: { ...run, version: 2 }, events: makeEvents(1, 2), usage: [use] }));
}
