import { ErrandError } from '../../../core/errors.js';
import {
  type MovableRecords,
  type MovedRow,
  type MovedTable,
  type MoveMark,
  toMovedRow,
} from '../../rows/moves/movable-records.js';
import { toMark } from '../../rows/moves/move-mark.js';
import { PostgresPool } from '../connection/pool.js';
import { first, type Sql } from '../connection/sql.js';
import { migrate } from '../schema/migrate.js';
import { insertRows, readTables, selectLastKey, selectRows, type TypedTable } from './postgres-tables.js';

const SET_MARK = `
  INSERT INTO moves (id, move_id, direction, other, begun_at, done_at) VALUES (1, $1, $2, $3, $4, $5)
  ON CONFLICT (id) DO UPDATE SET move_id = excluded.move_id, direction = excluded.direction, other = excluded.other,
    begun_at = excluded.begun_at, done_at = excluded.done_at`;
/**
 * A process that was paused, and does not know, can write no more than any other: what it says is refused. 25006 is
 * what a database says that is read-only.
 */
const REFUSE_WRITES = `
  CREATE OR REPLACE FUNCTION errand_records_were_moved() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION 'the records were moved' USING ERRCODE = '25006'; END $$`;
const ACCEPT_WRITES = 'DROP FUNCTION IF EXISTS errand_records_were_moved() CASCADE';
/** Also those that stay: what is sent to a run would not come along. */
const GUARDED = ['run_mail', 'deleted_runs'];
const SELECT_PROCESSES = `
  SELECT place, extract(epoch FROM now() - seen_at)::bigint AS seconds FROM processes
  WHERE seen_at > now() - $1::bigint * interval '1 second' ORDER BY seen_at DESC`;
const COUNT_MAIL = 'SELECT count(*) AS count FROM run_mail WHERE verdict IS NULL';
/** A process that has said nothing for so long is gone, or can be kept from writing. */
const SILENT_SECONDS = 30;

/** All records of a database, whose tables are made where they are missing. */
export async function openPostgresMovable(url: string): Promise<MovableRecords> {
  const pool = await PostgresPool.open({ url, durability: 'full' });
  try {
    await migrate(pool);
    return new PostgresMovable(pool, await readTables(pool));
  } catch (error) {
    await pool.close();
    throw error;
  }
}

class PostgresMovable implements MovableRecords {
  readonly place: string;
  readonly tables: readonly TypedTable[];
  readonly #pool: PostgresPool;

  constructor(pool: PostgresPool, tables: readonly TypedTable[]) {
    this.#pool = pool;
    this.tables = tables;
    this.place = pool.address;
  }

  async read(
    table: MovedTable,
    { after, limit }: { readonly after: MovedRow | null; readonly limit: number },
  ): Promise<MovedRow[]> {
    const rows = await this.#pool.all(selectRows(table, { isAfter: after !== null }), [limit, ...(after ?? [])]);
    return rows.map((row) => toMovedRow(table, row));
  }

  async lastKey(table: MovedTable): Promise<MovedRow | null> {
    const row = await first(this.#pool, selectLastKey(table), []);
    return row === undefined ? null : toMovedRow({ columns: table.key }, row);
  }

  async write({ name, columns }: MovedTable, rows: readonly MovedRow[]): Promise<void> {
    const own = this.tables.find((table) => table.name === name);
    if (own === undefined) throw new ErrandError('internal', `There is no table ${name} in ${this.place}.`);
    const values = columns.map((_, at) => rows.map((row) => row[at] ?? null));
    await this.#pool.transaction((sql) => sql.run(insertRows(own, columns), values));
  }

  async findMark(): Promise<MoveMark | null> {
    return toMark(await first(this.#pool, 'SELECT * FROM moves', []));
  }

  async setMark(mark: MoveMark): Promise<void> {
    const { id, direction, other, begunAt, doneAt } = mark;
    await this.#pool.transaction(async (sql) => {
      if (direction === 'away') await this.#refuseWrites(sql);
      await sql.run(SET_MARK, [id, direction, other, begunAt, doneAt]);
    });
  }

  async #refuseWrites(sql: Sql): Promise<void> {
    await sql.run(REFUSE_WRITES);
    for (const name of [...this.tables.map((table) => table.name), ...GUARDED]) {
      await sql.run(`DROP TRIGGER IF EXISTS records_were_moved ON ${name}`);
      await sql.run(`
        CREATE TRIGGER records_were_moved BEFORE INSERT OR UPDATE OR DELETE ON ${name}
        FOR EACH STATEMENT EXECUTE FUNCTION errand_records_were_moved()`);
    }
  }

  async clearMark(): Promise<void> {
    await this.#pool.transaction(async (sql) => {
      await sql.run(ACCEPT_WRITES);
      await sql.run('DELETE FROM moves');
    });
  }

  async assertAtRest(): Promise<void> {
    const found = (await this.#pool.all(SELECT_PROCESSES, [SILENT_SECONDS])) as { place: string; seconds: number }[];
    const [newest] = found;
    if (newest !== undefined) {
      throw new ErrandError(
        'unavailable',
        `${found.length === 1 ? 'A process is' : `${found.length} processes are`} at work on ${this.place}: ` +
          `${found.map(({ place }) => place).join('; ')}. Stop them with SIGTERM; one that was killed counts for ` +
          `${SILENT_SECONDS} seconds (the last sign of life is ${newest.seconds} seconds old).`,
      );
    }
    const { count } = (await first(this.#pool, COUNT_MAIL, [])) as { count: number };
    if (count === 0) return;
    throw new ErrandError(
      'unavailable',
      `Runs in ${this.place} have not taken all that they were sent (cancels, answers): ${count} left. Start the processes and ` +
        'Restate once more, wait some seconds, and stop the processes with SIGTERM.',
    );
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}
