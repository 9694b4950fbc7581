import { describe, expect, it } from 'vitest';
import { RUN_STATUSES, type Run } from '../../../core/run/run.js';
import type { FoundRuns, SearchRunsQuery } from '../../../core/ports/store/run-store.js';
import type { Store } from '../../../core/ports/store/store.js';
import {
  AT,
  completeRun,
  EVERYTHING,
  insertOrganization,
  makeCommit,
  makeEvents,
  makeRun,
  rejection,
} from '../fixtures.js';
import { type MakeStore, useStore } from '../use-store.js';

interface Kept {
  readonly run: Run;
  readonly terms: readonly string[];
}

export function describeSearch(makeStore: MakeStore): void {
  describe('searches of runs', () => {
    const store = useStore(makeStore);

    it('find what a plain filter of all runs finds, in pages of any size, whatever is asked for', async () => {
      const organizationId = await insertOrganization(store());
      const kept = await insertMany(store(), organizationId);
      for (const query of variousQueries(organizationId, kept)) {
        for (const looksAt of [5_000, 20]) {
          const found = await readAll(store(), { ...query, looksAt });
          expect({ query, looksAt, found }).toEqual({ query, looksAt, found: expectedIds(kept, query) });
        }
      }
    });

    it("find nothing of another organization's runs", async () => {
      const [mine, other] = [await insertOrganization(store()), await insertOrganization(store())];
      await insertWith(store(), makeRun({ organizationId: other }), ['tag=a']);
      for (const terms of [[], ['tag=a']]) {
        const found = await store().runs.search({ ...EVERYTHING, organizationId: mine, terms });
        expect(found).toEqual({ runs: [], nextBeforeId: null });
      }
    });

    it('find a run by what it came to, and no longer once it goes on', async () => {
      const organizationId = await insertOrganization(store());
      const run = makeRun({ organizationId });
      await insertWith(store(), run, ['input.id=1']);
      const find = async (term: string): Promise<readonly string[]> =>
        readAll(store(), { ...EVERYTHING, organizationId, terms: [term] });
      const completed = completeRun(run);
      const end = { run: completed, events: makeEvents(run.version, completed.version) };
      expect(await store().runs.commit(makeCommit({ ...end, terms: ['output.grade=A'] }))).toBe('kept');
      expect([await find('input.id=1'), await find('output.grade=A')]).toEqual([[run.id], [run.id]]);
      const again: Run = { ...completed, status: 'pending', version: completed.version + 1 };
      const retry = { run: again, events: makeEvents(completed.version, again.version), epoch: null };
      await store().runs.commit(makeCommit({ ...retry, clearsOutcome: true }));
      expect([await find('input.id=1'), await find('output.grade=A')]).toEqual([[run.id], []]);
    });

    it('find nothing by a commit that was refused', async () => {
      const organizationId = await insertOrganization(store());
      const run = makeRun({ organizationId });
      await insertWith(store(), run, ['tag=first']);
      await rejection(insertWith(store(), run, ['tag=second']));
      expect(await readAll(store(), { ...EVERYTHING, organizationId, terms: ['tag=second'] })).toEqual([]);
    });

    it('show a run as it stands, and forget it when it is removed', async () => {
      const organizationId = await insertOrganization(store());
      const run = makeRun({ organizationId, tags: ['a'], metadata: { region: 'eu' } });
      await insertWith(store(), run, ['tag=a']);
      const running: Run = { ...run, status: 'running', version: 2, startedAt: AT };
      await store().runs.commit(makeCommit({ run: running, events: makeEvents(1, 2) }));
      const query = { ...EVERYTHING, organizationId, terms: ['tag=a'] };
      const { nodes: _, ...shown } = running;
      expect((await store().runs.search({ ...query, statuses: ['running'] })).runs).toEqual([
        { ...shown, agentCount: 1, usage: null },
      ]);
      expect((await store().runs.search({ ...query, statuses: ['pending'] })).runs).toEqual([]);
      const completed = completeRun(running);
      await store().runs.commit(makeCommit({ run: completed, events: makeEvents(2, 3), terms: ['output.x=1'] }));
      await store().retention.deleteRuns({ organizationId, runIds: [run.id], completedBefore: null });
      expect(await readAll(store(), query)).toEqual([]);
      expect(await readAll(store(), { ...query, terms: ['output.x=1'] })).toEqual([]);
    });

    it('tell values apart that differ only in strange characters', async () => {
      const organizationId = await insertOrganization(store());
      const terms = ['tag=a\u0000', 'tag=a', 'tag=a\u0001', 'tag=A', 'tag=ä', 'tag=a%', 'tag=a '];
      const ids = new Map<string, string>();
      for (const term of terms) {
        const run = makeRun({ organizationId });
        await insertWith(store(), run, [term]);
        ids.set(term, run.id);
      }
      for (const term of terms) {
        expect(await readAll(store(), { ...EVERYTHING, organizationId, terms: [term] })).toEqual([ids.get(term)]);
      }
    });
  });
}

