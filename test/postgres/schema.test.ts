import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PostgresPool } from '../../src/store/postgres/connection/pool.js';
import { openPostgresStore } from '../../src/store/postgres/postgres-store.js';
import { type Migration, migrate, readMigrations } from '../../src/store/postgres/schema/migrate.js';
import { rejection } from '../../src/testing/store-suite/fixtures.js';
import {
  INSERT_BEFORE,
  OUTCOMES_SINCE,
  outcomesOf,
  RUNS_OF_BEFORE,
  valuesBefore,
} from '../../src/testing/store-suite/runs-of-before.js';
import { startTestPostgres, type TestPostgres } from './test-postgres.js';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

/** What a newer program would add. */
const newer = (isBreaking: boolean): readonly Migration[] => {
  const known = readMigrations();
  const sql = isBreaking
    ? 'ALTER TABLE organizations RENAME COLUMN name TO title'
    : 'ALTER TABLE organizations ADD COLUMN colour TEXT';
  return [...known, { number: known.length + 1, name: 'newer', sql, isBreaking }];
};

async function upgrade(url: string, isBreaking: boolean): Promise<void> {
  const pool = await PostgresPool.open({ url, durability: 'full' });
  try {
    await migrate(pool, newer(isBreaking));
  } finally {
    await pool.close();
  }
}

describe('a schema that a newer program has changed', () => {
  it('serves this one too, where it says nothing else', async () => {
    const url = await postgres.createDatabase();
    await upgrade(url, false);
    const store = await openPostgresStore({ url });
    await store.organizations.insert({ id: 'o', slug: 'o', name: 'One', createdAt: 1 });
    expect((await store.organizations.get({ id: 'o' }))?.name).toBe('One');
    await store.close();
  });

  it('is refused where it says that older programs cannot work with it', async () => {
    const url = await postgres.createDatabase();
    await upgrade(url, true);
    const { message } = await rejection(openPostgresStore({ url }));
    expect(message).toContain('was written by a newer Errand');
    expect(message).toContain(`the breaking number ${readMigrations().length + 1}`);
  });

  it('is not changed so while an older program is at work on it', async () => {
    const url = await postgres.createDatabase();
    const store = await openPostgresStore({ url });
    await store.shared.beat({ id: 'p', place: 'a machine, process 7', program: '1', workflows: null });
    expect((await rejection(upgrade(url, true))).message).toContain('a machine, process 7');
    await upgrade(url, false);
    await store.shared.leave({ id: 'p' });
    await store.close();
  });
});

describe('a schema of before', () => {
  it('comes to hold what models have used for its runs', async () => {
    const url = await postgres.createDatabase();
    const { number } = readMigrations().find(({ name }) => name === 'run-usage')!;
    const pool = await PostgresPool.open({ url, durability: 'full' });
    try {
      await migrate(pool, readMigrations().slice(0, number - 1));
      const insert = INSERT_BEFORE.replace('created_at,', 'created_at, row_version, epoch, crashes, ended_nodes,');
      for (const run of RUNS_OF_BEFORE) {
        await pool.run(insert.replace('0, 0, 0, 1, $2', '0, 0, 0, 1, 1, 1, 0, 0, $2'), valuesBefore(run));
      }
      await migrate(pool);
      const rows = (await pool.all('SELECT id, outcome FROM runs')) as { id: string; outcome: string | null }[];
      expect(outcomesOf(rows)).toEqual(OUTCOMES_SINCE);
    } finally {
      await pool.close();
    }
  });
});
