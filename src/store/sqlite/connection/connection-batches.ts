import { ErrandError, errorMessage } from '../../../core/errors.js';
import type { SqliteConnection } from './connection.js';
import type { BatchTarget } from './group-commit.js';

/** Batches on a connection, with what its tables keep in memory. */
export class ConnectionBatches implements BatchTarget {
  readonly #db: SqliteConnection;

  constructor(db: SqliteConnection) {
    this.#db = db;
  }

  get writes(): number {
    return this.#db.writes;
  }

  get storageFailure(): ErrandError | null {
    return this.#db.storageFailure;
  }

  begin(): void {
    this.#db.storageFailure = null;
    this.#db.control('BEGIN IMMEDIATE');
    this.#db.reloadIfChanged();
  }

  commit(): void {
    try {
      this.#db.participants.flush();
      this.#db.control('COMMIT');
    } catch (error) {
      if (error instanceof ErrandError) throw error;
      throw new ErrandError('unavailable', `The store could not commit: ${errorMessage(error)}.`, { cause: error });
    }
    this.#db.participants.committed();
  }

  rollback(): void {
    this.#db.participants.undo('all');
    try {
      this.#db.control('ROLLBACK');
    } catch {
      // There is no transaction any more: SQLite rolls back by itself when the disk fails it, or BEGIN was what failed.
    }
  }

  savepoint(): void {
    this.#db.participants.flush();
    this.#db.participants.markSavepoint();
    this.#db.control('SAVEPOINT work');
  }

  releaseSavepoint(): void {
    this.#db.control('RELEASE work');
  }

  rollbackToSavepoint(): void {
    this.#db.participants.undo('to savepoint');
    this.#db.control('ROLLBACK TO work');
  }
}
