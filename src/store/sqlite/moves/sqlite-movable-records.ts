import { existsSync } from 'node:fs';
import { ErrandError } from '../../../core/errors.js';
import { FIRST_EPOCH } from '../../../core/ports/store/run-store.js';
import {
  type MovableRecords,
  type MovedRow,
  type MovedTable,
  type MovedValue,
  type MoveMark,
  toMovedRow,
} from '../../rows/moves/movable-records.js';
import { toMark } from '../../rows/moves/move-mark.js';
import { assertWhole } from '../connection/assert-whole.js';
import { loadBinding } from '../connection/binding.js';
import { SqliteConnection } from '../connection/connection.js';
import { lockDataFile } from '../file/folder-lock.js';
import { createPrivately } from '../file/private-file.js';
import { migrate } from '../schema/migrate.js';
import { createTables } from '../tables/tables.js';
import { ELSEWHERE } from '../tables/long-texts/run-pieces-table.js';
import { LONG_OUTPUT } from '../tables/runs-table.js';
import { readTables, selectLastKey, selectRows } from './sqlite-tables.js';

const INSERT_OUTPUT = 'INSERT INTO run_outputs (run_id, output) VALUES (?, ?)';
const INSERT_DRIVES = 'INSERT INTO run_drives (run_id, epoch, crashes, ended_nodes) VALUES (?, ?, ?, ?)';
const SET_MARK = `
  INSERT OR REPLACE INTO moves (id, move_id, direction, other, begun_at, done_at) VALUES (1, ?, ?, ?, ?, ?)`;

/**
 * All records of a data file, which is made where there is none and `mayBeNew` says so. Throws `unavailable` when another
 * process has it open.
 */
export async function openSqliteMovable(params: {
  readonly path: string;
  /** For people. */
  readonly place: string;
  readonly mayBeNew: boolean;
}): Promise<MovableRecords> {
  const { path, place, mayBeNew } = params;
  if (!mayBeNew && !existsSync(path)) throw new ErrandError('not_found', `There is no data in ${place}.`);
  const binding = await loadBinding();
  const unlock = lockDataFile({ binding, path });
  try {
    assertWhole(path);
    createPrivately(path);
    const db = new SqliteConnection({ binding, path, durability: 'full' });
    try {
      migrate(db);
      settle(db);
      return new SqliteMovable(db, place, unlock);
    } catch (error) {
      db.close();
      throw error;
    }
  } catch (error) {
    unlock();
    throw error;
  }
}

/** Has the rows of runs hold all that their logs do. */
function settle(db: SqliteConnection): void {
  const tables = createTables(db);
  tables.runs.catchUp();
  inTransaction(db, () => {
    tables.runs.catchUpAll();
    db.participants.flush();
  });
}

function inTransaction(db: SqliteConnection, work: () => void): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    work();
    db.exec('COMMIT');
  } catch (error) {
    db.exec('ROLLBACK');
    throw error;
  }
}

class SqliteMovable implements MovableRecords {
  readonly place: string;
  readonly tables: readonly MovedTable[];
  readonly #db: SqliteConnection;
  readonly #unlock: () => void;

  constructor(db: SqliteConnection, place: string, unlock: () => void) {
    this.#db = db;
    this.#unlock = unlock;
    this.place = place;
    this.tables = readTables(db);
  }

  async read(
    table: MovedTable,
    { after, limit }: { readonly after: MovedRow | null; readonly limit: number },
  ): Promise<MovedRow[]> {
    const rows = this.#db.all(selectRows(table, { isAfter: after !== null }), ...(after ?? []), limit);
    return rows.map((row) => toMovedRow(table, row));
  }

  async lastKey(table: MovedTable): Promise<MovedRow | null> {
    const row = this.#db.get(selectLastKey(table));
    return row === undefined ? null : toMovedRow({ columns: table.key }, row);
  }

  async write(table: MovedTable, rows: readonly MovedRow[]): Promise<void> {
    const write = table.name === 'runs' ? this.#runWriter(table) : this.#writer(table.name, table.columns);
    inTransaction(this.#db, () => rows.forEach(write));
  }

  #writer(name: string, columns: readonly string[]): (row: MovedRow) => void {
    const insert = `INSERT INTO ${name} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`;
    return (row) => void this.#db.run(insert, ...row);
  }

  /** The row, and what of it has tables of its own here. */
  #runWriter({ columns }: MovedTable): (row: MovedRow) => void {
    const elsewhere = ['epoch', 'crashes', 'ended_nodes'];
    const own = columns.filter((column) => !elsewhere.includes(column));
    const insert = this.#writer(
      'runs',
      own.map((column) => (column === 'row_version' ? 'version' : column)),
    );
    return (row) => {
      const value = (column: string): MovedValue => row[columns.indexOf(column)] ?? null;
      const [id, output] = [value('id'), value('output')];
      const isLong = typeof output === 'string' && output.length > LONG_OUTPUT;
      insert(own.map((column) => (column === 'output' && isLong ? ELSEWHERE : value(column))));
      if (isLong) this.#db.run(INSERT_OUTPUT, id, output);
      const [epoch, crashes, endedNodes] = elsewhere.map(value);
      if (epoch !== FIRST_EPOCH || crashes !== 0 || endedNodes !== 0) {
        this.#db.run(INSERT_DRIVES, id, epoch ?? FIRST_EPOCH, crashes ?? 0, endedNodes ?? 0);
      }
    };
  }

  async findMark(): Promise<MoveMark | null> {
    return toMark(this.#db.get('SELECT * FROM moves'));
  }

  async setMark({ id, direction, other, begunAt, doneAt }: MoveMark): Promise<void> {
    this.#db.run(SET_MARK, id, direction, other, begunAt, doneAt);
  }

  async clearMark(): Promise<void> {
    this.#db.run('DELETE FROM moves');
  }

  /** Whoever is at work holds the lock. */
  async assertAtRest(): Promise<void> {}

  async close(): Promise<void> {
    try {
      this.#db.close();
    } finally {
      this.#unlock();
    }
  }
}
