import { readdirSync, readFileSync } from 'node:fs';
import { ErrandError } from '../../../core/errors.js';
import type { SqliteConnection } from '../connection/connection.js';

export interface Migration {
  /** Counts from 1 without gaps. */
  readonly number: number;
  readonly name: string;
  readonly sql: string;
}

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

/** Brings the schema up to date, each migration in a transaction of its own. Refuses a schema from a newer program. */
export function migrate(db: SqliteConnection, migrations: readonly Migration[] = readMigrations()): void {
  const newest = migrations.at(-1)?.number ?? 0;
  const applied = appliedNumber(db);
  if (applied > newest) {
    throw new ErrandError(
      'unavailable',
      `The data file was written by a newer Errand: its schema is number ${applied}, this program knows those up to ` +
        `${newest}. Run the newer version, or restore a backup made with this one.`,
    );
  }
  for (const migration of migrations) if (migration.number > applied) apply(db, migration);
}

function appliedNumber(db: SqliteConnection): number {
  const table = db.get("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'schema_migrations'");
  if (table === undefined) return 0;
  return (
    (db.get('SELECT max(number) AS newest FROM schema_migrations') as { newest: number | null } | undefined)?.newest ??
    0
  );
}

function apply(db: SqliteConnection, migration: Migration): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    db.exec(
      'CREATE TABLE IF NOT EXISTS schema_migrations ' +
        '(number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT',
    );
    db.exec(migration.sql);
    db.run(
      'INSERT INTO schema_migrations (number, name, applied_at) VALUES (?, ?, unixepoch() * 1000)',
      migration.number,
      migration.name,
    );
    db.exec('COMMIT');
  } catch (error) {
    db.exec('ROLLBACK');
    throw error;
  }
}

/** The schema as SQL text: what `schema.sql` holds. */
export function dumpSchema(db: SqliteConnection): string {
  const rows = db.all(
    "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY tbl_name, type = 'index', name",
  ) as { sql: string }[];
  return rows.map((row) => `${row.sql};\n`).join('\n');
}
