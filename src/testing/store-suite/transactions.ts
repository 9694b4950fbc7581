import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Run } from '../../core/run/run.js';
import type { Records, Store } from '../../core/ports/store/store.js';
import {
  completeRun,
  createRun,
  insertOrganization,
  insertRun,
  makeMovement,
  makeOrganization,
  makeRun,
  moveCredits,
  rejection,
  saveRun,
} from './fixtures.js';
import { type MakeStore, MANY_COMMITS, useStore } from './use-store.js';
import { sumLedger } from '../sum-ledger.js';

export function describeTransactions(makeStore: MakeStore): void {
  describe('transactions', () => {
    const store = useStore(makeStore);

    it('commits all that its work did and resolves with what it returned', async () => {
      const organizationId = await insertOrganization(store());
      const run = makeRun({ organizationId });
      const answer = await store().transaction(async (tx) => {
        await createRun(tx, run, { movement: makeMovement({ organizationId, reservedDelta: 25 }) });
        return 'done';
      });
      expect(answer).toBe('done');
      expect(await traces(store(), run)).toEqual({ run, listed: 1, events: 1, reserved: 25, ledger: 25 });
    });

    it('leaves no trace when its work throws, and rejects with what was thrown', async () => {
      const organizationId = await insertOrganization(store());
      const run = makeRun({ organizationId });
      const thrown = new Error('changed my mind');
      const work = store().transaction(async (tx) => {
        await createRun(tx, run, { movement: makeMovement({ organizationId, reservedDelta: 25 }) });
        throw thrown;
      });
      await expect(work).rejects.toBe(thrown);
      expect(await traces(store(), run)).toEqual({ run: null, listed: 0, events: 0, reserved: 0, ledger: 0 });
    });

    it('lets its work read what it wrote', async () => {
      const organizationId = await insertOrganization(store());
      const run = makeRun({ organizationId });
      await store().transaction(async (tx) => {
        const movement = makeMovement({ organizationId, reservedDelta: 5 });
        await createRun(tx, run, { idempotency: { key: 'k', inputHash: 'h' }, movement });
        expect(await tx.runs.findByIdempotencyKey({ organizationId, key: 'k' })).toEqual({ run, inputHash: 'h' });
        expect((await tx.runs.list({ organizationId, limit: 10, offset: 0 })).total).toBe(1);
        expect((await tx.credits.getAccount({ organizationId }))?.reserved).toBe(5);
        await saveRun(tx, completeRun(run));
        expect((await tx.runs.list({ organizationId, status: 'completed', limit: 10, offset: 0 })).total).toBe(1);
      });
      expect((await store().runs.list({ organizationId, status: 'completed', limit: 10, offset: 0 })).total).toBe(1);
    });

    it('goes on in a transaction whose work caught an error', async () => {
      const organizationId = await insertOrganization(store());
      const run = await insertRun(store(), { organizationId });
      await store().transaction(async (tx) => {
        await rejection(createRun(tx, run));
        await saveRun(tx, completeRun(run));
      });
      expect((await store().runs.get({ organizationId, runId: run.id }))?.status).toBe('completed');
    });

    it('rolls back the one that throws and commits the others that ran beside it', async () => {
      const organizationId = await insertOrganization(store(), 1_000_000);
      const outcomes = await Promise.allSettled(
        Array.from({ length: 100 }, (_, index) =>
          store().transaction(async (tx) => {
            const run = makeRun({ organizationId });
            await createRun(tx, run, { movement: makeMovement({ organizationId, reservedDelta: 10 }) });
            if (index % 7 === 3) throw new Error(`number ${index}`);
            return run;
          }),
        ),
      );
      const committed = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
      const rejected = outcomes.flatMap((outcome, index) => (outcome.status === 'rejected' ? [index] : []));
      expect(rejected).toEqual(Array.from({ length: 14 }, (_, index) => index * 7 + 3));
      const { runs, total } = await store().runs.list({ organizationId, limit: 1_000, offset: 0 });
      expect(total).toBe(committed.length);
      expect(new Set(runs.map((run) => run.id))).toEqual(new Set(committed.map((run) => run.id)));
      expect((await store().credits.getAccount({ organizationId }))?.reserved).toBe(committed.length * 10);
      expect((await sumLedger(store(), { organizationId })).reserved).toBe(committed.length * 10);
    });

    it('never judges by what another transaction rolled back', async () => {
      const organizationId = await insertOrganization(store(), 10);
      const reserve = (then: () => void) =>
        store().transaction(async (tx) => {
          const reserved = await moveCredits(tx, makeMovement({ organizationId, reservedDelta: 10 }));
          then();
          return reserved;
        });
      const [failed, reserved] = await Promise.allSettled([
        reserve(() => {
          throw new Error('gives its credits back');
        }),
        reserve(() => undefined),
      ]);
      expect(failed.status).toBe('rejected');
      expect(reserved).toEqual({ status: 'fulfilled', value: true });
    });

    it('shows readers outside nothing that is not committed', async () => {
      const organizationId = await insertOrganization(store());
      const run = makeRun({ organizationId });
      let read: Promise<Run | null> | undefined;
      await store()
        .transaction(async (tx) => {
          await createRun(tx, run);
          read = store().runs.get({ organizationId, runId: run.id });
          await tx.runs.get({ organizationId, runId: run.id });
          throw new Error('rolled back');
        })
        .catch(() => undefined);
      expect(await read).toBeNull();
    });

    it('reads what was written once the writing resolved', async () => {
      const organizationId = await insertOrganization(store());
      await Promise.all(
        Array.from({ length: 50 }, async () => {
          const run = await insertRun(store(), { organizationId });
          expect((await store().runs.get({ organizationId, runId: run.id }))?.version).toBe(1);
          await saveRun(store(), { ...run, version: 2 });
          expect((await store().runs.get({ organizationId, runId: run.id }))?.version).toBe(2);
        }),
      );
    });

    it('has no transaction inside a transaction', async () => {
      expect(await store().transaction(async (tx) => 'transaction' in tx)).toBe(false);
    });

    it('refuses calls of a transaction that has ended', async () => {
      let escaped: Records | undefined;
      await store().transaction(async (tx) => {
        escaped = tx;
      });
      const error = await rejection(escaped!.organizations.insert(makeOrganization()));
      expect(error.code).toBe('internal');
    });

    it('says that it can be written', async () => {
      await expect(store().checkWritable()).resolves.toBeUndefined();
    });

    it('tells the time, by its own clock or by its newest run', async () => {
      await insertRun(store(), { organizationId: await insertOrganization(store()) });
      const { kind, at } = await store().readTime();
      expect(['clock', 'newest']).toContain(kind);
      expect(new Date(at ?? 0).getFullYear()).toBeGreaterThan(2_020);
    });

    it('counts and sums exactly under random works that commit and throw side by side', MANY_COMMITS, async () => {
      const act = fc.record({
        kind: fc.constantFrom('insert', 'complete', 'insert and complete'),
        workflowId: fc.constantFrom('a', 'b'),
        throws: fc.boolean(),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(fc.array(act, { maxLength: 10 }), { maxLength: 5 }), async (waves) => {
          const organizationId = await insertOrganization(store());
          const pending: Run[] = [];
          const expected = { a: 0, b: 0, completed: 0 };
          for (const wave of waves) {
            await Promise.allSettled(
              wave.map(async ({ kind, workflowId, throws }) => {
                const run = kind === 'complete' ? pending.pop() : makeRun({ organizationId, workflowId });
                if (run === undefined) return;
                await store().transaction(async (tx) => {
                  if (kind !== 'complete') await createRun(tx, run);
                  if (kind !== 'insert') await saveRun(tx, completeRun(run));
                  if (throws) throw new Error('rolled back');
                });
                if (kind !== 'complete') expected[workflowId === 'a' ? 'a' : 'b']++;
                if (kind === 'insert') pending.push(run);
                else expected.completed++;
              }),
            );
          }
          const total = async (filter: object) =>
            (await store().runs.list({ organizationId, ...filter, limit: 1, offset: 0 })).total;
          expect({
            a: await total({ workflowId: 'a' }),
            b: await total({ workflowId: 'b' }),
            completed: await total({ status: 'completed' }),
          }).toEqual(expected);
          expect(await total({})).toBe(expected.a + expected.b);
        }),
        { numRuns: 20 },
      );
    });
  });
}

async function traces(store: Store, { organizationId, id: runId }: Run) {
  return {
    run: await store.runs.get({ organizationId, runId }),
    listed: (await store.runs.list({ organizationId, limit: 10, offset: 0 })).total,
    events: (await store.log.list({ runId, afterSeq: 0, limit: 10 })).length,
    reserved: (await store.credits.getAccount({ organizationId }))?.reserved,
    ledger: (await sumLedger(store, { organizationId })).reserved,
  };
}
