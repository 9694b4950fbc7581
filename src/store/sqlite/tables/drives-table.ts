import type { RunCrashes } from '../../../core/run/crashes.js';
import { FIRST_EPOCH } from '../../../core/ports/store/run-store.js';
import type { SqliteConnection } from '../connection/connection.js';
import { decodeText, encodeText } from '../connection/text.js';

/** See `BegunDrive`. */
export interface RunDrives extends RunCrashes {
  readonly epoch: number;
}

const SELECT = 'SELECT epoch, crashes, ended_nodes AS endedNodes FROM run_drives WHERE run_id = ?';
const UPSERT = `
  INSERT INTO run_drives (run_id, epoch, crashes, ended_nodes) VALUES (?, ?, ?, ?)
  ON CONFLICT (run_id) DO UPDATE SET
    epoch = excluded.epoch, crashes = excluded.crashes, ended_nodes = excluded.ended_nodes`;
const LIST_CRASHED = `
  SELECT run_id FROM run_drives JOIN runs ON runs.id = run_id
  WHERE crashes >= ? AND status IN ('pending', 'running') ORDER BY run_id`;

/** Made by whoever accepted the run, and driven by nobody else: most runs have no row. */
const FIRST: RunDrives = { epoch: FIRST_EPOCH, crashes: 0, endedNodes: 0 };

/** How often runs were taken up, of those that were taken up again. */
export class DrivesTable {
  readonly #db: SqliteConnection;

  constructor(db: SqliteConnection) {
    this.#db = db;
  }

  get(runId: string): RunDrives {
    return (this.#db.get(SELECT, encodeText(runId)) as RunDrives | undefined) ?? FIRST;
  }

  set(runId: string, { epoch, crashes, endedNodes }: RunDrives): void {
    this.#db.run(UPSERT, encodeText(runId), epoch, crashes, endedNodes);
  }

  listCrashed({ atLeast }: { readonly atLeast: number }): string[] {
    const rows = this.#db.all(LIST_CRASHED, atLeast) as { run_id: string }[];
    return rows.map((row) => decodeText(row.run_id));
  }
}
