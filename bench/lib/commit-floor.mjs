import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadBinding } from '../../dist/store/sqlite/connection/binding.js';
import { quantile } from './load.mjs';

const ROUNDS = 500;

/**
 * The time that so many durable commits of one small row take, one after the other, with nothing else going on: no run
 * whose steps are each remembered before the next one starts can take less on this disk. Milliseconds, the median.
 */
export async function measureCommits(commits) {
  const { DatabaseSync } = await loadBinding();
  const folder = mkdtempSync(join(tmpdir(), 'errand-bench-floor-'));
  const database = new DatabaseSync(join(folder, 'floor.db'));
  try {
    database.exec('PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    database.exec('CREATE TABLE rows (id INTEGER PRIMARY KEY, value TEXT) STRICT');
    const insert = database.prepare('INSERT INTO rows (value) VALUES (?)');
    const times = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const from = performance.now();
      for (let commit = 0; commit < commits; commit += 1) insert.run('a row of a few words');
      times.push(performance.now() - from);
    }
    return quantile(
      times.toSorted((a, b) => a - b),
      0.5,
    );
  } finally {
    database.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
