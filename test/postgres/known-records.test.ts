/** What a process has read before, while others change it. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { KnownRuns } from '../../src/store/postgres/caches/known-runs.js';
import { PostgresPool } from '../../src/store/postgres/connection/pool.js';
import type { Sql } from '../../src/store/postgres/connection/sql.js';
import { openPostgresStore, type PostgresStore } from '../../src/store/postgres/postgres-store.js';
import type { RunEvent } from '../../src/core/run/events.js';
import type { Run } from '../../src/core/run/run.js';
import {
  AT,
  commitEvents,
  completeRun,
  insertOrganization,
  insertRun,
  makeKey,
  makeNode,
  makeProgress,
  newId,
  saveRun,
} from '../../src/testing/store-suite/fixtures.js';
import { startTestPostgres, type TestPostgres } from './test-postgres.js';

let postgres: TestPostgres;
let url: string;
let pool: PostgresPool;
let store: PostgresStore;
let losses: number;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
beforeEach(async () => {
  losses = 0;
  url = await postgres.emptyDatabase();
  store = await openPostgresStore({ url, isShared: true });
  pool = await PostgresPool.open({ url, durability: 'full' });
});
afterEach(() => Promise.all([store.close(), pool.close()]));
afterAll(() => postgres.stop());

/** What is asked of the database, as tables and columns. */
function counted(): { readonly sql: Sql; readonly asked: string[] } {
  const asked: string[] = [];
  const note = (text: string): void => void asked.push(text.includes('runs.*') ? 'rows' : 'marks');
  return {
    asked,
    sql: {
      all: (text, values) => {
        note(text);
        return pool.all(text, values);
      },
      run: (text, values) => pool.run(text, values),
    },
  };
}

const keyOf = ({ organizationId, id: runId }: Run) => ({ organizationId, runId });

describe('an API key', () => {
  it('that is revoked within a transaction is not let in by this process from then on', async () => {
    const key = makeKey({ organizationId: await insertOrganization(store) });
    await store.keys.insert(key);
    expect((await store.keys.find({ hash: key.hash }))?.revokedAt).toBeNull();
    await store.transaction((tx) => tx.keys.revoke({ organizationId: key.organizationId, id: key.id, at: AT }));
    expect((await store.keys.find({ hash: key.hash }))?.revokedAt).toBe(AT);
  });

  it('that another process revokes is let in for less than a second', async () => {
    const key = makeKey({ organizationId: await insertOrganization(store) });
    await store.keys.insert(key);
    await store.keys.find({ hash: key.hash });
    await pool.run('UPDATE api_keys SET revoked_at = $1 WHERE id = $2', [AT, key.id]);
    const revokedAt = async () => (await store.keys.find({ hash: key.hash }))?.revokedAt;
    await expect.poll(revokedAt, { timeout: 1_000 }).toBe(AT);
  });
});

describe('marks of commits', () => {
  it('of connections that are long gone are removed by who comes next', async () => {
    await pool.run("INSERT INTO commit_marks VALUES ('old', 1, now() - interval '2 hours'), ('new', 1, now())");
    await (await openPostgresStore({ url, isShared: true })).close();
    expect(await pool.all("SELECT connection FROM commit_marks WHERE connection IN ('old', 'new')")).toEqual([
      { connection: 'new' },
    ]);
  });
});

describe('a run that is read again', () => {
  it('is not read whole while its row is the same, however often it is asked for', async () => {
    const organizationId = await insertOrganization(store);
    const runs = [await insertRun(store, { organizationId }), await insertRun(store, { organizationId })];
    const { sql, asked } = counted();
    const known = new KnownRuns({ sql, losses: () => losses });
    const first = await known.getEach(runs.map(keyOf));
    expect(first).toEqual(runs);
    const again = await known.getEach([...runs, ...runs].map(keyOf));
    expect(again.map((run, index) => run === first[index % 2])).toEqual([true, true, true, true]);
    expect(asked).toEqual(['rows', 'marks']);
  });

  it('is what another process has made of it by then', async () => {
    const organizationId = await insertOrganization(store);
    const run = await insertRun(store, { organizationId });
    const same = await insertRun(store, { organizationId });
    const { sql, asked } = counted();
    const known = new KnownRuns({ sql, losses: () => losses });
    await known.getEach([run, same].map(keyOf));
    const ended = completeRun(run);
    await saveRun(store, ended);
    expect(await known.getEach([run, same].map(keyOf))).toEqual([ended, same]);
    // A change that makes no event.
    await pool.run(`UPDATE runs SET outcome = '{"summary":"other","error":null,"outputError":null}'`);
    expect((await known.getEach([keyOf(run)]))[0]?.summary).toBe('other');
    await pool.run('DELETE FROM runs WHERE id = $1', [run.id]);
    expect(await known.getEach([run, same].map(keyOf))).toEqual([null, expect.objectContaining({ summary: 'other' })]);
    expect(asked.filter((what) => what === 'rows')).toHaveLength(4);
  });

  it("is not another organization's", async () => {
    const organizationId = await insertOrganization(store);
    const run = await insertRun(store, { organizationId });
    const known = new KnownRuns({ sql: pool, losses: () => losses });
    const keys = [keyOf(run), { organizationId: newId(), runId: run.id }];
    for (let times = 0; times < 2; times += 1) expect(await known.getEach(keys)).toEqual([run, null]);
  });

  it('is what its log says, which its row may lag behind', async () => {
    const organizationId = await insertOrganization(store);
    const nodes = Array.from({ length: 40 }, (_, index) => makeNode({ id: `n${index}`, status: 'running' }));
    let run = await insertRun(store, { organizationId, nodes, status: 'running' });
    const known = new KnownRuns({ sql: pool, losses: () => losses });
    for (let seq = run.version + 1; seq < 6; seq += 1) {
      run = await commitEvents(store, run, [{ ...makeProgress(seq), nodeId: 'n0' } as RunEvent]);
      for (let times = 0; times < 2; times += 1) expect(await known.getEach([keyOf(run)])).toEqual([run]);
    }
    const [row] = await postgres.query(`SELECT version > row_version AS lags FROM runs WHERE id = '${run.id}'`, url);
    expect(row).toEqual({ lags: true });
  });

  it('is read anew after a connection has broken: another database may be there, which gives marks out anew', async () => {
    const organizationId = await insertOrganization(store);
    const run = await insertRun(store, { organizationId });
    const { sql, asked } = counted();
    const known = new KnownRuns({ sql, losses: () => losses });
    await known.getEach([keyOf(run)]);
    losses += 1;
    await known.getEach([keyOf(run)]);
    expect(asked).toEqual(['rows', 'rows']);
  });

  it('is read each time where it is long', async () => {
    const organizationId = await insertOrganization(store);
    const run = await insertRun(store, { organizationId });
    const long = { ...completeRun(run), output: { text: 'x'.repeat(20_000) } };
    await saveRun(store, long);
    const { sql, asked } = counted();
    const known = new KnownRuns({ sql, losses: () => losses });
    for (let times = 0; times < 2; times += 1) expect(await known.getEach([keyOf(run)])).toEqual([long]);
    expect(asked).toEqual(['rows', 'rows']);
  });
});
