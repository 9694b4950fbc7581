import { describe, expect, it } from 'vitest';
import { NO_USAGE } from '../../../core/models/models.js';
import type { Run } from '../../../core/run/run.js';
import {
  createRun,
  insertOrganization,
  makeCommit,
  makeEvents,
  makeMovement,
  makeRun,
  newId,
  rejection,
} from '../fixtures.js';
import { type MakeStore, useStore } from '../use-store.js';

const LIMITS = { shared: true, cost: 2, credits: 30 };

export function describeSharedBudgets(makeStore: MakeStore): void {
  describe('budgets that runs share', () => {
    const store = useStore(makeStore);

    /** A run that draws from its own budget, or from that of another; it reserves so many credits. */
    async function start(organizationId: string, reservedDelta: number, above?: Run): Promise<Run> {
      const id = newId();
      const run = makeRun({
        id,
        organizationId,
        sharedBudgets: above === undefined ? [id] : [...(above.sharedBudgets ?? [])],
      });
      const movement = makeMovement({ organizationId, runId: id, reservedDelta });
      await createRun(store(), run, { movement, ...(above === undefined ? { budget: LIMITS } : {}) });
      return run;
    }
    const budgetOf = async (run: Run) => (await store().runs.listBudgets({ runIds: [run.id] }))[0];

    it('hold what their runs reserve, settle and use, and refuse one that would reserve more than is left', async () => {
      const organizationId = await insertOrganization(store());
      const parent = await start(organizationId, 10);
      const child = await start(organizationId, 15, parent);
      expect(await budgetOf(parent)).toEqual({
        runId: parent.id,
        limits: LIMITS,
        calls: 0,
        tokens: 0,
        costMicros: 0,
        credits: 25,
      });
      const refused = await rejection(start(organizationId, 6, parent));
      expect([refused.code, refused.details]).toEqual(['conflict', { reason: 'shared_budget' }]);
      expect(await store().credits.getAccount({ organizationId })).toMatchObject({ reserved: 25 });
      const next = { ...child, version: child.version + 1 };
      const usage = { ...NO_USAGE, calls: 2, inputTokens: 70, outputTokens: 5, costMicros: 9 };
      const commit = makeCommit({
        run: next,
        events: makeEvents(child.version, next.version),
        movement: makeMovement({ organizationId, runId: child.id, kind: 'settle', reservedDelta: -15, usedDelta: 4 }),
        usage: [{ month: '2026-11', model: 'test/one', usage }],
      });
      expect(await store().runs.commit(commit)).toBe('kept');
      expect(await store().runs.commit(commit)).toBe('repeated');
      expect(await budgetOf(parent)).toMatchObject({ calls: 2, tokens: 75, costMicros: 9, credits: 14 });
      await start(organizationId, 16, parent);
      expect(await budgetOf(parent)).toMatchObject({ credits: 30 });
      expect((await store().runs.get({ organizationId, runId: child.id }))?.sharedBudgets).toEqual([parent.id]);
    });

    it('let as many through at once as there are credits for', async () => {
      const organizationId = await insertOrganization(store());
      const parent = await start(organizationId, 0);
      const outcomes = await Promise.allSettled(Array.from({ length: 40 }, () => start(organizationId, 5, parent)));
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(6);
      expect(await budgetOf(parent)).toMatchObject({ credits: 30 });
      expect(await store().credits.getAccount({ organizationId })).toMatchObject({ reserved: 30 });
    });

    it('are not there for runs without one, and leave with their run', async () => {
      const organizationId = await insertOrganization(store());
      const parent = await start(organizationId, 0);
      expect(await store().runs.listBudgets({ runIds: [newId()] })).toEqual([]);
      const ended = { ...parent, status: 'cancelled' as const, version: parent.version + 1, completedAt: 9 };
      await store().runs.commit(makeCommit({ run: ended, events: makeEvents(parent.version, ended.version) }));
      await store().retention.deleteRuns({ organizationId, runIds: [parent.id], completedBefore: null });
      expect(await budgetOf(parent)).toBeUndefined();
    });
  });
}
