import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunEventBody } from '../../../core/run/events.js';
import type { Run } from '../../../core/run/run.js';
import type { Store } from '../../../core/ports/store/store.js';
import { AT, commitEvents, insertOrganization, insertRun, saveRun } from '../../../testing/store-suite/fixtures.js';
import { loadBinding } from '../connection/binding.js';
import { openSqliteStore } from '../sqlite-store.js';

let folder = '';
let files = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'errand-live-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const newPath = () => join(folder, `${++files}.db`);

async function record(store: Pick<Store, 'runs'>, run: Run, body: RunEventBody): Promise<Run> {
  return commitEvents(store, run, [{ ...body, seq: run.version + 1, at: AT + run.version }]);
}

/** What a crash of the machine would leave of the file at this moment: the files as they are on disk. */
function crashCopy(path: string): string {
  const copy = newPath();
  for (const end of ['', '-wal']) if (existsSync(path + end)) copyFileSync(path + end, copy + end);
  return copy;
}

async function rowsAt(path: string): Promise<{ id: string; status: string; version: number }[]> {
  const { DatabaseSync } = await loadBinding();
  const db = new DatabaseSync(crashCopy(path));
  const rows = db.prepare('SELECT id, status, version FROM runs ORDER BY id').all();
  db.close();
  return rows as { id: string; status: string; version: number }[];
}

const start: RunEventBody = { kind: 'run.started' };
const startNode: RunEventBody = { kind: 'node.started', nodeId: 'crawl', attempt: 1 };
const endNode: RunEventBody = { kind: 'node.completed', nodeId: 'crawl', attempt: 1, output: { pages: 3 } };
const complete: RunEventBody = { kind: 'run.completed', output: { n: 1 }, summary: 'done', creditsConsumed: 25 };

describe('the record of a run under way', () => {
  it('is kept in its log alone until the run ends, and read in its newest form', async () => {
    const path = newPath();
    const store = await openSqliteStore({ path });
    const organizationId = await insertOrganization(store);
    const created = await insertRun(store, { organizationId });
    let run = await record(store, await record(store, created, start), startNode);
    run = await record(store, run, endNode);
    expect(await rowsAt(path)).toMatchObject([{ status: 'pending', version: 1 }]);
    expect(await store.runs.get({ organizationId, runId: run.id })).toEqual(run);
    const listed = await store.runs.list({ organizationId, limit: 5, offset: 0 });
    expect(listed.runs).toMatchObject([{ status: 'running', version: 4, agentCount: 1 }]);
    const ended = await record(store, run, complete);
    expect(await rowsAt(path)).toMatchObject([{ status: 'completed', version: 5 }]);
    expect(await store.runs.get({ organizationId, runId: run.id })).toEqual(ended);
    await store.close();
  });

  it('is the same after a crash, folded from the log', async () => {
    const path = newPath();
    const store = await openSqliteStore({ path });
    const organizationId = await insertOrganization(store);
    const run = await record(store, await record(store, await insertRun(store, { organizationId }), start), startNode);
    const after = await openSqliteStore({ path: crashCopy(path) });
    expect(await after.runs.get({ organizationId, runId: run.id })).toEqual(run);
    expect(await after.runs.listUnfinished({ afterId: null, limit: 5 })).toEqual([run]);
    const ended = await record(after, await record(after, run, endNode), complete);
    expect(await after.runs.get({ organizationId, runId: run.id })).toEqual(ended);
    expect((await after.runs.list({ organizationId, status: 'completed', limit: 5, offset: 0 })).total).toBe(1);
    await after.close();
    await store.close();
  });

  it('is found by the status that it has come to', async () => {
    const path = newPath();
    const store = await openSqliteStore({ path });
    const organizationId = await insertOrganization(store);
    const waiting = await insertRun(store, { organizationId });
    const run = await record(store, await insertRun(store, { organizationId }), start);
    const list = async (from: Store, status: 'pending' | 'running') => {
      const { runs, total } = await from.runs.list({ organizationId, status, limit: 5, offset: 0 });
      return { ids: runs.map(({ id }) => id), total };
    };
    expect(await list(store, 'running')).toEqual({ ids: [run.id], total: 1 });
    expect(await list(store, 'pending')).toEqual({ ids: [waiting.id], total: 1 });
    const after = await openSqliteStore({ path: crashCopy(path) });
    expect(await list(after, 'running')).toEqual({ ids: [run.id], total: 1 });
    await after.close();
    await store.close();
  });

  it('is as it was when the transaction that changed it fails, alone or beside others', async () => {
    const path = newPath();
    const store = await openSqliteStore({ path });
    const organizationId = await insertOrganization(store);
    const run = await record(store, await insertRun(store, { organizationId }), start);
    const other = await insertRun(store, { organizationId });
    const failing = store.transaction(async (tx) => {
      await record(tx, run, startNode);
      throw new Error('no');
    });
    const [failed, started] = await Promise.allSettled([failing, record(store, other, start)]);
    expect([failed.status, started.status]).toEqual(['rejected', 'fulfilled']);
    expect(await store.runs.get({ organizationId, runId: run.id })).toEqual(run);
    expect(await store.runs.get({ organizationId, runId: other.id })).toMatchObject({ status: 'running', version: 2 });
    expect(await saveRun(store, run)).toBe('repeated');
    await store.close();
  });

  it('is written after all when there are more of them than are to be held in memory', async () => {
    const path = newPath();
    const store = await openSqliteStore({ path });
    const organizationId = await insertOrganization(store);
    const runs = await Promise.all(Array.from({ length: 4_200 }, () => insertRun(store, { organizationId })));
    const started = await Promise.all(runs.map((run) => record(store, run, start)));
    const rows = await rowsAt(path);
    expect(rows.filter(({ version }) => version === 1)).toHaveLength(4_096);
    expect(rows.filter(({ status, version }) => status === 'running' && version === 2)).toHaveLength(104);
    for (const run of [started[0], started[4_199]]) {
      expect(await store.runs.get({ organizationId, runId: run?.id ?? '' })).toEqual(run);
    }
    await store.close();
  });
});
