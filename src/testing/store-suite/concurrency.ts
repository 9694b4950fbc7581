import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FIRST_EPOCH, type BegunDrive } from '../../core/ports/store/run-store.js';
import type { Store } from '../../core/ports/store/store.js';
import { noteJson } from '../../core/large-json/known-json.js';
import { applyEvent } from '../../core/run/apply-event.js';
import type { Run } from '../../core/run/run.js';
import {
  completeRun,
  createRun,
  insertOrganization,
  insertRun,
  makeCommit,
  makeEvents,
  makeMovement,
  makeRun,
  moveCredits,
  newId,
} from './fixtures.js';
import { sumLedger } from '../sum-ledger.js';

/** Two stores on one database, as two processes have them. */
export type MakeStores = () => Promise<readonly [Store, Store]>;

export function describeConcurrency(makeStores: MakeStores): void {
  describe('two stores on one database', () => {
    let one: Store;
    let other: Store;
    beforeAll(async () => {
      [one, other] = await makeStores();
    });
    afterAll(async () => {
      await one?.close();
      await other?.close();
    });

    async function begin(store: Store, { organizationId, id: runId }: Run): Promise<BegunDrive> {
      const begun = await store.runs.beginDrive({ organizationId, runId });
      if (begun === null) throw new Error(`There is no run ${runId}`);
      return begun;
    }

    const advance = (run: Run, by = 1): Run => makeEvents(run.version, run.version + by).reduce(applyEvent, run);
    const commit = (store: Store, run: Run, epoch: number | null, events = 1) =>
      store.runs.commit(makeCommit({ run, epoch, events: makeEvents(run.version - events, run.version) }));
    const read = (store: Store, { organizationId, id: runId }: Run) => store.runs.get({ organizationId, runId });
    const logOf = async (store: Store, { id: runId }: Run) =>
      (await store.log.list({ runId, afterSeq: 0, limit: 100 })).map(({ seq }) => seq);

    it('raise the epoch each time that a run is taken up, and give the run as it stands', async () => {
      const run = await insertRun(one, { organizationId: await insertOrganization(one) });
      expect(await commit(one, advance(run), FIRST_EPOCH)).toBe('kept');
      expect(await begin(other, run)).toEqual({ run: advance(run), epoch: FIRST_EPOCH + 1, crashes: 0 });
      expect((await begin(one, run)).epoch).toBe(FIRST_EPOCH + 2);
      expect(await one.runs.beginDrive({ organizationId: run.organizationId, runId: newId() })).toBeNull();
    });

    it('write to one trail at the same time, and leave no gap in it', async () => {
      const organizationId = await insertOrganization(one);
      const actor = { kind: 'key', id: 'k', organizationId } as const;
      const fact = { at: 1, actor, from: null, action: 'a', target: { kind: 't', id: '1' }, before: null, after: null };
      const cancels = await Promise.all(Array.from({ length: 20 }, () => insertRun(one, { organizationId })));
      const commits = cancels.map((run, index) =>
        (index % 2 === 0 ? one : other).runs.commit(
          makeCommit({ run: completeRun(run), events: makeEvents(1, 2), audit: [fact] }),
        ),
      );
      const changes = [one, other, one, other].map((store) =>
        store.transaction((tx) => tx.audit.record({ organizationId, facts: [fact] })),
      );
      await Promise.all([...commits, ...changes]);
      const trail = await other.audit.list({ organizationId, afterSeq: 0, limit: 100 });
      expect(trail.map(({ seq }) => seq)).toEqual(Array.from({ length: 24 }, (_, index) => index + 1));
      expect(trail.slice(1).map(({ previousHash }) => previousHash)).toEqual(
        trail.slice(0, -1).map(({ hash }) => hash),
      );
    });

    it('keep nothing of a driver that was superseded, be it ahead, behind or at the end', async () => {
      const organizationId = await insertOrganization(one);
      const run = await insertRun(one, { organizationId });
      const first = await begin(one, run);
      const second = await begin(other, run);
      expect(await commit(one, advance(run), first.epoch)).toBe('superseded');
      expect(await commit(other, advance(run), second.epoch)).toBe('kept');
      expect(await commit(one, advance(run), first.epoch)).toBe('superseded');
      expect(await commit(one, advance(run, 2), first.epoch)).toBe('superseded');
      const movement = makeMovement({ organizationId, runId: run.id, kind: 'settle', usedDelta: 25 });
      const usage = [
        {
          month: movement.month,
          model: 'openai/a',
          usage: { calls: 1, inputTokens: 1, cachedInputTokens: 0, outputTokens: 1, costMicros: 1, unpricedCalls: 0 },
        },
      ];
      const ended = completeRun(advance(run));
      const end = makeCommit({ run: ended, events: makeEvents(2, 3), epoch: first.epoch, movement, usage });
      expect(await one.runs.commit(end)).toBe('superseded');
      for (const store of [one, other]) {
        expect(await read(store, run)).toEqual(advance(run));
        expect(await logOf(store, run)).toEqual([1, 2]);
        expect(await sumLedger(store, { organizationId })).toEqual({ reserved: 0, toppedUp: 0, usedByMonth: {} });
        expect(await store.models.listUsage({ organizationId, month: movement.month })).toEqual([]);
      }
      expect(await other.runs.commit({ ...end, epoch: second.epoch })).toBe('kept');
      expect(await read(one, run)).toEqual(ended);
      expect((await sumLedger(one, { organizationId })).usedByMonth).toEqual({ [movement.month]: 25 });
    });

    it('keep the output of the driver that ended the run, however long those of others are', async () => {
      const run = await insertRun(one, { organizationId: await insertOrganization(one) });
      const first = await begin(one, run);
      const second = await begin(other, run);
      const endWith = (text: string, epoch: number) => {
        const ended = { ...completeRun(run), output: text.repeat(1_500_000) };
        noteJson(ended, JSON.stringify(ended.output));
        return { ...makeCommit({ run: ended, events: makeEvents(run.version, ended.version), epoch }), ended };
      };
      const [early, right, late] = [endWith('a', first.epoch), endWith('b', second.epoch), endWith('c', first.epoch)];
      expect(await one.runs.commit(early)).toBe('superseded');
      expect(await read(one, run)).toEqual(run);
      expect(await other.runs.commit(right)).toBe('kept');
      expect(await one.runs.commit(late)).toBe('superseded');
      for (const store of [one, other]) expect((await read(store, run))?.output === right.ended.output).toBe(true);
      expect(await other.runs.commit(right)).toBe('repeated');
      expect((await read(one, run))?.output === right.ended.output).toBe(true);
    });

    it('tell a driver that its commit went through before, whatever came of it since', async () => {
      const run = await insertRun(one, { organizationId: await insertOrganization(one) });
      const { epoch } = await begin(one, run);
      expect(await commit(one, advance(run), epoch)).toBe('kept');
      expect(await commit(one, advance(run), epoch)).toBe('repeated');
      expect(await commit(one, advance(run, 2), epoch)).toBe('kept');
      expect(await commit(other, advance(run), epoch)).toBe('repeated');
      expect(await logOf(other, run)).toEqual([1, 2, 3]);
    });

    it('keep a change by somebody who does not drive the run only if it is as it was read, and supersede the driver', async () => {
      const run = await insertRun(one, { organizationId: await insertOrganization(one) });
      const { epoch } = await begin(one, run);
      const ended = completeRun(run);
      expect(await commit(one, ended, epoch)).toBe('kept');
      const retried: Run = { ...run, status: 'pending', version: ended.version + 1 };
      const outcomes = await Promise.all([commit(one, retried, null), commit(other, retried, null)]);
      expect(outcomes.toSorted()).toEqual(['kept', 'superseded']);
      expect(await commit(one, advance(retried), epoch)).toBe('superseded');
      expect((await begin(other, run)).run).toEqual(retried);
    });

    it('let one of two drivers that take a run up at once go on', async () => {
      const organizationId = await insertOrganization(one);
      for (let round = 0; round < 20; round += 1) {
        const run = await insertRun(one, { organizationId });
        const begun = await Promise.all([begin(one, run), begin(other, run)]);
        const outcomes = await Promise.all(
          begun.map(({ epoch }, index) => commit(index === 0 ? one : other, advance(run), epoch)),
        );
        expect(outcomes.toSorted()).toEqual(['kept', 'superseded']);
        expect(await logOf(one, run)).toEqual([1, 2]);
      }
    });

    it('make one run for an idempotency key, and reserve to the last credit and not one more', async () => {
      const organizationId = await insertOrganization(one, 100);
      const stores = [one, other];
      const make = (store: Store) =>
        createRun(store, makeRun({ organizationId }), {
          idempotency: { key: 'k', inputHash: 'h' },
          movement: makeMovement({ organizationId, reservedDelta: 10 }),
        });
      const made = await Promise.allSettled(Array.from({ length: 10 }, (_, index) => make(stores[index % 2] ?? one)));
      expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const reserved = await Promise.all(
        Array.from({ length: 40 }, (_, index) =>
          moveCredits(stores[index % 2] ?? one, makeMovement({ organizationId, reservedDelta: 5 })),
        ),
      );
      expect(reserved.filter(Boolean)).toHaveLength(18);
      for (const store of stores) {
        expect(await store.credits.getAccount({ organizationId })).toMatchObject({ reserved: 100 });
        expect((await store.runs.list({ organizationId, limit: 1, offset: 0 })).total).toBe(19);
      }
    });
  });
}
