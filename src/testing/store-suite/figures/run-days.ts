import { describe, expect, it } from 'vitest';
import { ALL_WORKFLOWS, dayOf, figuresOf } from '../../../core/estimates/run-days.js';
import type { Usage } from '../../../core/models/models.js';
import type { Run } from '../../../core/run/run.js';
import { AT, completeRun, createRun, insertOrganization, insertRun, makeNode, makeRun, saveRun } from '../fixtures.js';
import { type MakeStore, useStore } from '../use-store.js';

const DAY_MS = 86_400_000;
const TODAY = dayOf(AT);
const USAGE: Usage = {
  calls: 2,
  inputTokens: 10,
  cachedInputTokens: 0,
  outputTokens: 5,
  costMicros: 700,
  unpricedCalls: 1,
};

export function describeRunDays(makeStore: MakeStore): void {
  describe('the figures of days', () => {
    const store = useStore(makeStore);

    const list = (organizationId: string, workflowId = ALL_WORKFLOWS, fromDay = 0) =>
      store().days.list({ organizationId, workflowId, fromDay });
    const figures = async (organizationId: string, workflowId?: string) =>
      figuresOf(await list(organizationId, workflowId));

    async function endRun(values: Partial<Run> & Pick<Run, 'organizationId'>): Promise<Run> {
      const { organizationId, workflowId = 'site_checkup', ...end } = values;
      const run = await insertRun(store(), { organizationId, workflowId });
      const ended = { ...completeRun(run), ...end };
      expect(await saveRun(store(), ended)).toBe('kept');
      return ended;
    }

    it('count runs when they end, by workflow and over all of them, on the day of their end', async () => {
      const organizationId = await insertOrganization(store());
      const other = await insertOrganization(store());
      await insertRun(store(), { organizationId });
      expect(await list(organizationId)).toEqual([]);
      const nodes = [makeNode({ id: 'crawl', usage: USAGE })];
      await endRun({ organizationId, nodes });
      await endRun({ organizationId, workflowId: 'else', status: 'failed', creditsConsumed: 0 });
      await endRun({ organizationId, status: 'cancelled', startedAt: null, completedAt: AT + DAY_MS });
      await endRun({ organizationId: other, status: 'partial_complete' });
      expect(await figures(organizationId, 'site_checkup')).toMatchObject({ ended: 2, completed: 1, cancelled: 1 });
      expect(await list(organizationId, 'else')).toEqual([
        { day: TODAY, measure: 'failed', amount: 1 },
        { day: TODAY, measure: 'took:16', amount: 1 },
      ]);
      expect(await figures(organizationId)).toEqual({
        ended: 3,
        completed: 1,
        partial: 0,
        failed: 1,
        cancelled: 1,
        durationMs: { p50: 5, p95: 5 },
        credits: 50,
        costMicros: 700,
        unpricedRuns: 1,
      });
      const days = new Set((await list(organizationId)).map(({ day }) => day));
      expect([...days]).toEqual([TODAY, TODAY + 1]);
      expect(figuresOf(await list(organizationId, ALL_WORKFLOWS, TODAY + 1))).toMatchObject({ ended: 1, cancelled: 1 });
      expect(await figures(other)).toMatchObject({ ended: 1, partial: 1 });
    });

    it('take back what a run had come to when it is retried, and count it anew when it ends', async () => {
      const organizationId = await insertOrganization(store());
      const failed = await endRun({ organizationId, status: 'failed', creditsConsumed: 4 });
      expect(await figures(organizationId)).toMatchObject({ ended: 1, failed: 1, credits: 4 });
      const retried = {
        ...failed,
        status: 'pending' as const,
        startedAt: null,
        completedAt: null,
        version: failed.version + 1,
      };
      expect(await saveRun(store(), retried)).toBe('kept');
      expect(await list(organizationId)).toEqual([]);
      const again = { ...completeRun(retried), creditsConsumed: 9, completedAt: AT + 3 * DAY_MS };
      expect(await saveRun(store(), again)).toBe('kept');
      expect(await figures(organizationId)).toMatchObject({ ended: 1, completed: 1, failed: 0, credits: 9 });
      expect((await list(organizationId)).map(({ day }) => day)).toEqual([TODAY + 3, TODAY + 3, TODAY + 3]);
    });

    it('add up what many commits at once and one after the other bring', async () => {
      const organizationId = await insertOrganization(store());
      await Promise.all(Array.from({ length: 40 }, () => endRun({ organizationId, creditsConsumed: 2 })));
      await endRun({ organizationId, creditsConsumed: 2 });
      expect(await figures(organizationId)).toMatchObject({ ended: 41, completed: 41, credits: 82 });
    });

    it('hold what a transaction that was taken back has not changed', async () => {
      const organizationId = await insertOrganization(store());
      const work = store().transaction(async (tx) => {
        await createRun(tx, { ...completeRun(makeRun({ organizationId })), version: 1 });
        throw new Error('taken back');
      });
      await expect(work).rejects.toThrow('taken back');
      expect(await list(organizationId)).toEqual([]);
    });

    it('stay when runs are removed, until their days are', async () => {
      const organizationId = await insertOrganization(store());
      const run = await endRun({ organizationId });
      await endRun({ organizationId, completedAt: AT + DAY_MS });
      await store().retention.deleteRuns({ organizationId, runIds: [run.id], completedBefore: null });
      expect(await figures(organizationId)).toMatchObject({ ended: 2 });
      while (await store().days.purge({ beforeDay: TODAY + 1, limit: 1 }));
      expect(await figures(organizationId)).toMatchObject({ ended: 1 });
      expect(new Set((await list(organizationId)).map(({ day }) => day))).toEqual(new Set([TODAY + 1]));
    });
  });
}
