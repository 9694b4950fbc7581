import { describe, expect, it } from 'vitest';
import { isErrandError } from '../../../core/errors.js';
import type { CommitRunParams, CommitVerdict } from '../../../core/ports/store/run-store.js';
import type { Run } from '../../../core/run/run.js';
import {
  insertOrganization,
  insertRun,
  makeCommit,
  makeEvents,
  makeMovement,
  makeRun,
  newId,
  rejection,
} from '../fixtures.js';
import { type MakeStore, useStore } from '../use-store.js';

export function describeBatches(makeStore: MakeStore): void {
  describe('many commits at once', () => {
    const store = useStore(makeStore);

    it('keep each of them, and refuse each that would have been refused by itself', async () => {
      const organizationId = await insertOrganization(store(), 100);
      const there = await insertRun(store(), { organizationId });
      const commits = [
        makeOne(organizationId, { credits: 60, key: 'a' }),
        makeOne(organizationId, { run: there }),
        makeOne(organizationId, { credits: 41, key: 'b' }),
        makeOne(organizationId, { credits: 40, key: 'c', terms: ['tag=x'] }),
        makeOne(organizationId, { credits: 1 }),
      ];
      const verdicts = await store().runs.commitAll(commits);
      expect(verdicts.map(codeOf)).toEqual([
        'kept',
        'conflict',
        'insufficient_credits',
        'kept',
        'insufficient_credits',
      ]);
      for (const [index, { run }] of commits.entries()) {
        const kept = await store().runs.get({ organizationId, runId: run.id });
        expect(kept !== null).toBe(index === 0 || index === 1 || index === 3);
      }
      expect(await store().credits.getAccount({ organizationId })).toMatchObject({ reserved: 100, used: 0 });
      expect(await store().credits.listMovements({ organizationId, limit: 10, offset: 0 })).toHaveLength(2);
      expect(await store().runs.findByIdempotencyKey({ organizationId, key: 'b' })).toBeNull();
      expect((await store().runs.list({ organizationId, limit: 10, offset: 0 })).total).toBe(3);
    });

    it('may be as many as a batch has, with conflicts among them', async () => {
      const organizationId = await insertOrganization(store());
      const before = makeOne(organizationId, { key: 'key 700' });
      await store().runs.commit(before);
      const commits = Array.from({ length: 1_000 }, (_, n) => makeOne(organizationId, { key: `key ${n}` }));
      const verdicts = await store().runs.commitAll(commits);
      expect(verdicts.flatMap((verdict, n) => (codeOf(verdict) === 'kept' ? [] : [n]))).toEqual([700]);
      expect((await store().runs.list({ organizationId, limit: 1, offset: 0 })).total).toBe(1_000);
    });

    it('are all or nothing with what else a transaction does', async () => {
      const organizationId = await insertOrganization(store());
      const commits = [makeOne(organizationId, {}), makeOne(organizationId, {})];
      await rejection(
        store().transaction(async (tx) => {
          await tx.runs.commitAll(commits);
          await tx.organizations.insert({ id: organizationId, slug: 'taken', name: 'n', createdAt: 0 });
        }),
      );
      expect((await store().runs.list({ organizationId, limit: 1, offset: 0 })).total).toBe(0);
    });
  });
}

interface One {
  readonly run?: Run;
  readonly credits?: number;
  readonly key?: string;
  readonly terms?: readonly string[];
}

function makeOne(
  organizationId: string,
  { run = makeRun({ organizationId }), credits, key, terms = [] }: One,
): CommitRunParams {
  const idempotency = key === undefined ? null : { key, inputHash: 'hash' };
  const movement =
    credits === undefined ? null : makeMovement({ id: newId(), organizationId, runId: run.id, reservedDelta: credits });
  return makeCommit({ run, events: makeEvents(0, 1), created: { idempotency, childKey: null }, movement, terms });
}

function codeOf(verdict: CommitVerdict): string {
  if (verdict.ok) return verdict.outcome;
  return isErrandError(verdict.error) ? verdict.error.code : 'other';
}
