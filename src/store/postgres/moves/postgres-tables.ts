import type { MovedTable } from '../../rows/moves/movable-records.js';
import type { Sql } from '../connection/sql.js';
import { readMigrations } from '../schema/migrate.js';

/** Tables that stay where they are, and why. */
const STAYING: { readonly [table: string]: string } = {
  processes: 'of those that are at work here',
  commit_marks: 'of those that are connected here',
  moves: 'of the move itself',
  deleted_runs: 'logs that are still to go stay behind',
  run_mail: 'a move begins when all of it has been taken',
};

/** Columns that stay: another form, or of what drives runs here. */
const OWN_COLUMNS: { readonly [table: string]: readonly string[] } = {
  // The log of a run tells its version; who drives it, and when it goes on, is found out anew.
  runs: ['version', 'driver', 'wake_at'],
  run_log: ['organization_id'],
  run_counts: ['shard'],
  run_days: ['shard'],
};

/** What is read in the place of a table, where the other side has another form. */
const READ_AS: { readonly [table: string]: string } = {
  run_log: 'SELECT * FROM run_log WHERE EXISTS (SELECT 1 FROM runs WHERE runs.id = run_id)',
  run_counts: `
    SELECT organization_id, workflow_id, status, sum(count)::bigint AS count FROM run_counts
    GROUP BY organization_id, workflow_id, status HAVING sum(count) <> 0`,
  run_days: `
    SELECT organization_id, workflow_id, day, measure, sum(amount)::bigint AS amount FROM run_days
    GROUP BY organization_id, workflow_id, day, measure HAVING sum(amount) <> 0`,
};

const SELECT_COLUMNS = `
  SELECT tables.relname AS "table", columns.attname AS name, format_type(columns.atttypid, NULL) AS type,
    array_position(keys.indkey::int2[], columns.attnum) AS place
  FROM pg_class AS tables
  JOIN pg_attribute AS columns ON columns.attrelid = tables.oid AND columns.attnum > 0 AND NOT columns.attisdropped
  LEFT JOIN pg_index AS keys ON keys.indrelid = tables.oid AND keys.indisprimary
  WHERE tables.oid = ANY($1::text[]::regclass[]) ORDER BY tables.relname, columns.attnum`;
const SELECT_REFERENCES = `
  SELECT DISTINCT source.relname AS "table", target.relname AS name FROM pg_constraint
  JOIN pg_class AS source ON source.oid = conrelid JOIN pg_class AS target ON target.oid = confrelid
  WHERE contype = 'f' AND conrelid = ANY($1::text[]::regclass[])`;

interface ColumnRow {
  readonly table: string;
  readonly name: string;
  readonly type: string;
  readonly place: number | null;
}

/** A table, with the types of its columns. */
export interface TypedTable extends MovedTable {
  readonly types: readonly string[];
}

/** The tables that the migrations make: there may be others beside them in the database. */
function tablesOfMigrations(): readonly string[] {
  const text = readMigrations()
    .map(({ sql }) => sql)
    .join('\n');
  const names = (pattern: RegExp): string[] => [...text.matchAll(pattern)].flatMap((match) => match[1] ?? []);
  const dropped = new Set(names(/^DROP TABLE (\w+)/gm));
  return names(/^CREATE TABLE (\w+)/gm).filter((name) => !dropped.has(name));
}

/** The tables that are moved, with their columns, as the database's own schema tells. */
export async function readTables(sql: Sql): Promise<readonly TypedTable[]> {
  const names = tablesOfMigrations().filter((name) => !(name in STAYING));
  const columns = (await sql.all(SELECT_COLUMNS, [names])) as ColumnRow[];
  const references = (await sql.all(SELECT_REFERENCES, [names])) as { table: string; name: string }[];
  return names.map((name) => {
    const own = OWN_COLUMNS[name] ?? [];
    const moved = columns.filter((column) => column.table === name && !own.includes(column.name));
    const key = moved.filter(({ place }) => place !== null).toSorted((a, b) => (a.place ?? 0) - (b.place ?? 0));
    return {
      name,
      columns: moved.map((column) => column.name),
      types: moved.map(({ type }) => type),
      key: key.map((column) => column.name),
      references: [
        ...references.filter(({ table }) => table === name).map((reference) => reference.name),
        // Each row of a log takes its organization from its run.
        ...(name === 'run_log' ? ['runs'] : []),
      ],
    };
  });
}

export function selectRows({ name, columns, key }: MovedTable, params: { readonly isAfter: boolean }): string {
  const after = params.isAfter ? `WHERE (${key.join(', ')}) > (${key.map((_, at) => `$${at + 2}`).join(', ')})` : '';
  const from = READ_AS[name] ?? `SELECT * FROM ${name}`;
  return `SELECT ${columns.join(', ')} FROM (${from}) AS rows_of ${after} ORDER BY ${key.join(', ')} LIMIT $1`;
}

export function selectLastKey({ name, key }: MovedTable): string {
  return `SELECT ${key.join(', ')} FROM ${name} ORDER BY ${key.map((column) => `${column} DESC`).join(', ')} LIMIT 1`;
}

/** What a row has here beside what is moved: an expression over the row that is given. */
const ADDED: { readonly [table: string]: { readonly [column: string]: string } } = {
  // Nobody has called for it yet: it is found as one whose time has come.
  runs: { version: 'row_version', wake_at: "CASE WHEN status IN ('pending', 'running') THEN 0 END" },
  run_log: { organization_id: '(SELECT organization_id FROM runs WHERE runs.id = run_id)' },
  run_counts: { shard: '0' },
  run_days: { shard: '0' },
};

/** One parameter a column: an array. The columns are in the order of `given`, which may be another side's. */
export function insertRows({ name, columns, types }: TypedTable, given: readonly string[]): string {
  const added = ADDED[name] ?? {};
  const typed = given.map((column, at) => `$${at + 1}::${types[columns.indexOf(column)] ?? 'text'}[]`);
  return `
    INSERT INTO ${name} (${[...given, ...Object.keys(added)].join(', ')})
    SELECT ${[...given, ...Object.values(added)].join(', ')}
    FROM unnest(${typed.join(', ')}) AS given (${given.join(', ')})`;
}
