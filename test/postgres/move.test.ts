import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { move, undoMove } from '../../src/app/moves/open-sides.js';
import { openPostgresMovable } from '../../src/store/postgres/moves/postgres-movable-records.js';
import { openPostgresStore } from '../../src/store/postgres/postgres-store.js';
import { planTables } from '../../src/store/rows/moves/plan-tables.js';
import { loadBinding, type SqliteDatabase } from '../../src/store/sqlite/connection/binding.js';
import { openSqliteMovable } from '../../src/store/sqlite/moves/sqlite-movable-records.js';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import { rejection } from '../../src/testing/store-suite/fixtures.js';
import { repository } from '../support/server/server-process.js';
import { startTestPostgres, type TestPostgres } from './test-postgres.js';

let postgres: TestPostgres;
const root = mkdtempSync(join(tmpdir(), 'errand-move-'));
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(async () => {
  await postgres.stop();
  rmSync(root, { recursive: true, force: true });
});

let folders = 0;
function newFolder(): string {
  const folder = join(root, `data-${(folders += 1)}`);
  mkdirSync(folder);
  return folder;
}

/** A data folder with a schema. */
async function newData(): Promise<string> {
  const folder = newFolder();
  await (await openSqliteStore({ path: join(folder, 'errand.db') })).close();
  return folder;
}

async function withFile<T>(folder: string, work: (db: SqliteDatabase) => T): Promise<T> {
  const { DatabaseSync } = await loadBinding();
  const db = new DatabaseSync(join(folder, 'errand.db'));
  try {
    return work(db);
  } finally {
    db.close();
  }
}

interface Column {
  readonly name: string;
  readonly type: string;
}

/** What is not carried over: of the place itself. */
const OF_THE_PLACE = ['schema_migrations', 'store_life', 'write_checks', 'moves', 'deleted_runs'];
const tablesOf = (db: SqliteDatabase): string[] =>
  (db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all() as { name: string }[])
    .map(({ name }) => name)
    .filter((name) => !OF_THE_PLACE.includes(name));
const LONG = JSON.stringify('o'.repeat(70_000));
/** Text with all that is awkward, and what columns need that refer to others. */
const valueOf = (table: string, { name, type }: Column, row: number): string | number | null => {
  if (name === 'organization_id' || (table === 'organizations' && name === 'id')) return `organization ${row}`;
  if (name === 'grant_id' || (table === 'grants' && name === 'id')) return `grant ${row}`;
  if (name === 'run_id' || (table === 'runs' && name === 'id')) return `run ${row}`;
  if (table === 'runs' && name === 'status') return row === 1 ? 'running' : 'completed';
  if (table === 'runs' && name === 'output') return row === 2 ? '' : null;
  if (table === 'runs' && name === 'nodes') return '[]';
  if (table === 'run_outputs' && name === 'output') return LONG;
  if (table === 'run_log' && name === 'events') return '[]';
  if (name === 'version' || name === 'last_seq') return 3;
  return type === 'INTEGER' ? row * 100_003 : `${name} ${row} É\u0001d83d🙂'"\\`;
};

