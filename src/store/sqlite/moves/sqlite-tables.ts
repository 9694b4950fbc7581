import type { MovedTable } from '../../rows/moves/movable-records.js';
import { FIRST_EPOCH } from '../../../core/ports/store/run-store.js';
import type { SqliteConnection } from '../connection/connection.js';

/** Tables that stay where they are, and why. */
const STAYING: { readonly [table: string]: string } = {
  schema_migrations: 'each side has a schema of its own',
  store_life: 'of the process that has the file open',
  write_checks: 'of the disk',
  moves: 'of the move itself',
  deleted_runs: 'logs that are still to go stay behind',
  run_drives: 'columns of `runs` on the other side',
  run_outputs: 'columns of `runs` on the other side',
  run_pieces: 'columns of `runs` and `run_log` on the other side',
};

/** What is read in the place of a table, where the other side has another form. */
const READ_AS: { readonly [table: string]: string } = {
  // The row of a run that has been settled holds all that its log does.
  runs: `
    SELECT runs.*, version AS row_version, coalesce(epoch, ${FIRST_EPOCH}) AS epoch, coalesce(crashes, 0) AS crashes,
      coalesce(ended_nodes, 0) AS ended_nodes,
      CASE WHEN output = '' THEN coalesce((SELECT output FROM run_outputs WHERE run_id = runs.id), ${joined('runs.id', '0')})
        ELSE output END AS whole_output
    FROM runs LEFT JOIN run_drives ON run_id = runs.id`,
  run_log: `
    SELECT run_id, last_seq,
      CASE WHEN events = '' THEN ${joined('run_log.run_id', 'last_seq')} ELSE events END AS events
    FROM run_log WHERE EXISTS (SELECT 1 FROM runs WHERE runs.id = run_id)`,
  run_counts: 'SELECT * FROM run_counts WHERE count <> 0',
  run_days: 'SELECT * FROM run_days WHERE amount <> 0',
};

/** A text that is in pieces. */
function joined(runId: string, place: string): string {
  return `(SELECT group_concat(piece_text, '') FROM (SELECT CAST(bytes AS TEXT) AS piece_text FROM run_pieces AS pieces_of
    WHERE pieces_of.run_id = ${runId} AND pieces_of.place = ${place} ORDER BY piece))`;
}

interface ColumnRow {
  readonly name: string;
  /** Its place in the primary key, from 1; 0: in none. */
  readonly pk: number;
}

/** The tables of the file that are moved, with their columns, as its own schema tells. */
export function readTables(db: SqliteConnection): readonly MovedTable[] {
  const rows = db.all("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name") as { name: string }[];
  return rows
    .filter(({ name }) => !(name in STAYING) && !name.startsWith('sqlite_'))
    .map(({ name }) => readTable(db, name));
}

function readTable(db: SqliteConnection, name: string): MovedTable {
  const columns = db.all(`SELECT name, pk FROM pragma_table_info('${name}') ORDER BY cid`) as ColumnRow[];
  const references = db.all(`SELECT DISTINCT "table" AS name FROM pragma_foreign_key_list('${name}')`);
  const own = columns.map((column) => column.name);
  return {
    name,
    columns: name === 'runs' ? ofRuns(own) : own,
    key: columns
      .filter(({ pk }) => pk > 0)
      .toSorted((one, other) => one.pk - other.pk)
      .map((column) => column.name),
    references: (references as { name: string }[]).map((reference) => reference.name),
  };
}

function ofRuns(columns: readonly string[]): readonly string[] {
  return [...columns.filter((column) => column !== 'version'), 'row_version', 'epoch', 'crashes', 'ended_nodes'];
}

export function selectRows(table: MovedTable, params: { readonly isAfter: boolean }): string {
  const { name, columns, key } = table;
  const after = params.isAfter ? `WHERE (${key.join(', ')}) > (${key.map(() => '?').join(', ')})` : '';
  const read = columns.map((column) => (name === 'runs' && column === 'output' ? 'whole_output AS output' : column));
  const from = READ_AS[name] ?? `SELECT * FROM ${name}`;
  return `SELECT ${read.join(', ')} FROM (${from}) AS rows_of ${after} ORDER BY ${key.join(', ')} LIMIT ?`;
}

export function selectLastKey({ name, key }: MovedTable): string {
  return `SELECT ${key.join(', ')} FROM ${name} ORDER BY ${key.map((column) => `${column} DESC`).join(', ')} LIMIT 1`;
}
