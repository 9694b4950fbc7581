import { ErrandError, errorMessage } from '../../core/errors.js';
import type { Connection } from './connection.js';
import type { BatchTarget } from './group-commit.js';
import type { RunningTotals } from './running-totals.js';

/** Batches on a connection, its running totals included. */
export class ConnectionBatches implements BatchTarget {
  readonly #db: Connection;
  readonly #totals: RunningTotals;

  constructor(db: Connection, totals: RunningTotals) {
    this.#db = db;
    this.#totals = totals;
  }

  get writes(): number {
    return this.#db.writes;
  }

  get storageFailure(): ErrandError | null {
    return this.#db.storageFailure;
  }

  begin(): void {
    this.#db.storageFailure = null;
    this.#db.exec('BEGIN IMMEDIATE');
  }

  commit(): void {
    try {
      this.#totals.flush();
      this.#db.exec('COMMIT');
    } catch (error) {
      if (error instanceof ErrandError) throw error;
      throw new ErrandError('unavailable', `The store could not commit: ${errorMessage(error)}.`, { cause: error });
    }
  }

  rollback(): void {
    this.#totals.discard();
    try {
      this.#db.exec('ROLLBACK');
    } catch {
      // There is no transaction any more: SQLite rolls back by itself when the disk fails it, or BEGIN was what failed.
    }
  }

  savepoint(): void {
    this.#totals.flush();
    this.#db.exec('SAVEPOINT work');
  }

  releaseSavepoint(): void {
    this.#db.exec('RELEASE work');
  }

  rollbackToSavepoint(): void {
    this.#totals.discard();
    this.#db.exec('ROLLBACK TO work');
  }
}
