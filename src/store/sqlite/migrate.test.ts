import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rejection } from '../../testing/store-suite/fixtures.js';
import { loadBinding } from './binding.js';
import { Connection } from './connection.js';
import { type Migration, dumpSchema, migrate, readMigrations } from './migrate.js';
import { openSqliteStore } from './sqlite-store.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'errand-migrate-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function connect(path = ':memory:'): Promise<Connection> {
  return new Connection({ binding: await loadBinding(), path, durability: 'full' });
}

const tables = (db: Connection) => dumpSchema(db).match(/(?<=CREATE TABLE )\w+/g) ?? [];

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

  it('leave nothing behind when they fail half-way', async () => {
    const db = await connect();
    const broken = { ...SECOND, sql: `${SECOND.sql} CREATE TABLE one (id INTEGER);` };
    expect(() => migrate(db, [FIRST, broken])).toThrow('already exists');
    expect(tables(db)).toEqual(['one', 'schema_migrations']);
    migrate(db, [FIRST, SECOND]);
    expect(tables(db)).toEqual(['one', 'schema_migrations', 'two']);
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
