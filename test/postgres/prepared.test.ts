import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { applyEvent } from '../../src/core/run/apply-event.js';
import type { RunEvent } from '../../src/core/run/events.js';
import { PostgresPool } from '../../src/store/postgres/connection/pool.js';
import { nameOf, plannedOnce, plannedOnceAnywhere } from '../../src/store/postgres/connection/prepared.js';
import { openPostgresStore } from '../../src/store/postgres/postgres-store.js';
import {
  createRun,
  insertOrganization,
  insertRun,
  makeCommit,
  makeMovement,
  makeRun,
} from '../../src/testing/store-suite/fixtures.js';
import { startTestPostgres, type TestPostgres } from './test-postgres.js';

const FIND = plannedOnce('SELECT * FROM things WHERE id = ANY($1::text[]) ORDER BY id');
const JOIN = plannedOnce(`
  SELECT things.n FROM unnest($1::text[]) AS wanted (id) JOIN things ON things.id = wanted.id`);
const GET = plannedOnceAnywhere('SELECT * FROM things WHERE id = $1');
const name = nameOf(FIND, { isCommit: true }) ?? '';
const KEPT = 'SELECT count(*)::int AS kept FROM pg_prepared_statements';

let postgres: TestPostgres;
let pool: PostgresPool;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
beforeEach(async () => {
  pool = await PostgresPool.open({ url: postgres.past(await postgres.createDatabase()), durability: 'full' });
  await pool.run('CREATE TABLE things (id TEXT PRIMARY KEY, n BIGINT)');
  await pool.run("INSERT INTO things VALUES ('a', 1), ('b', 2)");
});
afterEach(() => pool.close());
afterAll(() => postgres.stop());

const commitFind = (): Promise<unknown[]> => pool.commit((sql) => sql.all(FIND, [['b', 'a']]));
const FOUND = [
  { id: 'a', n: 1 },
  { id: 'b', n: 2 },
];
/** Of the one connection that the pool has while it is asked for one thing at a time. */
const kept = async (): Promise<unknown[]> => pool.all(KEPT);

describe('statements of commits', () => {
  it('are read and planned once a connection', async () => {
    for (let times = 0; times < 3; times += 1) expect(await commitFind()).toEqual(FOUND);
    expect(await kept()).toEqual([{ kept: 1 }]);
    expect(await pool.transaction((sql) => sql.all(JOIN, [['b']]))).toEqual([{ n: 2 }]);
    expect(await pool.all(JOIN, [['a']])).toEqual([{ n: 1 }]);
    expect(await kept()).toEqual([{ kept: 1 }]);
  });

  it('have names that mean them alone, wherever they were given', () => {
    expect(name).toMatch(/^errand_[0-9a-f]{40}$/);
    expect(new Set([FIND, JOIN, GET].map((text) => nameOf(text, { isCommit: true }))).size).toBe(3);
    expect(nameOf(FIND, { isCommit: false })).toBeUndefined();
    expect(nameOf(GET, { isCommit: false })).toBe(nameOf(GET, { isCommit: true }));
  });

  it('keep a plan that goes by an index, though there was next to nothing when it was made', async () => {
    await pool.run('VACUUM ANALYZE things');
    for (let times = 0; times < 8; times += 1) await pool.commit((sql) => sql.all(JOIN, [['a', 'b']]));
    const plan = JSON.stringify(await pool.all(`EXPLAIN EXECUTE ${nameOf(JOIN, { isCommit: true })} (ARRAY['a'])`));
    expect(plan).toContain('Index Scan using things_pkey');
    expect(plan).not.toMatch(/Seq Scan|Hash Join|Merge Join/);
  });
});

