import { decodeText, encodeText } from './text.js';

type Stored = string | number | null;

export type Row = { readonly [column: string]: unknown };

/** How a field of a record becomes a column and back. */
interface Column<Value> {
  readonly name: string;
  readonly write: (value: Value) => Stored;
  readonly read: (stored: never) => Value;
}

export function textColumn(name: string): Column<string> {
  return { name, write: encodeText, read: decodeText };
}

export function optionalTextColumn(name: string): Column<string | null> {
  return {
    name,
    write: (value) => (value === null ? null : encodeText(value)),
    read: (stored: string | null) => (stored === null ? null : decodeText(stored)),
  };
}

export function jsonColumn<Value>(name: string): Column<Value> {
  return { name, write: (value) => JSON.stringify(value), read: (stored: string) => JSON.parse(stored) as Value };
}

export function flagColumn(name: string): Column<boolean> {
  return { name, write: (value) => (value ? 1 : 0), read: (stored: number) => stored === 1 };
}

/** A number, or a word that the program itself chooses: kept as it is. */
export function plainColumn<Value extends Stored>(name: string): Column<Value> {
  return { name, write: (value) => value, read: (stored: Value) => stored };
}

export interface RowForm<Fields> {
  /** Of the columns. */
  readonly names: readonly string[];
  /** The values of the columns, in their order. */
  readonly write: (record: Fields) => Stored[];
  readonly read: (row: Row) => Fields;
}

/** A column for each field, in the order in which they are inserted. */
export type Columns<Fields> = { readonly [Field in keyof Fields]-?: Column<Fields[Field]> };

/** Both ways between a record and its row, from one list of the columns. */
export function rowForm<Fields extends object>(columns: Columns<Fields>): RowForm<Fields> {
  const all = Object.entries(columns) as [keyof Fields, Column<unknown>][];
  return {
    names: all.map(([, { name }]) => name),
    write: (record) => all.map(([field, column]) => column.write(record[field])),
    read: (row) =>
      Object.fromEntries(all.map(([field, { name, read }]) => [field, read(row[name] as never)])) as Fields,
  };
}
