import { describe, expect, it } from 'vitest';
import type { EventChanges, KeptEvent } from '../../../core/events/kept-event.js';
import type { Run } from '../../../core/run/run.js';
import { AT, insertOrganization, insertRun, makeCommit, makeEvents, newId } from '../fixtures.js';
import { type MakeStore, useStore } from '../use-store.js';

const LIMIT = 100;
const NOW = AT + 10;

function makeEvent(values: Partial<KeptEvent> & Pick<KeptEvent, 'organizationId'>): KeptEvent {
  return {
    id: newId(),
    name: 'order.paid',
    key: '7 \u0000',
    data: { total: 12.5, note: '\u0000' },
    at: AT,
    expiresAt: AT + 3_600_000,
    ...values,
  };
}

const keyOf = ({ id: runId, organizationId }: Run) => ({ runId, organizationId });

export function describeEvents(makeStore: MakeStore): void {
  describe('events', () => {
    const store = useStore(makeStore);

    const insert = async (values: Partial<KeptEvent> = {}, dedupeKey: string | null = null): Promise<KeptEvent> => {
      const organizationId = values.organizationId ?? (await insertOrganization(store()));
      const kept = await store().events.insert({
        event: makeEvent({ ...values, organizationId }),
        dedupeKey,
        limit: LIMIT,
      });
      return kept!.event;
    };
    const makeRun = async (organizationId: string): Promise<Run> => insertRun(store(), { organizationId });
    const change = async (run: Run, eventChanges: EventChanges): Promise<Run> => {
      const next = { ...run, version: run.version + 1 };
      const events = makeEvents(run.version, next.version);
      await store().runs.commit(makeCommit({ run: next, events, eventChanges }));
      return next;
    };
    const findFor = (run: Run, { name, key }: KeptEvent, since = 0) =>
      store().events.findFor({ ...keyOf(run), name, key, since, now: NOW });

    it('keep every field, and are found by name and key in their organization alone', async () => {
      const event = await insert();
      const run = await makeRun(event.organizationId);
      expect(await findFor(run, event)).toEqual(event);
      expect(await findFor(run, { ...event, key: '8' })).toBeNull();
      expect(await findFor(run, { ...event, name: 'order.sent' })).toBeNull();
      expect(await findFor(await makeRun(await insertOrganization(store())), event)).toBeNull();
    });

    it('are found the earliest first, from a moment on, until they expire', async () => {
      const first = await insert();
      const { organizationId } = first;
      const second = await insert({ organizationId, at: AT + 5 });
      const run = await makeRun(organizationId);
      expect((await findFor(run, first))?.id).toBe(first.id);
      expect((await findFor(run, first, AT + 1))?.id).toBe(second.id);
      expect(await findFor(run, first, AT + 6)).toBeNull();
      const gone = await insert({ organizationId, key: 'gone', expiresAt: NOW });
      expect(await findFor(run, gone)).toBeNull();
    });

    it('are kept once for a key of their organization, and up to a limit', async () => {
      const first = await insert({}, 'once');
      const { organizationId } = first;
      expect(await insert({ organizationId, data: 'other' }, 'once')).toEqual(first);
      const other = await insert({}, 'once');
      expect(other.organizationId).not.toBe(organizationId);
      const event = makeEvent({ organizationId });
      expect(await store().events.insert({ event, dedupeKey: null, limit: 1 })).toBeNull();
      const again = await store().events.insert({ event, dedupeKey: 'once', limit: 1 });
      expect(again).toEqual({ event: first, created: false });
      expect(await store().events.insert({ event, dedupeKey: null, limit: 2 })).toEqual({ event, created: true });
    });

    it('are listed in their organization, newest first, page by page, by name, with how many runs took them', async () => {
      const first = await insert();
      const { organizationId } = first;
      const second = await insert({ organizationId, name: 'order.sent', at: AT + 5 });
      const third = await insert({ organizationId, at: AT + 9 });
      const run = await makeRun(organizationId);
      await change(run, { waits: [], taken: [first.id, third.id] });
      await change(await makeRun(organizationId), { waits: [], taken: [first.id] });
      const list = (params: { name?: string; beforeId?: string; limit?: number } = {}) =>
        store().events.list({ organizationId, name: null, beforeId: null, limit: 9, ...params });
      const listed = ({ id, name, key, at, expiresAt }: KeptEvent, taken: number) => {
        return { id, organizationId, name, key, at, expiresAt, taken };
      };
      expect(await list()).toEqual([listed(third, 1), listed(second, 0), listed(first, 2)]);
      expect(await list({ limit: 1 })).toEqual([listed(third, 1)]);
      expect(await list({ beforeId: third.id, limit: 1 })).toEqual([listed(second, 0)]);
      expect(await list({ name: first.name })).toEqual([listed(third, 1), listed(first, 2)]);
      expect(await list({ name: first.name, beforeId: third.id })).toEqual([listed(first, 2)]);
      expect(await store().events.get({ organizationId, id: first.id })).toEqual({ ...first, taken: 2 });
      const other = await insertOrganization(store());
      expect(await list({ organizationId: other } as object)).toEqual([]);
      expect(await store().events.get({ organizationId: other, id: first.id })).toBeNull();
    });

    it('are taken by a run once, and by others still', async () => {
      const event = await insert();
      const run = await makeRun(event.organizationId);
      const other = await makeRun(event.organizationId);
      await change(run, { waits: [], taken: [event.id, event.id] });
      expect(await findFor(run, event)).toBeNull();
      expect(await findFor(other, event)).toEqual(event);
    });

    it('tell who waits for them, page by page, as the latest commit of each run has it', async () => {
      const { organizationId, name, key } = await insert();
      const wait = { nodeId: 'a', name, key, since: AT };
      const runs = [await makeRun(organizationId), await makeRun(organizationId)];
      const [first, second] = [
        await change(runs[0]!, { waits: [wait, { ...wait, nodeId: 'b' }], taken: [] }),
        await change(runs[1]!, { waits: [wait], taken: [] }),
      ];
      await change(await makeRun(organizationId), { waits: [{ ...wait, key: 'other' }], taken: [] });
      const list = (params: { at?: number; afterId?: string | null; limit?: number } = {}) =>
        store().events.listWaiting({ organizationId, name, key, at: AT, afterId: null, limit: 9, ...params });
      const ids = [first.id, second.id].toSorted();
      expect(await list()).toEqual(ids);
      expect(await list({ limit: 1 })).toEqual(ids.slice(0, 1));
      expect(await list({ afterId: ids[0]! })).toEqual(ids.slice(1));
      expect(await list({ at: AT - 1 })).toEqual([]);
      await change(first, { waits: [], taken: [] });
      expect(await list()).toEqual([second.id]);
    });

    it('tell which runs were not told', async () => {
      const event = await insert();
      const { organizationId, name, key } = event;
      const wait = { nodeId: 'a', name, key, since: AT };
      const untold = async () =>
        (await store().events.listUntold({ now: NOW, limit: 1_000 })).filter(
          (run) => run.organizationId === organizationId,
        );
      const late = await makeRun(organizationId);
      await change(late, { waits: [{ ...wait, since: AT + 1 }], taken: [] });
      expect(await untold()).toEqual([]);
      const run = await change(await makeRun(organizationId), { waits: [wait], taken: [] });
      expect(await untold()).toEqual([keyOf(run)]);
      await change(run, { waits: [wait], taken: [event.id] });
      expect(await untold()).toEqual([]);
    });

    it('are removed once they have expired', async () => {
      const gone = await insert({ expiresAt: AT + 1 });
      const kept = await insert({ organizationId: gone.organizationId, expiresAt: AT + 2 });
      const run = await makeRun(gone.organizationId);
      while (await store().events.purge({ now: AT + 1, limit: 1 })) continue;
      const found = await store().events.findFor({ ...keyOf(run), name: gone.name, key: gone.key, since: 0, now: 0 });
      expect(found?.id).toBe(kept.id);
    });
  });
}
