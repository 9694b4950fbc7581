import { countCrash } from '../../core/run/crashes.js';
import type { SqliteConnection } from './connection/connection.js';
import type { Tables } from './tables/tables.js';

const PAGE = 500;

/**
 * Notes that a process has the file open, and lets go of what an earlier one has written for runs that it did not make. Where one had it open when it died, that counts against the runs that were at
 * work. A disk that cannot be written keeps nobody from starting: the death is then not counted.
 */
export function beginLife(db: SqliteConnection, tables: Tables): void {
  try {
    db.exec('BEGIN IMMEDIATE');
    const { is_open: wasOpen } = db.get('SELECT is_open FROM store_life') as { is_open: number };
    if (wasOpen === 1) countCrashes(tables);
    tables.deleted.discardUnmade();
    db.run('UPDATE store_life SET is_open = 1');
    db.exec('COMMIT');
  } catch {
    try {
      db.exec('ROLLBACK');
    } catch {
      // There is no transaction any more.
    }
  }
  db.storageFailure = null;
}

export function endLife(db: SqliteConnection): void {
  try {
    db.run('UPDATE store_life SET is_open = 0');
  } catch {
    // Then this end counts as a death.
  }
}

function countCrashes({ runs, drives }: Tables): void {
  for (let afterId: string | null = null; ;) {
    const page = runs.listUnfinished({ afterId, limit: PAGE });
    for (const run of page) {
      const before = drives.get(run.id);
      const counted = countCrash(run, before);
      if (counted !== null) drives.set(run.id, { epoch: before.epoch, ...counted });
    }
    const last = page.at(-1);
    if (last === undefined) return;
    afterId = last.id;
  }
}
