import { ErrandError, errorMessage } from '../../../core/errors.js';
import type { SqliteConnection } from './connection.js';
import type { BatchTarget } from './group-commit.js';

/** What makes commits durable that do not wait for the disk. */
export interface CommitLog {
  /** See `BatchTarget`. */
  ready(): Promise<void> | null;
  durable(): Promise<void> | null;
  /** For right after a commit that changed something: the number of its batch. */
  written(works: number): number;
  readonly durableBatch: number;
}

/** Batches on a connection, with what its tables keep in memory. */
export class ConnectionBatches implements BatchTarget {
  readonly #db: SqliteConnection;
  #writesBefore = 0;
  /** Null: commits wait for the disk by themselves. */
  log: CommitLog | null = null;
  isOpen = false;

  constructor(db: SqliteConnection) {
    this.#db = db;
  }

  ready(): Promise<void> | null {
    return this.log?.ready() ?? null;
  }

  durable(): Promise<void> | null {
    return this.log?.durable() ?? null;
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
    this.isOpen = true;
    this.#writesBefore = this.#db.writes;
    this.#db.reloadIfChanged();
  }

  commit(works: number): void {
    try {
      this.#db.participants.flush();
      this.#db.control('COMMIT');
    } catch (error) {
      if (error instanceof ErrandError) throw error;
      throw new ErrandError('unavailable', `The store could not commit: ${errorMessage(error)}.`, { cause: error });
    }
    this.isOpen = false;
    const { log } = this;
    const batch = log === null || this.#db.writes === this.#writesBefore ? null : log.written(works);
    const isDurable = batch === null || log === null || log.durableBatch >= batch;
    this.#db.participants.committed(isDurable ? null : batch);
  }

  rollback(): void {
    this.isOpen = false;
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