/** So many rows in every table that there is, by the schema of the file. */
async function fill(folder: string, rows: number): Promise<void> {
  await withFile(folder, (db) => {
    db.exec('PRAGMA foreign_keys = OFF; BEGIN');
    // Very long texts, which come back in one.
    for (const table of tablesOf(db).filter((name) => name !== 'run_pieces')) {
      const columns = db.prepare(`SELECT name, type FROM pragma_table_info('${table}')`).all() as unknown as Column[];
      const insert = db.prepare(
        `INSERT INTO ${table} (${columns.map(({ name }) => name).join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
      );
      for (let row = 1; row <= (table === 'run_outputs' ? 2 : rows); row += 1) {
        if (table === 'run_outputs' && row === 1) continue;
        insert.run(...columns.map((column) => valueOf(table, column, row)));
      }
    }
    db.exec('COMMIT');
  });
}

/** Everything that a data folder holds, by table. */
const dump = (folder: string): Promise<Record<string, unknown[]>> =>
  withFile(folder, (db) =>
    Object.fromEntries(
      tablesOf(db).map((table) => [
        table,
        db
          .prepare(`SELECT * FROM ${table}`)
          .all()
          .map((row) => JSON.stringify(row))
          .toSorted(),
      ]),
    ),
  );

describe('the plan of a move', () => {
  it('has every table and column of either schema, and fails when one is added to one of them', async () => {
    const [folder, url] = [await newData(), await postgres.createDatabase()];
    const open = () => openSqliteMovable({ path: join(folder, 'errand.db'), place: folder, mayBeNew: false });
    const [file, database] = [await open(), await openPostgresMovable(url)];
    const names = planTables(file.tables, database.tables).map(({ name }) => name);
    expect(names.length).toBeGreaterThan(18);
    expect(names.indexOf('grants')).toBeLessThan(names.indexOf('oauth_tokens'));
    await file.close();
    await withFile(folder, (db) => db.exec('CREATE TABLE notes (id TEXT PRIMARY KEY)'));
    const more = await open();
    expect(() => planTables(more.tables, database.tables)).toThrow('the table notes is on one side alone');
    await more.close();
    await withFile(folder, (db) => db.exec('DROP TABLE notes; ALTER TABLE api_keys ADD COLUMN colour TEXT'));
    const wider = await open();
    expect(() => planTables(database.tables, wider.tables)).toThrow('api_keys.colour is on one side alone');
    await Promise.all([wider.close(), database.close()]);
  });
});

describe('a move', () => {
  it('carries every table to Postgres and back, row for row', async () => {
    const [folder, url, back] = [await newData(), await postgres.createDatabase(), newFolder()];
    await fill(folder, 60);
    const before = await dump(folder);
    const there = await move({ from: folder, to: url });
    for (const { table, rows } of there.tables) expect([table, rows]).toEqual([table, 60]);
    const [run] = await postgres.query("SELECT * FROM runs WHERE id = 'run 2'", url);
    expect(run).toMatchObject({ output: LONG, version: '3', epoch: '200006', driver: null, wake_at: null });
    expect(await postgres.query('SELECT id FROM runs WHERE wake_at = 0', url)).toEqual([{ id: 'run 1' }]);
    const home = await move({ from: url, to: back });
    expect(home.tables).toEqual(there.tables);
    expect(await dump(back)).toEqual(before);
  });

  it('carries texts that are in pieces', async () => {
    const [folder, url, back] = [await newData(), await postgres.createDatabase(), newFolder()];
    await fill(folder, 2);
    const event = JSON.stringify([{ seq: 3, kind: 'run.started', note: 'é🙂'.repeat(10) }]);
    await withFile(folder, (db) => {
      db.exec("DELETE FROM run_outputs; UPDATE run_log SET events = '' WHERE run_id = 'run 2'");
      const insert = db.prepare('INSERT INTO run_pieces (run_id, place, piece, pieces, bytes) VALUES (?, ?, ?, ?, ?)');
      for (const [place, text] of [
        [0, LONG],
        [3, event],
      ] as const) {
        const pieces = [text.slice(0, 30), text.slice(30, 40), text.slice(40)];
        // In any order.
        for (const piece of [2, 0, 1]) insert.run('run 2', place, piece, 3, Buffer.from(pieces[piece] ?? ''));
      }
    });
    await move({ from: folder, to: url });
    expect(await postgres.query("SELECT output FROM runs WHERE id = 'run 2'", url)).toEqual([{ output: LONG }]);
    expect(await postgres.query("SELECT events FROM run_log WHERE run_id = 'run 2'", url)).toEqual([{ events: event }]);
    await move({ from: url, to: back });
    expect((await dump(back))['run_outputs']).toEqual([JSON.stringify({ run_id: 'run 2', output: LONG })]);
  });

  it('leaves the source to nobody, until it is undone', async () => {
    const [folder, url] = [await newData(), await postgres.createDatabase()];
    await fill(folder, 3);
    await move({ from: folder, to: url });
    expect((await rejection(openSqliteStore({ path: join(folder, 'errand.db') }))).message).toContain(
      'were moved to postgresql://postgres@',
    );
    expect((await move({ from: folder, to: url })).tables).toEqual([]);
    const elsewhere = await rejection(move({ from: folder, to: await postgres.createDatabase() }));
    expect(elsewhere.message).toContain('were moved to');
    expect(await undoMove(folder)).toContain('postgresql://');
    await (await openSqliteStore({ path: join(folder, 'errand.db') })).close();

    const back = newFolder();
    await move({ from: url, to: back });
    expect((await rejection(openPostgresStore({ url }))).message).toContain(`were moved to ${back}`);
    // A process that had it open, and was paused.
    await expect(postgres.query("UPDATE runs SET status = 'failed'", url)).rejects.toThrow('the records were moved');
    await undoMove(url);
    expect(await postgres.query("UPDATE runs SET status = 'failed' RETURNING 1 AS one", url)).toHaveLength(3);
  });

  it('is refused while a process is at work on the source, or messages wait there for their runs', async () => {
    const folder = await newData();
    const store = await openSqliteStore({ path: join(folder, 'errand.db') });
    const url = await postgres.createDatabase();
    expect((await rejection(move({ from: folder, to: url }))).message).toContain('The data folder is in use');
    await store.close();

    const shared = await openPostgresStore({ url, isShared: true });
    await shared.shared.beat({ id: 'one', place: 'a machine, process 1', program: '1', workflows: null });
    expect((await rejection(move({ from: url, to: newFolder() }))).message).toContain('a machine, process 1');
    await shared.shared.leave({ id: 'one' });
    const mail = { id: 'mail', organizationId: 'o', runId: 'r', at: 1, body: { kind: 'cancel', reason: '' } } as const;
    await shared.mail.send([mail]);
    expect((await rejection(move({ from: url, to: newFolder() }))).message).toContain('1 left');
    await shared.mail.settle({ id: 'mail', verdict: 'left' });
    expect((await move({ from: url, to: newFolder() })).tables.length).toBeGreaterThan(18);
    await shared.close();
  });

  it('is refused where there are records already', async () => {
    const [folder, other, url] = [await newData(), await newData(), await postgres.createDatabase()];
    await fill(folder, 2);
    await move({ from: folder, to: url });
    await fill(other, 1);
    expect(await rejection(move({ from: other, to: url }))).toMatchObject({ code: 'conflict' });
    expect((await rejection(move({ from: other, to: newFolder() }))).message).toContain('both sides are of one kind');
  });

  it('goes on where a kill has cut it off, and nobody opens either side meanwhile', async () => {
    const [folder, url] = [await newData(), await postgres.createDatabase()];
    await fill(folder, 3_000);
    const child = spawn(
      process.execPath,
      [join(repository, 'dist', 'cli', 'main.js'), 'move', '--from', folder, '--to', url],
      { stdio: 'ignore' },
    );
    const counted = async (table: string): Promise<number> =>
      Number((await postgres.query(`SELECT count(*) AS n FROM ${table}`, url).catch(() => [{ n: 0 }]))[0]?.['n']);
    await expect.poll(() => counted('credit_movements'), { timeout: 60_000, interval: 5 }).toBeGreaterThan(0);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect((await rejection(openSqliteStore({ path: join(folder, 'errand.db') }))).message).toContain('being moved to');
    expect((await rejection(openPostgresStore({ url }))).message).toContain('still being moved here');
    expect(await counted('webhooks')).toBeLessThan(3_000);

    const { tables } = await move({ from: folder, to: url });
    for (const { table, rows } of tables) expect([table, rows]).toEqual([table, 3_000]);
    await (await openPostgresStore({ url })).close();
  }, 120_000);

  it('tells which table is not the same when somebody has changed what was copied', async () => {
    const [folder, url] = [await newData(), await postgres.createDatabase()];
    await fill(folder, 5);
    const before = await openPostgresMovable(url);
    const mark = { id: 'm', other: before.place, begunAt: 1, doneAt: null } as const;
    await before.setMark({ ...mark, direction: 'here', other: folder });
    const file = await openSqliteMovable({ path: join(folder, 'errand.db'), place: folder, mayBeNew: false });
    await file.setMark({ ...mark, direction: 'away' });
    await Promise.all([before.close(), file.close()]);
    await postgres.query("INSERT INTO organizations VALUES ('organization 1', 'a slug', 'another', 1, NULL)", url);
    expect((await rejection(move({ from: folder, to: url }))).message).toContain('organizations is not the same');
  });
});
