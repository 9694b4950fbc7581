// What the SQLite bindings that this Node can load are worth: `node bench/sqlite-bindings.mjs`
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROWS = 20_000;
const GROUP = 100;

const bindings = {
  'node:sqlite': async () => (await import('node:sqlite')).DatabaseSync,
  '@photostructure/sqlite': async () => (await import('@photostructure/sqlite')).DatabaseSync,
  'better-sqlite3': async () => (await import('better-sqlite3')).default,
  libsql: async () => (await import('libsql')).default,
};

function perSecond(count, work) {
  const start = performance.now();
  work();
  return Math.round((count / (performance.now() - start)) * 1_000).toLocaleString('en');
}

function measure(Database, path) {
  const db = new Database(path);
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  db.exec('CREATE TABLE t (id TEXT PRIMARY KEY, value TEXT, number INTEGER) STRICT, WITHOUT ROWID');
  const insert = db.prepare('INSERT INTO t VALUES (?, ?, ?)');
  const select = db.prepare('SELECT * FROM t WHERE id = ?');
  const figures = {
    'single-row commits/s': perSecond(ROWS, () => {
      for (let row = 0; row < ROWS; row++) insert.run(`single ${row}`, `value ${row}`, row);
    }),
    [`rows/s, ${GROUP} a commit`]: perSecond(ROWS, () => {
      for (let row = 0; row < ROWS; row++) {
        if (row % GROUP === 0) db.exec('BEGIN IMMEDIATE');
        insert.run(`grouped ${row}`, `value ${row}`, row);
        if (row % GROUP === GROUP - 1) db.exec('COMMIT');
      }
    }),
    'reads/s': perSecond(ROWS * 5, () => {
      for (let read = 0; read < ROWS * 5; read++) select.get(`single ${read % ROWS}`);
    }),
  };
  db.close();
  return figures;
}

const folder = mkdtempSync(join(tmpdir(), 'errand-bench-'));
const results = {};
try {
  for (const [name, load] of Object.entries(bindings)) {
    const Database = await load().catch(() => null);
    if (Database !== null) results[name] = measure(Database, join(folder, `${Object.keys(results).length}.db`));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(`Node ${process.versions.node}, ${ROWS.toLocaleString('en')} rows, WAL, synchronous = FULL`);
console.table(results);
