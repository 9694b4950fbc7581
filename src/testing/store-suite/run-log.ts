import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../core/run/events.js';
import type { Run } from '../../core/run/run.js';
import {
  AT,
  commitEvents,
  completeRun,
  createRun,
  insertOrganization,
  insertRun,
  makeCommit,
  makeEvents,
  makeProgress,
  makeRun,
  newId,
  rejection,
  saveRun,
} from './fixtures.js';
import { type MakeStore, useStore } from './use-store.js';

function makeOutput(seq: number, length: number): RunEvent {
  return { kind: 'node.completed', seq, at: AT, nodeId: 'crawl', attempt: 1, output: 'x'.repeat(length) };
}

export function describeRunLog(makeStore: MakeStore): void {
  describe('run logs', () => {
    const store = useStore(makeStore);

    /** The id of a run whose log holds these commits. */
    async function insertLog(first: readonly RunEvent[], ...rest: readonly (readonly RunEvent[])[]): Promise<string> {
      const organizationId = await insertOrganization(store());
      let run = makeRun({ organizationId, version: first.length });
      await createRun(store(), run, { events: first });
      for (const events of rest) run = await commitEvents(store(), run, events);
      return run.id;
    }

    it('gives events back in order, as they were', async () => {
      const text = 'NUL \u0000, half a pair \ud83d';
      const events: RunEvent[] = [
        {
          kind: 'run.created',
          seq: 1,
          at: AT,
          input: { url: 'https://a.test', deep: [null, text] },
          instruction: text,
        },
        { kind: 'run.started', seq: 2, at: AT },
        { kind: 'node.completed', seq: 3, at: AT, nodeId: 'crawl', attempt: 1, output: [1.5, { a: null }] },
      ];
      const runId = await insertLog(events.slice(0, 1), events.slice(1));
      expect(await store().log.list({ runId, afterSeq: 0, limit: 100 })).toEqual(events);
    });

    it('gives exactly the events after a sequence number, also from inside a commit', async () => {
      const runId = await insertLog([1, 2, 3].map(makeProgress), [4, 5].map(makeProgress));
      const after = async (afterSeq: number) =>
        (await store().log.list({ runId, afterSeq, limit: 100 })).map((event) => event.seq);
      expect(await after(0)).toEqual([1, 2, 3, 4, 5]);
      expect(await after(2)).toEqual([3, 4, 5]);
      expect(await after(3)).toEqual([4, 5]);
      expect(await after(5)).toEqual([]);
    });

    it('gives at most as many as the limit, and reading on from the last gives the whole log', async () => {
      const commits = Array.from({ length: 20 }, (_, index) => makeEvents(3 * index, 3 * index + 3));
      const [first = [], ...rest] = commits;
      const runId = await insertLog(first, ...rest);
      const seen: number[] = [];
      for (;;) {
        const events = await store().log.list({ runId, afterSeq: seen.at(-1) ?? 0, limit: 7 });
        if (events.length === 0) break;
        expect(events.length).toBeLessThanOrEqual(7);
        seen.push(...events.map((event) => event.seq));
      }
      expect(seen).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
    });

    it('gives a large commit in pages of a megabyte or so', async () => {
      const events = Array.from({ length: 40 }, (_, index) => makeOutput(index + 1, 150_000));
      const runId = await insertLog(events, [makeProgress(41)]);
      const seen: RunEvent[] = [];
      for (;;) {
        const page = await store().log.list({ runId, afterSeq: seen.at(-1)?.seq ?? 0, limit: 1_000 });
        if (page.length === 0) break;
        expect(JSON.stringify(page).length).toBeLessThan(1_500_000);
        seen.push(...page);
      }
      expect(seen).toEqual([...events, makeProgress(41)]);
      expect(await store().log.list({ runId, afterSeq: 7, limit: 2 })).toEqual(events.slice(7, 9));
    });

    it('gives an event that is larger than a page by itself', async () => {
      const events = [makeOutput(1, 2_000_000), makeOutput(2, 2_000_000)];
      const runId = await insertLog(events);
      expect(await store().log.list({ runId, afterSeq: 0, limit: 10 })).toEqual(events.slice(0, 1));
      expect(await store().log.list({ runId, afterSeq: 1, limit: 10 })).toEqual(events.slice(1));
    });

    it('keeps the logs of runs apart', async () => {
      const [one, other] = [await insertLog([makeProgress(1)]), await insertLog([makeOutput(1, 1)])];
      expect(await store().log.list({ runId: one, afterSeq: 0, limit: 10 })).toEqual([makeProgress(1)]);
      expect(await store().log.list({ runId: other, afterSeq: 0, limit: 10 })).toEqual([makeOutput(1, 1)]);
      expect(await store().log.list({ runId: newId(), afterSeq: 0, limit: 10 })).toEqual([]);
    });

    it('refuses a commit that would leave a gap', async () => {
      const organizationId = await insertOrganization(store());
      const run = await insertRun(store(), { organizationId });
      const ahead = makeCommit({ run: { ...run, version: 3 }, events: [makeProgress(3)] });
      expect((await rejection(store().runs.commit(ahead))).code).toBe('internal');
      expect(await store().log.list({ runId: run.id, afterSeq: 0, limit: 10 })).toEqual([makeProgress(1)]);
    });

    it('finds the input and instruction that a run was made with', async () => {
      const input = { url: 'https://a.test' };
      const created: RunEvent[] = [
        { kind: 'run.created', seq: 1, at: AT, input, instruction: 'be brief' },
        { kind: 'run.started', seq: 2, at: AT },
      ];
      const runId = await insertLog(created, [makeProgress(3)]);
      expect(await store().log.getInput({ runId })).toEqual({ input, instruction: 'be brief' });
      expect(await store().log.getInput({ runId: newId() })).toBeNull();
    });

    it('holds an output of several megabytes', async () => {
      const output = 'ä'.repeat(3_000_000);
      const event: RunEvent = { kind: 'node.completed', seq: 1, at: AT, nodeId: 'crawl', attempt: 1, output };
      const runId = await insertLog([event]);
      expect(await store().log.list({ runId, afterSeq: 0, limit: 1 })).toEqual([event]);
    });
  });
  describe('a run without its log', () => {
    const store = useStore(makeStore);

    it('gives a run without its nodes and output, as lists show it, while it goes on and when it has ended', async () => {
      const organizationId = await insertOrganization(store());
      const run = await insertRun(store(), { organizationId });
      const read = (key: { organizationId: string; runId: string }) => store().runs.getItem(key);
      const listed = async () => (await store().runs.list({ organizationId, limit: 1, offset: 0 })).runs[0];
      expect(await read({ organizationId, runId: run.id })).toEqual(await listed());
      const ended: Run = { ...completeRun(run), output: 'long'.repeat(50_000) };
      await saveRun(store(), ended);
      const item = await read({ organizationId, runId: run.id });
      expect(item).toEqual(await listed());
      expect(item).toMatchObject({ id: run.id, status: 'completed', version: ended.version });
      for (const field of ['nodes', 'output']) expect(item).not.toHaveProperty(field);
      expect(await read({ organizationId, runId: newId() })).toBeNull();
      expect(await read({ organizationId: await insertOrganization(store()), runId: run.id })).toBeNull();
      await store().transaction(async (tx) => {
        await saveRun(tx, { ...ended, status: 'running', version: ended.version + 1, completedAt: null });
        const key = { organizationId, runId: run.id };
        expect(await tx.runs.getItem(key)).toMatchObject({ status: 'running', version: ended.version + 1 });
      });
    });
  });
}
