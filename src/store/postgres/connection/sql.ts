type Scalar = string | number | boolean | null;
export type SqlValue = Scalar | Buffer | readonly Scalar[];

/** Where statements go: to the pool, each by itself, or to a connection with a transaction. */
export interface Sql {
  /** Its rows. */
  all(text: string, values?: readonly SqlValue[]): Promise<unknown[]>;
  /** How many rows it changed. */
  run(text: string, values?: readonly SqlValue[]): Promise<number>;
}

/** The first row, or undefined. */
export async function first(sql: Sql, text: string, values: readonly SqlValue[]): Promise<unknown> {
  return (await sql.all(text, values))[0];
}
