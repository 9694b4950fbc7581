import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../core/run/events.js';
import { AT, makeProgress, newId, rejection } from './fixtures.js';
import { type MakeStore, useStore } from './use-store.js';

function makeOutput(seq: number, length: number): RunEvent {
  return { kind: 'node.completed', seq, at: AT, nodeId: 'crawl', attempt: 1, output: 'x'.repeat(length) };
}

export function describeRunLog(makeStore: MakeStore): void {
  describe('run logs', () => {
    const store = useStore(makeStore);

    it('gives events back in order, as they were', async () => {
      const runId = newId();
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
      await store().log.append({ runId, events: events.slice(0, 1) });
      await store().log.append({ runId, events: events.slice(1) });
      expect(await store().log.list({ runId, afterSeq: 0, limit: 100 })).toEqual(events);
    });

    it('gives exactly the events after a sequence number, also from inside a commit', async () => {
      const runId = newId();
      await store().log.append({ runId, events: [1, 2, 3].map(makeProgress) });
      await store().log.append({ runId, events: [4, 5].map(makeProgress) });
      const after = async (afterSeq: number) =>
        (await store().log.list({ runId, afterSeq, limit: 100 })).map((event) => event.seq);
      expect(await after(0)).toEqual([1, 2, 3, 4, 5]);
      expect(await after(2)).toEqual([3, 4, 5]);
      expect(await after(3)).toEqual([4, 5]);
      expect(await after(5)).toEqual([]);
    });

    it('gives at most as many as the limit, and reading on from the last gives the whole log', async () => {
      const runId = newId();
      for (let seq = 1; seq <= 60; seq += 3) {
        await store().log.append({ runId, events: [seq, seq + 1, seq + 2].map(makeProgress) });
      }
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
      const runId = newId();
      const events = Array.from({ length: 40 }, (_, index) => makeOutput(index + 1, 150_000));
      await store().log.append({ runId, events });
      await store().log.append({ runId, events: [makeProgress(41)] });
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
      const runId = newId();
      const events = [makeOutput(1, 2_000_000), makeOutput(2, 2_000_000)];
      await store().log.append({ runId, events });
      expect(await store().log.list({ runId, afterSeq: 0, limit: 10 })).toEqual(events.slice(0, 1));
      expect(await store().log.list({ runId, afterSeq: 1, limit: 10 })).toEqual(events.slice(1));
    });

    it('keeps the logs of runs apart', async () => {
      const [one, other] = [newId(), newId()];
      await store().log.append({ runId: one, events: [makeProgress(1)] });
      expect(await store().log.list({ runId: other, afterSeq: 0, limit: 10 })).toEqual([]);
    });

    it('refuses an event whose sequence number is taken', async () => {
      const runId = newId();
      await store().log.append({ runId, events: [makeProgress(1)] });
      const error = await rejection(store().log.append({ runId, events: [makeProgress(1)] }));
      expect(error.code).toBe('conflict');
    });

    it('writes nothing for no events', async () => {
      const runId = newId();
      await store().log.append({ runId, events: [] });
      expect(await store().log.list({ runId, afterSeq: 0, limit: 10 })).toEqual([]);
    });

    it('finds the input and instruction that a run was made with', async () => {
      const runId = newId();
      const input = { url: 'https://a.test' };
      await store().log.append({
        runId,
        events: [
          { kind: 'run.created', seq: 1, at: AT, input, instruction: 'be brief' },
          { kind: 'run.started', seq: 2, at: AT },
        ],
      });
      await store().log.append({ runId, events: [makeProgress(3)] });
      expect(await store().log.getInput({ runId })).toEqual({ input, instruction: 'be brief' });
      expect(await store().log.getInput({ runId: newId() })).toBeNull();
    });

    it('holds an output of several megabytes', async () => {
      const runId = newId();
      const output = 'ä'.repeat(3_000_000);
      const event: RunEvent = { kind: 'node.completed', seq: 1, at: AT, nodeId: 'crawl', attempt: 1, output };
      await store().log.append({ runId, events: [event] });
      expect(await store().log.list({ runId, afterSeq: 0, limit: 1 })).toEqual([event]);
    });
  });
}
