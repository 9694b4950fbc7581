import { describe, expect, it } from 'vitest';
import type { Run, RunListItem, RunStatus } from '../../core/run/run.js';
import type { ListRunsQuery } from '../../core/ports/store/run-store.js';
import type { Store } from '../../core/ports/store/store.js';
import { workflowKeyOfRun } from '../../core/workflow/workflow-key.js';
import {
  AT,
  completeRun,
  createRun,
  insertOrganization,
  insertRun,
  makeNode,
  makeRun,
  newId,
  rejection,
  saveRun,
} from './fixtures.js';
import { type MakeStore, useStore } from './use-store.js';

const ENDED: Partial<Run> = { startedAt: AT, completedAt: AT + 1 };

export function describeRuns(makeStore: MakeStore): void {
  describe('runs', () => {
    const store = useStore(makeStore);

    it('gives a run back as it was', async () => {
      const organizationId = await insertOrganization(store());
      const run = await insertRun(store(), { organizationId });
      const kept = await store().runs.get({ organizationId, runId: run.id });
      expect(kept).toEqual(run);
      expect(kept).not.toHaveProperty('output');
    });

    it('keeps every field of an ended run, strange text included', async () => {
      const organizationId = await insertOrganization(store());
      const text = 'NUL \u0000, half a pair \ud83d, 😀';
      const run = await insertRun(store(), {
        ...ENDED,
        organizationId,
        status: 'partial_complete',
        workflowName: text,
        summary: text,
        error: { kind: 'timeout', message: text, nodeId: null },
        outputError: text,
        nodes: [
          makeNode({
            id: 'links',
            role: 'link-checker',
            label: text,
            status: 'failed',
            attempt: 3,
            progress: 40,
            message: text,
            findings: text,
            error: { kind: 'http_5xx', message: text },
            waitingUntil: AT,
            startedAt: AT,
            completedAt: AT + 1,
          }),
        ],
        output: { [text]: [text, null, 1.5, -0.25, 1e300, { __proto__x: true }] },
      });
      expect(await store().runs.get({ organizationId, runId: run.id })).toEqual(run);
    });

    it('keeps how often the work of a run was cut off, for whoever takes it up', async () => {
      const organizationId = await insertOrganization(store());
      const run = await insertRun(store(), { organizationId });
      const key = { organizationId, runId: run.id };
      await store().runs.noteCutOff({ ...key, times: 2 });
      await store().runs.noteCutOff({ ...key, times: 1 });
      await store().runs.noteCutOff({ ...key, organizationId: newId(), times: 3 });
      expect(await store().runs.beginDrive(key)).toMatchObject({ crashes: 2 });
      expect(await store().runs.listCrashed({ atLeast: 2 })).toContain(run.id);
    });

    it('tells which versions runs are on, newest first, from a run on', async () => {
      const organizationId = await insertOrganization(store());
      const runs: Run[] = [];
      for (const workflowVersion of [1, 3, 2]) {
        // Ids of one millisecond have an order, too.
        const own = workflowVersion === 2 ? { ownWorkflow: true as const } : {};
        const run = makeRun({ organizationId, workflowVersion, ...own });
        await createRun(store(), run);
        runs.push(run);
      }
      const [first, second, third] = runs
        .toSorted((a, b) => (a.id < b.id ? -1 : 1))
        .map((run) => ({ runId: run.id, workflowId: workflowKeyOfRun(run), version: run.workflowVersion }));
      expect(await store().runs.listVersions({ upTo: third?.runId ?? '', limit: 2 })).toEqual([third, second]);
      expect(await store().runs.listVersions({ upTo: first?.runId ?? '', limit: 1 })).toEqual([first]);
      const [newest] = await store().runs.listVersions({ upTo: null, limit: 1 });
      expect((newest?.runId ?? '') >= (third?.runId ?? 'none')).toBe(true);
      await saveRun(store(), { ...completeRun(runs[0] ?? makeRun({ organizationId })), version: 9 });
      await store().retention.deleteRuns({ organizationId, runIds: [runs[0]?.id ?? ''], completedBefore: null });
      expect(await store().runs.listVersions({ upTo: runs[0]?.id ?? '', limit: 1 })).not.toContainEqual(
        expect.objectContaining({ runId: runs[0]?.id }),
      );
    });

    it('keeps which node of which run started a run, in lists too', async () => {
      const organizationId = await insertOrganization(store());
      const parent = { runId: newId(), nodeId: 'each', depth: 2 };
      const run = await insertRun(store(), { organizationId, parent });
      expect(await store().runs.get({ organizationId, runId: run.id })).toEqual(run);
      const { runs } = await store().runs.list({ organizationId, limit: 10, offset: 0 });
      expect(runs[0]).toMatchObject({ id: run.id, parent });
    });

    it('tells an output of null from no output', async () => {
      const organizationId = await insertOrganization(store());
      const run = await insertRun(store(), { ...ENDED, organizationId, status: 'completed', output: null });
      expect(await store().runs.get({ organizationId, runId: run.id })).toHaveProperty('output', null);
    });

    it('gives an ended run as it stands, also when it goes on after it was read', async () => {
      const organizationId = await insertOrganization(store());
      const ended = completeRun(await insertRun(store(), { organizationId }));
      await saveRun(store(), ended);
      const read = () => store().runs.get({ organizationId, runId: ended.id });
      expect([await read(), await read()]).toEqual([ended, ended]);
      const again: Run = { ...ended, status: 'running', version: ended.version + 1, completedAt: null };
      const taken = store().transaction(async (tx) => {
        await saveRun(tx, again);
        expect(await tx.runs.get({ organizationId, runId: ended.id })).toEqual(again);
        throw new Error('taken back');
      });
      await expect(taken).rejects.toThrow('taken back');
      expect(await read()).toEqual(ended);
      await saveRun(store(), again);
      expect(await read()).toEqual(again);
      const other = { ...again, status: 'failed', version: again.version + 1, completedAt: AT + 20 } as const;
      await saveRun(store(), other);
      expect([await read(), await read()]).toEqual([other, other]);
    });

    it("gives null for a run that does not exist and for another organization's", async () => {
      const organizationId = await insertOrganization(store());
      const run = await insertRun(store(), { organizationId });
      expect(await store().runs.get({ organizationId, runId: newId() })).toBeNull();
      expect(await store().runs.get({ organizationId: await insertOrganization(store()), runId: run.id })).toBeNull();
      expect(await store().runs.get({ organizationId, runId: `${run.id}\u0000` })).toBeNull();
    });

    it('refuses a second run with the same id', async () => {
      const organizationId = await insertOrganization(store());
      const run = await insertRun(store(), { organizationId });
      const error = await rejection(createRun(store(), run));
      expect(error.code).toBe('conflict');
      expect(error.details).toEqual({ reason: 'id' });
    });

    it('replaces a record by one with a higher version', async () => {
      const organizationId = await insertOrganization(store());
      const run = await insertRun(store(), { organizationId });
      const progressed = {
        ...run,
        version: 4,
        nodes: [makeNode({ id: 'crawl', status: 'running', progress: 50 }), run.nodes[1]!],
      };
      expect(await saveRun(store(), progressed)).toBe('kept');
      expect(await store().runs.get({ organizationId, runId: run.id })).toEqual(progressed);
      const completed = completeRun(progressed);
      expect(await saveRun(store(), completed)).toBe('kept');
      expect(await store().runs.get({ organizationId, runId: run.id })).toEqual(completed);
    });

    it('keeps a record against one of the same or a lower version', async () => {
      const organizationId = await insertOrganization(store());
      const run = await insertRun(store(), { organizationId, version: 5 });
      expect(await saveRun(store(), { ...run, status: 'running' })).toBe('repeated');
      expect(await saveRun(store(), { ...run, status: 'running', version: 4 })).toBe('repeated');
      expect(await store().runs.get({ organizationId, runId: run.id })).toEqual(run);
      expect(await count(store(), { organizationId, status: 'pending' })).toBe(1);
    });

    it('saves no run that was never inserted', async () => {
      const organizationId = await insertOrganization(store());
      const run = makeRun({ organizationId });
      expect(await saveRun(store(), run)).toBe('superseded');
      expect(await store().runs.get({ organizationId, runId: run.id })).toBeNull();
    });
  });

  describe('idempotency keys', () => {
    const store = useStore(makeStore);

    it('finds a run by its key, in its organization only', async () => {
      const organizationId = await insertOrganization(store());
      const run = makeRun({ organizationId });
      await createRun(store(), run, { idempotency: { key: 'order-7', inputHash: 'abc' } });
      expect(await store().runs.findByIdempotencyKey({ organizationId, key: 'order-7' })).toEqual({
        run,
        inputHash: 'abc',
      });
      const other = await insertOrganization(store());
      expect(await store().runs.findByIdempotencyKey({ organizationId: other, key: 'order-7' })).toBeNull();
    });

    it('refuses a second run with the same key in the same organization', async () => {
      const organizationId = await insertOrganization(store());
      const idempotency = { key: 'order-7', inputHash: 'abc' };
      await createRun(store(), makeRun({ organizationId }), { idempotency });
      const error = await rejection(createRun(store(), makeRun({ organizationId }), { idempotency }));
      expect(error.code).toBe('conflict');
      expect(error.details).toEqual({ reason: 'idempotency_key' });
      const other = await insertOrganization(store());
      await createRun(store(), makeRun({ organizationId: other }), { idempotency });
      expect(await count(store(), { organizationId })).toBe(1);
      expect(await count(store(), { organizationId: other })).toBe(1);
    });

    it('lets one of many parallel runs with the same key through', async () => {
      const organizationId = await insertOrganization(store());
      const idempotency = { key: 'order-7', inputHash: 'abc' };
      const outcomes = await Promise.allSettled(
        Array.from({ length: 50 }, () => createRun(store(), makeRun({ organizationId }), { idempotency })),
      );
      expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
      expect(await count(store(), { organizationId })).toBe(1);
    });

    it('tells keys apart that differ only behind a NUL or in half a surrogate pair', async () => {
      const organizationId = await insertOrganization(store());
      const keys = ['k', 'k\u0000', 'k\u0000a', 'k\ud800', 'k\ud801', 'k\ufffd', 'k\u00010000'];
      for (const key of keys) {
        await createRun(store(), makeRun({ organizationId }), { idempotency: { key, inputHash: key } });
      }
      for (const key of keys) {
        expect((await store().runs.findByIdempotencyKey({ organizationId, key }))?.inputHash).toBe(key);
      }
    });
  });

  describe('runs that runs have started', () => {
    const store = useStore(makeStore);

    const childOf = (parent: Run): Run => {
      const { organizationId, id: runId } = parent;
      return makeRun({ organizationId, parent: { runId, nodeId: 'call', depth: 1 } });
    };

    it('are found by what their parent knows them by, in their organization only', async () => {
      const organizationId = await insertOrganization(store());
      const [first, second] = [
        await insertRun(store(), { organizationId }),
        await insertRun(store(), { organizationId }),
      ];
      const children = [childOf(first), childOf(second)];
      for (const run of children) await createRun(store(), run, { childKey: 'call:1' });
      const find = (parent: Run, key: string) =>
        store().runs.findChild({ organizationId, parentRunId: parent.id, key });
      expect([await find(first, 'call:1'), await find(second, 'call:1')]).toEqual(children);
      expect(await find(first, 'call:2')).toBeNull();
      const other = await insertOrganization(store());
      const params = { organizationId: other, parentRunId: first.id, key: 'call:1' };
      expect(await store().runs.findChild(params)).toBeNull();
    });

    it('are one for each key of one parent, whatever idempotency keys callers have used', async () => {
      const organizationId = await insertOrganization(store());
      const parent = await insertRun(store(), { organizationId });
      const taken = { key: 'call:1', inputHash: 'abc' };
      await createRun(store(), makeRun({ organizationId }), { idempotency: taken });
      const start = () => createRun(store(), childOf(parent), { childKey: 'call:1' });
      const outcomes = await Promise.allSettled(Array.from({ length: 10 }, start));
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await rejection(start())).toMatchObject({ code: 'conflict', details: { reason: 'child_key' } });
    });

    it('are the newest record of theirs', async () => {
      const organizationId = await insertOrganization(store());
      const parent = await insertRun(store(), { organizationId });
      const run = childOf(parent);
      await createRun(store(), run, { childKey: 'call:1' });
      const completed = completeRun(run);
      await saveRun(store(), completed);
      expect(await store().runs.findChild({ organizationId, parentRunId: parent.id, key: 'call:1' })).toEqual(
        completed,
      );
    });
  });

  describe('lists of runs', () => {
    const store = useStore(makeStore);

    it('lists everything about a run but its nodes and output', async () => {
      const organizationId = await insertOrganization(store());
      const run = completeRun(await insertRun(store(), { organizationId }));
      await saveRun(store(), run);
      const { nodes: _nodes, output: _output, ...listed } = run;
      const { runs } = await store().runs.list({ organizationId, limit: 10, offset: 0 });
      expect(runs).toEqual([{ ...listed, agentCount: 1, usage: null }]);
    });

    it('lists newest first, a page at a time, and counts all that fits', async () => {
      const organizationId = await insertOrganization(store());
      const ids: string[] = [];
      for (let index = 0; index < 7; index++) ids.unshift((await insertRun(store(), { organizationId })).id);
      const page = async (offset: number) => {
        const { runs, total } = await store().runs.list({ organizationId, limit: 3, offset });
        expect(total).toBe(7);
        return runs.map((run) => run.id);
      };
      expect(await page(0)).toEqual(ids.slice(0, 3));
      expect(await page(3)).toEqual(ids.slice(3, 6));
      expect(await page(6)).toEqual(ids.slice(6));
      expect(await page(9)).toEqual([]);
    });

    it('lists the runs before one, whatever was started since', async () => {
      const organizationId = await insertOrganization(store());
      const ids: string[] = [];
      for (let index = 0; index < 4; index++) ids.unshift((await insertRun(store(), { organizationId })).id);
      const older = (filter: { status?: RunStatus; workflowId?: string }, beforeId: string | undefined) =>
        store().runs.list({
          organizationId,
          ...filter,
          ...(beforeId === undefined ? {} : { beforeId }),
          limit: 2,
          offset: 0,
        });
      const { runs } = await older({}, undefined);
      const last = runs.at(-1);
      await insertRun(store(), { organizationId });
      expect((await older({}, last?.id)).runs.map((run) => run.id)).toEqual(ids.slice(2));
      const filter = { status: last?.status ?? 'pending', workflowId: last?.workflowId ?? '' };
      const again = await older(filter, last?.id);
      expect(again.runs.map((run) => run.id)).toEqual(ids.slice(2));
      expect(again.total).toBe(5);
    });

    it('filters by status and by workflow, alone and together', async () => {
      const organizationId = await insertOrganization(store());
      const statuses: RunStatus[] = ['pending', 'running', 'completed', 'failed'];
      for (const workflowId of ['a', 'b']) {
        for (const status of statuses) {
          await insertRun(store(), {
            organizationId,
            workflowId,
            status,
            ...(status === 'completed' || status === 'failed' ? ENDED : {}),
          });
        }
      }
      for (const workflowId of [undefined, 'a', 'b', 'c']) {
        for (const status of [undefined, ...statuses, 'cancelled' as const]) {
          const query = { organizationId, ...(workflowId && { workflowId }), ...(status && { status }) };
          const { runs, total } = await store().runs.list({ ...query, limit: 100, offset: 0 });
          const fits = (run: RunListItem) =>
            run.status === (status ?? run.status) && run.workflowId === (workflowId ?? run.workflowId);
          const workflows = workflowId === undefined ? 2 : workflowId === 'c' ? 0 : 1;
          const expected = workflows * (status === undefined ? 4 : status === 'cancelled' ? 0 : 1);
          const seen = { workflowId, status, total, listed: runs.length, fit: runs.filter(fits).length };
          expect(seen).toEqual({ workflowId, status, total: expected, listed: expected, fit: expected });
        }
      }
    });

    it('moves a run from list to list as its status changes', async () => {
      const organizationId = await insertOrganization(store());
      const run = await insertRun(store(), { organizationId });
      const counts = async () =>
        Promise.all(
          (['pending', 'running', 'completed'] as const).map((status) => count(store(), { organizationId, status })),
        );
      expect(await counts()).toEqual([1, 0, 0]);
      await saveRun(store(), { ...run, status: 'running', version: 2, startedAt: AT });
      expect(await counts()).toEqual([0, 1, 0]);
      await saveRun(store(), completeRun({ ...run, version: 2 }));
      expect(await counts()).toEqual([0, 0, 1]);
    });

    it("shows nothing of another organization's runs", async () => {
      await insertRun(store(), { organizationId: await insertOrganization(store()) });
      const organizationId = await insertOrganization(store());
      expect(await store().runs.list({ organizationId, limit: 10, offset: 0 })).toEqual({ runs: [], total: 0 });
    });

    it('lists unfinished runs of every organization, oldest first, a page at a time', async () => {
      const marker = (await insertRun(store(), { organizationId: await insertOrganization(store()) })).id;
      const first = await insertRun(store(), { organizationId: await insertOrganization(store()) });
      const ended = await insertRun(store(), { organizationId: first.organizationId });
      const second = await insertRun(store(), { organizationId: await insertOrganization(store()), status: 'running' });
      await saveRun(store(), completeRun(ended));
      expect(await store().runs.listUnfinished({ afterId: marker, limit: 1 })).toEqual([first]);
      expect(await store().runs.listUnfinished({ afterId: first.id, limit: 10 })).toEqual([second]);
      expect(await store().runs.listUnfinished({ afterId: second.id, limit: 10 })).toEqual([]);
      const all = await store().runs.listUnfinished({ afterId: null, limit: 1_000 });
      expect(all.map((run) => run.id)).toEqual(expect.arrayContaining([marker, first.id, second.id]));
      expect(all.map((run) => run.id)).not.toContain(ended.id);
    });
  });
}

async function count(store: Store, query: Omit<ListRunsQuery, 'limit' | 'offset'>): Promise<number> {
  const { runs, total } = await store.runs.list({ ...query, limit: 1_000, offset: 0 });
  if (runs.length !== total) throw new Error(`the total is ${total}, but ${runs.length} runs are listed`);
  return total;
}
