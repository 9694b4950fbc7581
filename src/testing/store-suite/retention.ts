import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { noteJson } from '../../core/large-json/known-json.js';
import { logPages } from '../../core/ports/store/log-pages.js';
import type { RunEvent } from '../../core/run/events.js';
import type { Run } from '../../core/run/run.js';
import type { Store } from '../../core/ports/store/store.js';
import {
  AT,
  completeRun,
  createRun,
  insertOrganization,
  makeCommit,
  makeMovement,
  makeProgress,
  makeRun,
  moveCredits,
  newId,
  rejection,
  saveRun,
} from './fixtures.js';
import { type MakeStore, useStore } from './use-store.js';
import { sumLedger } from '../sum-ledger.js';

export function describeRetention(makeStore: MakeStore): void {
  describe('removing runs', () => {
    const store = useStore(makeStore);

    async function insertEnded(values: Partial<Run> & Pick<Run, 'organizationId'>, events = 3): Promise<Run> {
      const run = makeRun(values);
      const ended = { ...completeRun({ ...run, version: events }), ...values };
      const first = { ...run, version: 1 };
      await createRun(store(), first, { idempotency: { key: `key of ${run.id}`, inputHash: 'h' } });
      for (let seq = 2; seq <= events; seq += 1) await saveRun(store(), { ...run, version: seq });
      await saveRun(store(), ended);
      return ended;
    }

    const rest = (organizationId: string) => ({ organizationId, limit: 100, offset: 0 });
    const purgeAll = async (kept: Store): Promise<number> => {
      let steps = 1;
      while (await kept.retention.purge({ limit: 2 })) steps += 1;
      return steps;
    };

    it('lists ended runs of a status, oldest first, a page at a time', async () => {
      const organizationId = await insertOrganization(store());
      const first = await insertEnded({ organizationId });
      const second = await insertEnded({ organizationId });
      await insertEnded({ organizationId, status: 'failed' });
      await insertEnded({ organizationId: await insertOrganization(store()) });
      await createRun(store(), makeRun({ organizationId }));
      const query = { organizationId, status: 'completed', limit: 1 } as const;
      const page = await store().retention.listEnded({ ...query, afterId: null });
      expect(page).toEqual([{ id: first.id, createdAt: first.createdAt, completedAt: AT + 10 }]);
      expect(await store().retention.listEnded({ ...query, afterId: first.id })).toMatchObject([{ id: second.id }]);
      expect(await store().retention.listEnded({ ...query, afterId: second.id })).toEqual([]);
    });

    it('removes the record, its idempotency key and its log, and keeps its credit movements and every total right', async () => {
      const organizationId = await insertOrganization(store());
      const kept = await insertEnded({ organizationId });
      const run = await insertEnded({ organizationId }, 7);
      await moveCredits(store(), makeMovement({ organizationId, usedDelta: 25 }));
      // Read before, as a store may remember what it read.
      expect(await store().runs.get({ organizationId, runId: run.id })).toEqual(run);
      const deleted = await store().retention.deleteRuns({
        organizationId,
        runIds: [run.id, newId()],
        completedBefore: null,
      });
      expect(deleted).toBe(1);
      expect(await store().runs.get({ organizationId, runId: run.id })).toBeNull();
      expect(await store().runs.findByIdempotencyKey({ organizationId, key: `key of ${run.id}` })).toBeNull();
      const { runs, total } = await store().runs.list({ ...rest(organizationId), status: 'completed' });
      expect([runs.map(({ id }) => id), total]).toEqual([[kept.id], 1]);
      expect((await sumLedger(store(), { organizationId })).usedByMonth).toEqual({ '2026-11': 25 });
      expect(await purgeAll(store())).toBeGreaterThan(3);
      expect(await store().log.list({ runId: run.id, afterSeq: 0, limit: 100 })).toEqual([]);
      expect(await store().log.list({ runId: kept.id, afterSeq: 0, limit: 100 })).not.toEqual([]);
    });

    it('keeps long outputs with their runs, over retries and until they are removed', async () => {
      const organizationId = await insertOrganization(store());
      const run = makeRun({ organizationId });
      await createRun(store(), run, { idempotency: { key: 'k', inputHash: 'h' } });
      const long = { ...completeRun(run), output: { text: 'ü'.repeat(300_000) } };
      await saveRun(store(), long);
      expect(await store().runs.get({ organizationId, runId: run.id })).toEqual(long);
      expect((await store().runs.findByIdempotencyKey({ organizationId, key: 'k' }))?.run).toEqual(long);
      const retried: Run = { ...run, status: 'pending', version: long.version + 1 };
      await saveRun(store(), retried);
      expect(await store().runs.get({ organizationId, runId: run.id })).toEqual(retried);
      const again = { ...completeRun(retried), output: ['again', 'x'.repeat(70_000)] };
      await saveRun(store(), again);
      expect(await store().runs.get({ organizationId, runId: run.id })).toEqual(again);
      expect(await store().retention.deleteRuns({ organizationId, runIds: [run.id], completedBefore: null })).toBe(1);
      await purgeAll(store());
      await createRun(store(), run);
      await saveRun(store(), long);
      expect(await store().runs.get({ organizationId, runId: run.id })).toEqual(long);
    });

    it('keeps very long outputs and events whole, whatever their characters, until their runs are removed', async () => {
      const organizationId = await insertOrganization(store());
      const run = makeRun({ organizationId, version: 1 });
      await createRun(store(), run, { idempotency: { key: 'k', inputHash: 'h' } });
      const output = { text: `a${'\u{1F600}'.repeat(800_000)}\u0000"`, more: '\ud83d漢'.repeat(200_000) };
      const event: RunEvent = { seq: 2, at: AT, kind: 'node.completed', nodeId: 'crawl', attempt: 1, output };
      noteJson(event, JSON.stringify(event));
      const [before, after] = [makeProgress(1), makeProgress(3)];
      await store().runs.commit(makeCommit({ run: { ...run, version: 3 }, events: [event, after] }));
      const listed: RunEvent[] = [];
      for await (const page of logPages(store(), { runId: run.id, afterSeq: 0 })) listed.push(...page);
      expect(isDeepStrictEqual(listed, [before, event, after])).toBe(true);
      const long = { ...completeRun({ ...run, version: 3 }), output };
      noteJson(long, JSON.stringify(output));
      await saveRun(store(), long);
      const key = { organizationId, runId: run.id };
      expect(isDeepStrictEqual(await store().runs.get(key), long)).toBe(true);
      expect(
        isDeepStrictEqual((await store().runs.findByIdempotencyKey({ organizationId, key: 'k' }))?.run, long),
      ).toBe(true);
      const [first, second] = [0, 2].map((afterSeq) => ({ runId: run.id, afterSeq, limit: 100 }));
      const seen = await store().transaction(async (tx) => [
        await tx.runs.get(key),
        [...(await tx.log.list(first!)), ...(await tx.log.list(second!))],
      ]);
      expect(isDeepStrictEqual(seen, [long, [before, event, after, makeProgress(4)]])).toBe(true);
      await saveRun(store(), { ...run, status: 'pending', version: 5 });
      expect((await store().runs.get(key))?.output).toBeUndefined();
      const again = { ...completeRun({ ...run, version: 5 }), output: { ...output, more: 'less' } };
      noteJson(again, JSON.stringify(again.output));
      await saveRun(store(), again);
      expect(isDeepStrictEqual(await store().runs.get(key), again)).toBe(true);
      const stripped: RunEvent = { ...event, output: null };
      await store().runs.commit(
        makeCommit({ run: { ...again, version: 7 }, events: [makeProgress(7)], rewritten: [stripped] }),
      );
      expect(await store().log.list({ runId: run.id, afterSeq: 1, limit: 1 })).toEqual([stripped]);
      expect(await store().retention.deleteRuns({ organizationId, runIds: [run.id], completedBefore: null })).toBe(1);
      expect(await purgeAll(store())).toBeGreaterThan(2);
      expect(await store().runs.get(key)).toBeNull();
      expect(await store().log.list({ runId: run.id, afterSeq: 0, limit: 10 })).toEqual([]);
    });

    it('keeps a very long event that a run is made with, and nothing of one that is refused', async () => {
      const organizationId = await insertOrganization(store(), 10);
      const output = { text: '漢'.repeat(1_500_000) };
      const eventsOf = (): RunEvent[] => {
        const long: RunEvent = { seq: 2, at: AT, kind: 'node.completed', nodeId: 'crawl', attempt: 1, output };
        noteJson(long, JSON.stringify(long));
        return [makeProgress(1), long, makeProgress(3)];
      };
      const run = makeRun({ organizationId, version: 3 });
      await createRun(store(), run, { events: eventsOf() });
      const refused = makeRun({ organizationId, version: 3 });
      const movement = makeMovement({ organizationId, runId: refused.id, reservedDelta: 11 });
      expect(await rejection(createRun(store(), refused, { events: eventsOf(), movement }))).toMatchObject({
        code: 'insufficient_credits',
      });
      await purgeAll(store());
      const listed: RunEvent[] = [];
      for await (const page of logPages(store(), { runId: run.id, afterSeq: 0 })) listed.push(...page);
      expect(isDeepStrictEqual(listed, eventsOf())).toBe(true);
      expect(await store().log.list({ runId: refused.id, afterSeq: 0, limit: 10 })).toEqual([]);
    });

    it('leaves runs that go on, that ended later, and of other organizations', async () => {
      const organizationId = await insertOrganization(store());
      const running = makeRun({ organizationId, status: 'running' });
      await createRun(store(), running);
      const late = await insertEnded({ organizationId, completedAt: AT + 1_000 });
      const foreign = await insertEnded({ organizationId: await insertOrganization(store()) });
      const runIds = [running.id, late.id, foreign.id];
      expect(await store().retention.deleteRuns({ organizationId, runIds, completedBefore: AT + 999 })).toBe(0);
      expect(await store().retention.deleteRuns({ organizationId, runIds, completedBefore: AT + 1_000 })).toBe(1);
      expect((await store().runs.list(rest(organizationId))).runs.map(({ id }) => id)).toEqual([running.id]);
    });

    it('leaves a run whose parent goes on', async () => {
      const organizationId = await insertOrganization(store());
      const parent = makeRun({ organizationId, status: 'running' });
      await createRun(store(), parent);
      const child = await insertEnded({ organizationId, parent: { runId: parent.id, nodeId: 'call', depth: 1 } });
      const remove = { organizationId, runIds: [child.id], completedBefore: null };
      expect(await store().retention.deleteRuns(remove)).toBe(0);
      await saveRun(store(), completeRun(parent));
      expect(await store().retention.deleteRuns(remove)).toBe(1);
    });
  });
}