describe('a session that a pooler has given to others', () => {
  it.each([
    ['has forgotten a statement', 'DEALLOCATE ALL'],
    ['has a statement that this connection did not prepare', `DEALLOCATE ALL; PREPARE ${name} AS SELECT 1`],
  ])('%s: the commit is made all the same, and none is prepared from then on', async (_, meanwhile) => {
    // A new connection has prepared nothing; one that has, believes that it still has.
    if (!meanwhile.includes('PREPARE ')) await commitFind();
    await pool.run(meanwhile);
    expect(await commitFind()).toEqual(FOUND);
    for (let times = 0; times < 2; times += 1) expect(await commitFind()).toEqual(FOUND);
    expect(await pool.all(GET, ['a'])).toEqual([FOUND[0]]);
    expect(await kept()).toEqual([{ kept: 0 }]);
  });

  it('loses nothing of a commit whose last statement finds it', async () => {
    const add = plannedOnce('INSERT INTO things SELECT * FROM unnest($1::text[], $2::bigint[])');
    const commitAdd = (id: string): Promise<void> =>
      pool.commit(async (sql, conclude) => conclude([sql.run(add, [[id], [3]]), sql.all(FIND, [[id]])]));
    await commitAdd('c');
    await pool.run('DEALLOCATE ALL');
    await commitAdd('d');
    expect(await pool.all("SELECT id FROM things WHERE id IN ('c', 'd') ORDER BY id")).toEqual([
      { id: 'c' },
      { id: 'd' },
    ]);
  });

  it('is got over outside of commits as well', async () => {
    expect(await pool.all(GET, ['a'])).toEqual([FOUND[0]]);
    await pool.run('DEALLOCATE ALL');
    expect(await pool.all(GET, ['b'])).toEqual([FOUND[1]]);
    expect(await kept()).toEqual([{ kept: 0 }]);
  });
});

describe('a connection', () => {
  const add = plannedOnce('INSERT INTO things SELECT * FROM unnest($1::text[], $2::bigint[])');
  const commitAdd = (id: string): Promise<void> =>
    pool.commit(async (sql, conclude) => conclude([sql.run(add, [[id], [3]]), sql.all(FIND, [[id]])]));
  const session = async (): Promise<unknown> => (await pool.all('SELECT pg_backend_pid() AS pid'))[0];

  it('is used no more when a statement failed on it before it was prepared, which a pooler may take for prepared', async () => {
    const before = await session();
    await expect(commitAdd('a')).rejects.toMatchObject({ kind: 'unique' });
    expect(await session()).not.toEqual(before);
  });

  it('is used again when what failed on it has been carried out before', async () => {
    await commitAdd('c');
    const before = await session();
    await expect(commitAdd('a')).rejects.toMatchObject({ kind: 'unique' });
    await commitAdd('d');
    expect(await session()).toEqual(before);
  });
});

describe('a table that a newer program gives a column', () => {
  it('has what was prepared prepared anew', async () => {
    await commitFind();
    await pool.all(GET, ['a']);
    await pool.run('ALTER TABLE things ADD COLUMN more TEXT');
    expect(await commitFind()).toEqual(FOUND.map((row) => ({ ...row, more: null })));
    expect(await pool.all(GET, ['a'])).toEqual([{ ...FOUND[0], more: null }]);
    await commitFind();
    expect(await kept()).toEqual([{ kept: 2 }]);
  });
});

describe('the statements of the store', () => {
  it('stay prepared when a newer program gives each table a column', async () => {
    const url = postgres.past(await postgres.createDatabase());
    const store = await openPostgresStore({ url });
    const sessions = () =>
      postgres.query(
        "SELECT pid FROM pg_stat_activity WHERE application_name = 'errand' AND datname = current_database() ORDER BY pid",
        url,
      );
    const use = async (): Promise<void> => {
      const organizationId = await insertOrganization(store, 100);
      const run = await insertRun(store, { organizationId });
      const movement = makeMovement({ organizationId, runId: run.id, reservedDelta: 5 });
      await createRun(store, makeRun({ organizationId }), { movement });
      expect(await store.organizations.get({ id: organizationId })).not.toBeNull();
      expect(await store.keys.find({ hash: 'none' })).toBeNull();
      const wanted = [{ runId: run.id, organizationId, epoch: null }];
      const [claimed] = await store.drives.claim({ call: 'a', wanted });
      expect(claimed?.run).toEqual(run);
      const event: RunEvent = { kind: 'run.cancelled', reason: 'enough', seq: run.version + 1, at: run.createdAt };
      const ended = makeCommit({ run: applyEvent(run, event), events: [event], epoch: claimed?.epoch ?? null });
      expect(await store.runs.commit(ended)).toBe('kept');
    };
    await use();
    const before = await sessions();
    const tables = await postgres.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'", url);
    for (const { tablename } of tables)
      await postgres.query(`ALTER TABLE ${String(tablename)} ADD COLUMN more TEXT`, url);
    await use();
    expect(await sessions()).toEqual(before);
    await store.close();
  });
});
