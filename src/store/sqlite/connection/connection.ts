import type { Durability } from '../../../core/ports/store/store.js';
import { ErrandError, errorMessage } from '../../../core/errors.js';
import { repairAdvice } from './assert-whole.js';
import { BatchParticipants } from './batch-participants.js';
import type { SqliteBinding, SqliteDatabase, SqliteStatement, SqlValue } from './binding.js';

/** SQLite's extended result codes for broken constraints that callers can bring about. */
const CONSTRAINTS: { readonly [code: number]: ConstraintError['kind'] } = {
  787: 'foreign_key',
  1555: 'unique',
  2067: 'unique',
};

/** SQLite's primary result codes for a store that cannot be read or written just now, and what to tell people. */
const STORAGE_FAULTS: { readonly [code: number]: string | ((path: string) => string) } = {
  5: 'is locked by another program',
  6: 'is locked by another program',
  7: 'cannot be used: the machine is out of memory',
  8: 'cannot be written: the file or its folder is read-only',
  10: 'cannot be used: the file system reports an error',
  11: (path) => `is damaged: ${repairAdvice(path)}`,
  13: 'cannot be written: the disk is full',
  14: 'cannot be opened: does the folder exist, and may this user write in it?',
  26: (path) => `is not an SQLite database, or it is damaged: ${repairAdvice(path)}`,
};

const IO_ERROR = 10;

const SYNCHRONOUS = { full: 'FULL', relaxed: 'NORMAL', deferred: 'OFF' } as const;

export class ConstraintError extends Error {
  override readonly name = 'ConstraintError';
  readonly kind: 'unique' | 'foreign_key';

  constructor(kind: ConstraintError['kind'], cause: unknown) {
    super(errorMessage(cause), { cause });
    this.kind = kind;
  }

  /** Whether it is a unique constraint on, among others, the column `column` (`api_keys.hash`). */
  isOn(column: string): boolean {
    return this.kind === 'unique' && this.message.split(/[\s,]+/).includes(column);
  }
}

/** What the store says of a file, disk or machine that fails it. `code` is SQLite's, whose low byte counts. */
export function storageFailure(params: {
  readonly path: string;
  readonly code: number;
  readonly cause: unknown;
}): ErrandError {
  const { path, code, cause } = params;
  const fault = STORAGE_FAULTS[code & 0xff] ?? STORAGE_FAULTS[IO_ERROR]!;
  const told = typeof fault === 'string' ? fault : fault(path);
  return new ErrandError('unavailable', `The data file ${path} ${told} (${errorMessage(cause)}).`, { cause });
}

/** One open database file with its prepared statements. Everything is synchronous. */
export class SqliteConnection {
  /** Grows with every statement that changed something. */
  writes = 0;
  /** Set by the first statement that failed because of the file, the disk or the machine. */
  storageFailure: ErrandError | null = null;
  /** What tables keep in memory. */
  readonly participants = new BatchParticipants();
  readonly #database: SqliteDatabase;
  readonly #path: string;
  readonly #isShared: boolean;
  /** What SQLite counts the commits of other connections by. */
  #dataVersion = 0;
  readonly #statements = new Map<string, SqliteStatement>();

  constructor(params: {
    readonly binding: SqliteBinding;
    readonly path: string;
    /** `deferred`: commits do not wait for the disk, and whoever has opened the file sees to it (see `DiskLog`). */
    readonly durability: Durability | 'deferred';
    /** Whether other connections may write to the file. Not when not given. */
    readonly isShared?: boolean;
  }) {
    this.#path = params.path;
    this.#isShared = params.isShared === true;
    this.#database = this.#guard(() => new params.binding.DatabaseSync(params.path));
    try {
      this.exec('PRAGMA busy_timeout = 2000');
      this.exec('PRAGMA page_size = 8192'); // of a new file; a run's row then mostly fits its page
      this.exec('PRAGMA synchronous = FULL'); // for making the file
      this.exec('PRAGMA journal_mode = WAL');
      this.exec('PRAGMA wal_autocheckpoint = 4000'); // pages: 32 MiB
      this.exec(`PRAGMA synchronous = ${SYNCHRONOUS[params.durability]}`);
      this.exec('PRAGMA foreign_keys = ON');
      this.exec('PRAGMA temp_store = MEMORY');
      this.exec('PRAGMA cache_size = -65536'); // 64 MiB
      this.exec('PRAGMA journal_size_limit = 67108864');
      if (this.#isShared) this.#dataVersion = this.#readDataVersion();
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  exec(sql: string): void {
    this.#guard(() => this.#database.exec(sql));
  }

  /** For BEGIN, COMMIT and the like, which are the same again and again. */
  control(sql: string): void {
    try {
      this.#statement(sql).run();
    } catch (error) {
      throw this.#translate(error);
    }
  }

  /** How many rows were changed. */
  run(sql: string, ...values: SqlValue[]): number {
    try {
      const changes = Number(this.#statement(sql).run(...values).changes);
      if (changes > 0) this.writes++;
      return changes;
    } catch (error) {
      throw this.#translate(error);
    }
  }

  /** The first row, or undefined. */
  get(sql: string, ...values: readonly SqlValue[]): unknown {
    try {
      return this.#statement(sql).get(...values);
    } catch (error) {
      throw this.#translate(error);
    }
  }

  all(sql: string, ...values: readonly SqlValue[]): unknown[] {
    try {
      return this.#statement(sql).all(...values);
    } catch (error) {
      throw this.#translate(error);
    }
  }

  /** Reads rows until `visit` returns false. */
  forEach(sql: string, values: readonly SqlValue[], visit: (row: unknown) => boolean): void {
    try {
      for (const row of this.#statement(sql).iterate(...values)) if (!visit(row)) break;
    } catch (error) {
      throw this.#translate(error);
    }
  }

  /** For before a read, or in a transaction: forgets what tables keep in memory when another connection has written. */
  reloadIfChanged(): void {
    if (!this.#isShared) return;
    const dataVersion = this.#readDataVersion();
    if (dataVersion === this.#dataVersion) return;
    this.#dataVersion = dataVersion;
    this.participants.reload();
  }

  close(): void {
    this.#statements.clear();
    try {
      // Not every binding ends its statements with the connection, and without that SQLite leaves the log where it is.
      this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    } catch {
      // The log is taken in at the next start.
    }
    this.#guard(() => this.#database.close());
  }

  #readDataVersion(): number {
    return (this.get('PRAGMA data_version') as { data_version: number }).data_version;
  }

  #statement(sql: string): SqliteStatement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #guard<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw this.#translate(error);
    }
  }

  #translate(error: unknown): unknown {
    const code = resultCode(error);
    if (code === null) return error;
    const constraint = CONSTRAINTS[code];
    if (constraint !== undefined) return new ConstraintError(constraint, error);
    if (STORAGE_FAULTS[code & 0xff] === undefined) return error;
    const failure = storageFailure({ path: this.#path, code, cause: error });
    this.storageFailure ??= failure;
    return failure;
  }
}

/** SQLite's extended result code, of either binding. Its low byte is the primary one. */
function resultCode(error: unknown): number | null {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : null;
}
