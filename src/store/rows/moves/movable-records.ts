/** As a column holds it, in either kind of database. */
export type MovedValue = string | number | null;
export type MovedRow = readonly MovedValue[];

/** A table as far as it is moved, read from a database's own schema. */
export interface MovedTable {
  readonly name: string;
  /** In one order on both sides. */
  readonly columns: readonly string[];
  /** Of its rows, which are read and compared in this order. */
  readonly key: readonly string[];
  /** Tables whose rows have to be there first. */
  readonly references: readonly string[];
}

/** What a database notes of a move. */
export interface MoveMark {
  /** Of the move; the same on both sides. */
  readonly id: string;
  /** `away`: what is here belongs to the other place. `here`: not all of it has come yet. */
  readonly direction: 'away' | 'here';
  /** The other side, as people may see it. */
  readonly other: string;
  readonly begunAt: number;
  /** Null until all has been moved and compared. */
  readonly doneAt: number | null;
}

/** One side of a move: all records as rows, beside every port. Nobody else has them open. */
export interface MovableRecords {
  /** As people may see it. */
  readonly place: string;
  /** Those that are moved, in no order. */
  readonly tables: readonly MovedTable[];
  /** At most `limit` rows whose keys come after `after`, in the order of their keys. */
  read(table: MovedTable, params: { readonly after: MovedRow | null; readonly limit: number }): Promise<MovedRow[]>;
  /** The key of the last row; null when there is none. */
  lastKey(table: MovedTable): Promise<MovedRow | null>;
  /** All of them or none. */
  write(table: MovedTable, rows: readonly MovedRow[]): Promise<void>;
  findMark(): Promise<MoveMark | null>;
  /** From an `away` on, nobody can write here any more. */
  setMark(mark: MoveMark): Promise<void>;
  /** What was kept from being written can be again. */
  clearMark(): Promise<void>;
  /** Throws `unavailable` when somebody is at work on the records, or has left what only they can end. */
  assertAtRest(): Promise<void>;
  close(): Promise<void>;
}

/** The values of a row's key. */
export function keyOf({ columns, key }: MovedTable, row: MovedRow): MovedRow {
  return key.map((column) => row[columns.indexOf(column)] ?? null);
}

/** Rows of a table, as `Record`s have them, in the order of the columns. */
export function toMovedRow({ columns }: Pick<MovedTable, 'columns'>, row: unknown): MovedRow {
  const values = row as { readonly [column: string]: MovedValue };
  return columns.map((column) => values[column] ?? null);
}
