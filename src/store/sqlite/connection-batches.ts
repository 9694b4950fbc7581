import { ErrandError, errorMessage } from '../../core/errors.js';
import type { ApiKeysTable } from './api-keys-table.js';
import type { SqliteConnection } from './connection.js';
import type { BatchTarget } from './group-commit.js';
import type { LiveRuns } from './live-runs.js';
import type { RunningTotals } from './running-totals.js';
import type { RunsTable } from './runs-table.js';

/** Batches on a connection, with what is kept in memory of its running totals and of the runs under way. */
export class ConnectionBatches implements BatchTarget {
  readonly #db: SqliteConnection;
  readonly #totals: RunningTotals;
  readonly #live: LiveRuns;
  readonly #runs: RunsTable;
  readonly #keys: ApiKeysTable;

  constructor(params: {
    readonly db: SqliteConnection;
    readonly totals: RunningTotals;
    readonly live: LiveRuns;
    readonly runs: RunsTable;
    readonly keys: ApiKeysTable;
  }) {
    this.#db = params.db;
    this.#totals = params.totals;
    this.#live = params.live;
    this.#runs = params.runs;
    this.#keys = params.keys;
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
  }

  commit(): void {
    try {
      this.#flush();
      this.#db.control('COMMIT');
    } catch (error) {
      if (error instanceof ErrandError) throw error;
      throw new ErrandError('unavailable', `The store could not commit: ${errorMessage(error)}.`, { cause: error });
    }
    this.#live.committed();
  }

  rollback(): void {
    this.#forget();
    this.#live.undoAll();
    try {
      this.#db.control('ROLLBACK');
    } catch {
      // There is no transaction any more: SQLite rolls back by itself when the disk fails it, or BEGIN was what failed.
    }
  }

  savepoint(): void {
    this.#flush();
    this.#live.markSavepoint();
    this.#db.control('SAVEPOINT work');
  }

  releaseSavepoint(): void {
    this.#db.control('RELEASE work');
  }

  rollbackToSavepoint(): void {
    this.#forget();
    this.#live.undoToSavepoint();
    this.#db.control('ROLLBACK TO work');
  }

  #forget(): void {
    this.#totals.discard();
    this.#keys.forget();
    this.#runs.forget();
  }

  #flush(): void {
    this.#runs.flush();
    this.#totals.flush();
  }
}
