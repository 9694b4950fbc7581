import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json } from '../../../core/json.js';
import { AT, rejection } from '../../../testing/store-suite/fixtures.js';
import {
  INSERT_BEFORE,
  OUTCOMES_SINCE,
  outcomesOf,
  RUNS_OF_BEFORE,
  valuesBefore,
} from '../../../testing/store-suite/runs-of-before.js';
import { loadBinding } from '../connection/binding.js';
import { SqliteConnection } from '../connection/connection.js';
import { type Migration, dumpSchema, migrate, readMigrations } from './migrate.js';
import { openSqliteStore } from '../sqlite-store.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'errand-migrate-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function connect(path = ':memory:'): Promise<SqliteConnection> {
  return new SqliteConnection({ binding: await loadBinding(), path, durability: 'full' });
}

const tables = (db: SqliteConnection) => dumpSchema(db).match(/(?<=CREATE TABLE )\w+/g) ?? [];

const FIRST: Migration = { number: 1, name: 'first', sql: 'CREATE TABLE one (id INTEGER) STRICT;' };
const SECOND: Migration = { number: 2, name: 'second', sql: 'CREATE TABLE two (id INTEGER) STRICT;' };

describe('migrations', () => {
  it('are numbered from 1 without gaps', () => {
    const numbers = readMigrations().map((migration) => migration.number);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    expect(numbers.length).toBeGreaterThan(0);
  });

  it('make the schema that schema.sql holds (vitest -u writes it anew)', async () => {
    const db = await connect();
    migrate(db);
    await expect(dumpSchema(db)).toMatchFileSnapshot('schema.sql');
    db.close();
  });

  it('are applied once each, in order, and only those that are missing', async () => {
    const db = await connect();
    migrate(db, [FIRST]);
    migrate(db, [FIRST, SECOND]);
    migrate(db, [FIRST, SECOND]);
    expect(tables(db)).toEqual(['one', 'schema_migrations', 'two']);
    expect(db.all('SELECT number, name FROM schema_migrations')).toMatchObject([
      { number: 1, name: 'first' },
      { number: 2, name: 'second' },
    ]);
    db.close();
  });

  it('give child runs their parent and key, and leave keys that callers chose alone', async () => {
    const db = await connect();
    const before = readMigrations().filter(({ name }) => name !== 'child-runs');
    const after = readMigrations().find(({ name }) => name === 'child-runs');
    migrate(db, before.slice(0, (after?.number ?? 1) - 1));
    const insert = (id: string, key: string | null, parent: string | null): void => {
      const origin = parent === null ? null : JSON.stringify({ parent: { runId: parent, nodeId: 'sub', depth: 1 } });
      db.run(
        `INSERT INTO runs (id, organization_id, workflow_id, workflow_version, workflow_name, status, version,
           credits_reserved, credits_consumed, agent_count, created_at, idempotency_key, input_hash, origin, nodes)
         VALUES (?, 'o', 'w', 1, 'W', 'running', 1, 0, 0, 0, 1, ?, 'h', ?, '[]')`,
        id,
        key,
        origin,
      );
    };
    insert('p1', null, null);
    insert('c1', 'errand:p1:sub:1:~tool', 'p1');
    insert('c2', 'errand:p2:sub:1', 'p1');
    insert('c3', 'errand:p1:sub:2', null);
    insert('c4', 'order-7', null);
    migrate(db);
    const kept = db.all('SELECT id, idempotency_key, input_hash, parent_run_id, child_key FROM runs ORDER BY id');
    const untouched = { input_hash: 'h', parent_run_id: null, child_key: null };
    expect(kept).toEqual([
      { id: 'c1', idempotency_key: null, input_hash: null, parent_run_id: 'p1', child_key: 'sub:1:~tool' },
      { id: 'c2', idempotency_key: 'errand:p2:sub:1', ...untouched },
      { id: 'c3', idempotency_key: 'errand:p1:sub:2', ...untouched },
      { id: 'c4', idempotency_key: 'order-7', ...untouched },
      { id: 'p1', idempotency_key: null, ...untouched },
    ]);
    db.close();
  });

  it('add up what models have used for runs of before', async () => {
    const db = await connect();
    const { number } = readMigrations().find(({ name }) => name === 'run-usage') ?? { number: 1 };
    migrate(db, readMigrations().slice(0, number - 1));
    for (const run of RUNS_OF_BEFORE) db.run(INSERT_BEFORE.replaceAll(/\$\d/g, '?'), ...valuesBefore(run));
    migrate(db);
    const rows = db.all('SELECT id, outcome FROM runs') as { id: string; outcome: string | null }[];
    expect(outcomesOf(rows)).toEqual(OUTCOMES_SINCE);
    db.close();
  });

  it('leave nothing behind when they fail half-way', async () => {
    const db = await connect();
    const broken = { ...SECOND, sql: `${SECOND.sql} CREATE TABLE one (id INTEGER);` };
    expect(() => migrate(db, [FIRST, broken])).toThrow('already exists');
    expect(tables(db)).toEqual(['one', 'schema_migrations']);
    migrate(db, [FIRST, SECOND]);
    expect(tables(db)).toEqual(['one', 'schema_migrations', 'two']);
    db.close();
  });

  it('split rows of the log that hold a large commit, and leave the others as they are', async () => {
    const db = await connect();
    migrate(db, readMigrations().slice(0, 2));
    const event = (seq: number, output: Json) => ({
      kind: 'node.completed',
      seq,
      at: AT,
      nodeId: 'n',
      attempt: 1,
      output,
    });
    const deep = JSON.parse('['.repeat(1_200) + ']'.repeat(1_200)) as Json;
    const commits = [
      [event(1, 'small'), event(2, 1.5)],
      Array.from({ length: 12 }, (_, index) => event(index + 3, `half a pair \ud83d ${'x'.repeat(100_000)}`)),
      [event(15, 'x'.repeat(1_100_000)), event(16, deep)],
    ];
    for (const events of commits) {
      db.run('INSERT INTO run_log VALUES (?, ?, ?)', 'run', events.at(-1)!.seq, JSON.stringify(events));
    }
    migrate(db);
    const rows = db.all('SELECT last_seq, events FROM run_log ORDER BY last_seq') as {
      last_seq: number;
      events: string;
    }[];
    expect(rows.map((row) => row.last_seq)).toEqual([2, ...commits[1]!.map(({ seq }) => seq), 16]);
    expect(rows.flatMap(({ events }) => JSON.parse(events) as object[])).toEqual(commits.flat());
    db.close();
  });

  it('refuse a data file from a newer program, naming both schemas', async () => {
    const path = join(folder, 'newer.db');
    await (await openSqliteStore({ path })).close();
    const db = await connect(path);
    db.run("INSERT INTO schema_migrations (number, name, applied_at) VALUES (9000, 'tomorrow', 0)");
    db.close();
    const error = await rejection(openSqliteStore({ path }));
    expect(error.code).toBe('unavailable');
    expect(error.message).toContain('9000');
    expect(error.message).toContain(`up to ${readMigrations().length}`);
  });
});
