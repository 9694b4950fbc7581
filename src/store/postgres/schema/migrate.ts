import { readdirSync, readFileSync } from 'node:fs';
import { ErrandError } from '../../../core/errors.js';
import type { PostgresPool } from '../connection/pool.js';
import { first, type Sql } from '../connection/sql.js';

export interface Migration {
  /** Counts from 1 without gaps. */
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  /** Programs that do not know of it cannot work with it. Its first line says so: `-- Breaking: …`. */
  readonly isBreaking: boolean;
}

const OLDEST_SERVER = 140_000;
/** Whoever migrates has this advisory lock until its transaction ends. */
export const MIGRATION_LOCK = '7310575178243989761';

const CREATE = `
  CREATE TABLE IF NOT EXISTS schema_migrations (
    number BIGINT PRIMARY KEY, name TEXT NOT NULL, applied_at TIMESTAMPTZ NOT NULL DEFAULT now()
  );
  ALTER TABLE schema_migrations ADD COLUMN IF NOT EXISTS is_breaking BOOLEAN NOT NULL DEFAULT false`;
const INSERT = 'INSERT INTO schema_migrations (number, name, is_breaking) VALUES ($1, $2, $3)';
/** No older program is in the way of a breaking migration that has been silent for so long. */
const SELECT_OTHERS = `
  SELECT place FROM processes WHERE seen_at > now() - interval '30 seconds' ORDER BY place`;

export function readMigrations(): readonly Migration[] {
  const folder = new URL('./migrations/', import.meta.url);
  return readdirSync(folder)
    .filter((file) => /^\d{4}-.+\.sql$/.test(file))
    .toSorted()
    .map((file) => {
      const sql = readFileSync(new URL(file, folder), 'utf8');
      return {
        number: Number(file.slice(0, 4)),
        name: file.slice(5, -'.sql'.length),
        sql,
        isBreaking: sql.startsWith('-- Breaking:'),
      };
    });
}

/**
 * Brings the schema up to date, all migrations in one transaction. Of several processes that start at once, one does it
 * and the others wait. Refuses a server that is too old, one that cannot be written, and a schema from a newer program
 * with a breaking migration that this one does not know; with others it works, as a newer program does beside it.
 */
export async function migrate(pool: PostgresPool, migrations: readonly Migration[] = readMigrations()): Promise<void> {
  await assertUsable(pool);
  const newest = migrations.at(-1)?.number ?? 0;
  const found = await appliedNumber(pool);
  if (found >= newest) return assertWorkable(pool, found, newest);
  await pool.transaction(async (sql) => {
    await sql.all(`SELECT pg_advisory_xact_lock(${MIGRATION_LOCK})`);
    await sql.run(CREATE);
    const applied = await appliedNumber(sql);
    const missing = migrations.filter(({ number }) => number > applied);
    if (applied > 0 && missing.some(({ isBreaking }) => isBreaking)) await assertAlone(pool, sql);
    for (const migration of missing) {
      await sql.run(migration.sql);
      await sql.run(INSERT, [migration.number, migration.name, migration.isBreaking]);
    }
  });
  // A newer program may have been faster.
  await assertWorkable(pool, await appliedNumber(pool), newest);
}

/** Of what newer programs have done to the schema, this one has to be able to do without knowing. */
async function assertWorkable(pool: PostgresPool, applied: number, newest: number): Promise<void> {
  if (applied <= newest) return;
  const breaking = 'SELECT max(number) AS number FROM schema_migrations WHERE number > $1 AND is_breaking';
  const { number } = (await first(pool, breaking, [newest])) as { number: number | null };
  if (number !== null) throw newerSchema(pool.address, number, newest);
}

async function assertAlone({ address }: PostgresPool, sql: Sql): Promise<void> {
  const { found } = (await first(sql, "SELECT to_regclass('processes') IS NOT NULL AS found", [])) as {
    found: boolean;
  };
  const others = found ? ((await sql.all(SELECT_OTHERS)) as { place: string }[]) : [];
  if (others.length === 0) return;
  throw new ErrandError(
    'unavailable',
    `This version of Errand changes the schema of ${address} so that older ones cannot work with it, and these are at ` +
      `work: ${others.map(({ place }) => place).join('; ')}. Stop them first.`,
  );
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
    `The database ${address} was written by a newer Errand: its schema has the breaking number ${applied}, this program knows those ` +
      `up to ${newest}. Run the newer version, or restore a dump made with this one.`,
  );
}
