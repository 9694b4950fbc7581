/** Runs that a process has read before, while others change them. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { KnownRuns } from '../../src/store/postgres/caches/known-runs.js';
import { PostgresPool } from '../../src/store/postgres/connection/pool.js';
import type { Sql } from '../../src/store/postgres/connection/sql.js';
import { openPostgresStore, type PostgresStore } from '../../src/store/postgres/postgres-store.js';
import type { Run } from '../../src/core/run/run.js';
import { completeRun, insertOrganization, insertRun, newId, saveRun } from '../../src/testing/store-suite/fixtures.js';
import { startTestPostgres, type TestPostgres } from './test-postgres.js';

let postgres: TestPostgres;
let url: string;
let pool: PostgresPool;
let store: PostgresStore;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
beforeEach(async () => {
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

describe('a run that is read again', () => {
  it('is not read whole while its row is the same, however often it is asked for', async () => {
    const organizationId = await insertOrganization(store);
    const runs = [await insertRun(store, { organizationId }), await insertRun(store, { organizationId })];
    const { sql, asked } = counted();
    const known = new KnownRuns(sql);
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
    const known = new KnownRuns(sql);
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
    const known = new KnownRuns(pool);
    const keys = [keyOf(run), { organizationId: newId(), runId: run.id }];
    for (let times = 0; times < 2; times += 1) expect(await known.getEach(keys)).toEqual([run, null]);
  });

  it('is read each time where it is long', async () => {
    const organizationId = await insertOrganization(store);
    const run = await insertRun(store, { organizationId });
    const long = { ...completeRun(run), output: { text: 'x'.repeat(20_000) } };
    await saveRun(store, long);
    const { sql, asked } = counted();
    const known = new KnownRuns(sql);
    for (let times = 0; times < 2; times += 1) expect(await known.getEach([keyOf(run)])).toEqual([long]);
    expect(asked).toEqual(['rows', 'rows']);
  });
});
