import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { insertOrganization, insertRun, rejection } from '../../../testing/store-suite/fixtures.js';
import { loadBinding, type SqliteDatabase } from '../connection/binding.js';
import { openSqliteStore, type SqliteStore } from '../sqlite-store.js';

const MIB = 1024 * 1024;
/** Longer than the log is to become. */
const ENOUGH = 48;

let folder: string;
let path: string;
let store: SqliteStore;
let other: SqliteDatabase | undefined;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'errand-log-'));
  path = join(folder, 'errand.db');
  store = await openSqliteStore({ path });
});
afterEach(async () => {
  other?.close();
  other = undefined;
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The numbers that SQLite chooses whenever it begins the log anew. See https://sqlite.org/fileformat2.html#walformat */
const salts = () => readFileSync(`${path}-wal`).toString('hex', 16, 24);
const logSize = () => statSync(`${path}-wal`).size;
const write = (organizationId: string) => insertRun(store, { organizationId, summary: 'x'.repeat(MIB) });

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Another connection, as another program's, that reads the file as it is at this moment. */
async function readFromNow(): Promise<void> {
  const { DatabaseSync } = await loadBinding();
  other = new DatabaseSync(path);
  other.exec('BEGIN');
  other.prepare('SELECT count(*) FROM runs').get();
}

describe('the write-ahead log', () => {
  it('is begun anew when it has become long, and nothing is missing from the database', async () => {
    const organizationId = await insertOrganization(store);
    const before = salts();
    let count = 0;
    for (; salts() === before; count += 1) await write(organizationId);
    const size = logSize();
    expect(size).toBeGreaterThan(30 * MIB);
    // Over what stands there, which is faster to sync than a file that grows.
    for (let n = 0; n < 10; n += 1, count += 1) await write(organizationId);
    expect(logSize()).toBe(size);
    expect((await store.runs.list({ organizationId, limit: 1, offset: 0 })).total).toBe(count);
    await store.close();
    store = await openSqliteStore({ path });
    expect((await store.runs.list({ organizationId, limit: 1, offset: 0 })).total).toBe(count);
  });

  it('is begun anew by relaxed durability, too', async () => {
    await store.close();
    store = await openSqliteStore({ path, durability: 'relaxed' });
    const organizationId = await insertOrganization(store);
    const before = salts();
    for (let n = 0; n < ENOUGH; n += 1) await write(organizationId);
    await write(organizationId);
    await until(() => salts() !== before);
    expect((await store.runs.list({ organizationId, limit: 1, offset: 0 })).total).toBe(ENOUGH + 1);
  });

  it('grows while another program reads the file, and holds nobody up', async () => {
    const organizationId = await insertOrganization(store);
    await readFromNow();
    const before = salts();
    for (let n = 0; n < ENOUGH; n += 1) await write(organizationId);
    expect(logSize()).toBeGreaterThan(ENOUGH * MIB);
    expect(salts()).toBe(before);
    other?.exec('COMMIT');
    while (salts() === before) await write(organizationId);
    expect((await store.runs.list({ organizationId, limit: 1, offset: 0 })).total).toBeGreaterThan(ENOUGH);
  });

  it('is begun anew at a start, and later where a reader was in the way then', async () => {
    const organizationId = await insertOrganization(store);
    const run = await insertRun(store, { organizationId });
    await store.close();
    await readFromNow();
    store = await openSqliteStore({ path });
    // Commits that wait for the disk by themselves.
    const next = await insertRun(store, { organizationId });
    const before = salts();
    other?.exec('COMMIT');
    await until(() => salts() !== before);
    const { runs } = await store.runs.list({ organizationId, limit: 3, offset: 0 });
    expect(runs.map(({ id }) => id)).toEqual([next.id, run.id]);
    await insertRun(store, { organizationId });
    expect((await store.runs.list({ organizationId, limit: 1, offset: 0 })).total).toBe(3);
  });

  it('is in the database when the store has closed, and commits are refused from then on', async () => {
    const organizationId = await insertOrganization(store);
    const started = insertRun(store, { organizationId });
    await store.close();
    expect(statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0).toBe(0);
    const run = await started;
    expect((await rejection(insertRun(store, { organizationId }))).code).toBe('unavailable');
    store = await openSqliteStore({ path });
    expect(await store.runs.get({ organizationId, runId: run.id })).toEqual(run);
  });
});
