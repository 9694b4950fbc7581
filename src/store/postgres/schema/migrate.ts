import { readdirSync, readFileSync } from 'node:fs';
import { ErrandError } from '../../../core/errors.js';
import type { PostgresPool } from '../connection/pool.js';
import { first, type Sql } from '../connection/sql.js';

export interface Migration {
  /** Counts from 1 without gaps. */
  readonly number: number;
  readonly name: string;
  readonly sql: string;
}

const OLDEST_SERVER = 140_000;
/** Whoever migrates has this advisory lock until its transaction ends. */
export const MIGRATION_LOCK = '7310575178243989761';

const CREATE = `
  CREATE TABLE IF NOT EXISTS schema_migrations (
    number BIGINT PRIMARY KEY, name TEXT NOT NULL, applied_at TIMESTAMPTZ NOT NULL DEFAULT now()
  )`;

export function readMigrations(): readonly Migration[] {
  const folder = new URL('./migrations/', import.meta.url);
  return readdirSync(folder)
    .filter((file) => /^\d{4}-.+\.sql$/.test(file))
    .toSorted()
    .map((file) => ({
      number: Number(file.slice(0, 4)),
      name: file.slice(5, -'.sql'.length),
      sql: readFileSync(new URL(file, folder), 'utf8'),
    }));
}

/**
 * Brings the schema up to date, all migrations in one transaction. Of several processes that start at once, one does it
 * and the others wait. Refuses a server that is too old, one that cannot be written, and a schema from a newer program.
 */
export async function migrate(pool: PostgresPool, migrations: readonly Migration[] = readMigrations()): Promise<void> {
  await assertUsable(pool);
  const newest = migrations.at(-1)?.number ?? 0;
  if ((await appliedNumber(pool)) === newest) return;
  await pool.transaction(async (sql) => {
    await sql.all(`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`);
    await sql.run(CREATE);
    const applied = await appliedNumber(sql);
    if (applied > newest) throw newerSchema(pool.address, applied, newest);
    for (const migration of migrations) {
      if (migration.number <= applied) continue;
      await sql.run(migration.sql);
      await sql.run('INSERT INTO schema_migrations (number, name) VALUES ($1, $2)', [migration.number, migration.name]);
    }
  });
}

async function assertUsable(pool: PostgresPool): Promise<void> {
  const server = (await first(
    pool,
    `SELECT current_setting('server_version_num')::int AS number, current_setting('server_version') AS version,
      pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on' AS is_read_only,
      current_setting('server_encoding') AS encoding`,
    [],
  )) as { number: number; version: string; is_read_only: boolean; encoding: string };
  const refuse = (told: string): ErrandError => new ErrandError('unavailable', `The database ${pool.address} ${told}`);
  if (server.number < OLDEST_SERVER) {
    throw refuse(`is on Postgres ${server.version}: Errand needs Postgres 14 or newer.`);
  }
  if (server.is_read_only) throw refuse('is read-only (a standby?): name the primary in the URL.');
  if (server.encoding !== 'UTF8') {
    throw refuse(`has the encoding ${server.encoding}: make one with UTF8 (createdb -E UTF8 -T template0 …).`);
  }
}

async function appliedNumber(sql: Sql): Promise<number> {
  const { found } = (await first(sql, "SELECT to_regclass('schema_migrations') IS NOT NULL AS found", [])) as {
    found: boolean;
  };
  if (!found) return 0;
  const row = (await first(sql, 'SELECT max(number) AS newest FROM schema_migrations', [])) as {
    newest: number | null;
  };
  return row.newest ?? 0;
}

function newerSchema(address: string, applied: number, newest: number): ErrandError {
  return new ErrandError(
    'unavailable',
    `The database ${address} was written by a newer Errand: its schema is number ${applied}, this program knows those ` +
      `up to ${newest}. Run the newer version, or restore a dump made with this one.`,
  );
}
