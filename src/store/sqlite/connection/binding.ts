import { ErrandError } from '../../../core/errors.js';

export type SqlValue = string | number | null | Uint8Array;

/** What is used of `node:sqlite`. */
export interface SqliteDatabase {
  prepare(sql: string): SqliteStatement;
  exec(sql: string): void;
  close(): void;
}

export interface SqliteStatement {
  run(...values: SqlValue[]): { changes: number | bigint };
  get(...values: SqlValue[]): unknown;
  all(...values: SqlValue[]): unknown[];
  iterate(...values: SqlValue[]): Iterable<unknown>;
}

export interface SqliteBinding {
  readonly name: 'node:sqlite' | '@photostructure/sqlite';
  readonly DatabaseSync: new (path: string) => SqliteDatabase;
}

/**
 * SQLite as Node carries it (22.13 and newer), else the package with the same interface.
 * Throws `unavailable` when there is neither.
 */
export async function loadBinding(): Promise<SqliteBinding> {
  const builtin = loadBuiltin();
  if (builtin !== undefined) return { name: 'node:sqlite', DatabaseSync: builtin.DatabaseSync };
  try {
    const { DatabaseSync } = await import('@photostructure/sqlite');
    return { name: '@photostructure/sqlite', DatabaseSync };
  } catch (cause) {
    throw new ErrandError(
      'unavailable',
      `Node ${process.versions.node} has no SQLite of its own and the package @photostructure/sqlite could not be ` +
        'loaded. Use Node 22.13 or newer, or install the package: npm install @photostructure/sqlite',
      { cause },
    );
  }
}

function loadBuiltin(): Pick<SqliteBinding, 'DatabaseSync'> | undefined {
  // Some Node versions announce on loading that their SQLite is experimental; nobody who runs a server can act on that.
  const restore = Object.getOwnPropertyDescriptor(process, 'emitWarning')!;
  process.emitWarning = () => undefined;
  try {
    return process.getBuiltinModule('node:sqlite') as Pick<SqliteBinding, 'DatabaseSync'> | undefined;
  } finally {
    Object.defineProperty(process, 'emitWarning', restore);
  }
}