/** 300 runs, each with a few terms, statuses and times of a regular pattern. */
async function insertMany(store: Store, organizationId: string): Promise<readonly Kept[]> {
  const kept = Array.from({ length: 300 }, (_, n): Kept => {
    const status = RUN_STATUSES[n % RUN_STATUSES.length] ?? 'pending';
    const id = idOf(AT + n * 60_000, n);
    const terms = ['tag=all', `tag=third ${n % 3}`, `input.n=${n}`, ...(n % 50 === 7 ? ['metadata.rare=yes'] : [])];
    const workflowId = n % 4 === 0 ? 'one' : 'other';
    return { run: makeRun({ id, organizationId, status, workflowId, createdAt: AT + n * 60_000 }), terms };
  });
  await Promise.all(kept.map(({ run, terms }) => insertWith(store, run, terms)));
  return kept;
}

/** A UUIDv7 of that moment, in an organization whose ids nobody else makes. */
function idOf(at: number, n: number): string {
  const time = at.toString(16).padStart(12, '0');
  const tail = Math.floor(Math.random() * 2 ** 40)
    .toString(16)
    .padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${n.toString(16).padStart(3, '0')}-8000-${tail}`;
}

async function insertWith(store: Store, run: Run, terms: readonly string[]): Promise<void> {
  const created = { idempotency: null, childKey: null };
  await store.runs.commit(makeCommit({ run, events: makeEvents(0, run.version), created, terms }));
}

function* variousQueries(organizationId: string, kept: readonly Kept[]): Generator<SearchRunsQuery> {
  const base = { ...EVERYTHING, organizationId };
  const termLists = [
    [],
    ['tag=all'],
    ['tag=third 1', 'tag=all'],
    ['metadata.rare=yes', 'tag=third 1'],
    ['input.n=17'],
    ['tag=x'],
  ];
  const statusLists: SearchRunsQuery['statuses'][] = [[], ['failed'], ['failed', 'pending', 'running'], RUN_STATUSES];
  for (const terms of termLists) {
    for (const statuses of statusLists) {
      for (const workflowId of [null, 'one', 'none']) yield { ...base, terms, statuses, workflowId, limit: 7 };
    }
    yield { ...base, terms, limit: 1, createdFrom: AT + 280 * 60_000 };
    yield { ...base, terms, limit: 3, createdFrom: AT + 20 * 60_000, createdBefore: AT + 40 * 60_000 };
    yield { ...base, terms, createdBefore: AT };
    yield { ...base, terms, beforeId: kept[150]?.run.id ?? null, createdBefore: AT + 10 * 60_000 };
  }
}

function expectedIds(kept: readonly Kept[], query: SearchRunsQuery): readonly string[] {
  const { statuses, workflowId, terms, createdFrom, createdBefore, beforeId } = query;
  return kept
    .filter(
      ({ run, terms: own }) =>
        (statuses.length === 0 || statuses.includes(run.status)) &&
        (workflowId === null || run.workflowId === workflowId) &&
        (createdFrom === null || run.createdAt >= createdFrom) &&
        (createdBefore === null || run.createdAt < createdBefore) &&
        (beforeId === null || run.id < beforeId) &&
        terms.every((term) => own.includes(term)),
    )
    .map(({ run }) => run.id)
    .toReversed();
}

async function readAll(store: Store, query: SearchRunsQuery): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let beforeId = query.beforeId; ;) {
    const found: FoundRuns = await store.runs.search({ ...query, beforeId });
    ids.push(...found.runs.map(({ id }) => id));
    if (found.nextBeforeId === null) return ids;
    beforeId = found.nextBeforeId;
  }
}
