import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ErrandError, errorMessage } from '../../../core/errors.js';
import { loadBinding, type SqliteDatabase } from '../connection/binding.js';
import { assertNotParted } from '../connection/assert-whole.js';
import { lockDataFile } from './folder-lock.js';
import { readMigrations } from '../schema/migrate.js';
import { createPrivately } from './private-file.js';

/** A file that goes into a backup beside the records. */
export interface BackedUpFile {
  readonly name: string;
  readonly content: string;
}

const MAX_FAULTS = 100;

/**
 * A database is the file and what SQLite keeps beside it. One of these beside the file of another database spoils that
 * one.
 */
const PARTS = ['', '-wal', '-shm', '-journal'] as const;

/** The files of a database that are there, its own first. */
export function dataFilesAt(path: string): readonly string[] {
  return PARTS.map((end) => path + end).filter((file) => existsSync(file));
}

/** Removes a database that is of no use any more, or was never finished. */
export async function removeDataFiles(path: string): Promise<void> {
  for (const end of PARTS) await rm(path + end, { force: true });
}

/**
 * Copies the records as they stand at one moment into a file of their own, with these files in it. The data file may be
 * in use: a server that has it open goes on reading and writing. `to` must not be there, nor what SQLite would keep
 * beside it.
 */
export async function backUpDataFile(params: {
  readonly path: string;
  readonly to: string;
  /** Called once the records are copied: what is there then covers them. */
  readonly files: () => AsyncIterable<BackedUpFile>;
}): Promise<void> {
  const { path, to, files } = params;
  const source = await open(path);
  try {
    createPrivately(to);
    source.exec('PRAGMA busy_timeout = 10000');
    // Not prepared: a statement may outlive the connection's end, and keep it open until it is collected.
    source.exec(`VACUUM INTO '${to.replaceAll("'", "''")}'`);
  } catch (cause) {
    throw unreadable(path, cause);
  } finally {
    source.close();
  }
  const copy = await open(to);
  try {
    copy.exec('CREATE TABLE backup_files (name TEXT PRIMARY KEY, content TEXT NOT NULL) STRICT');
    const insert = copy.prepare('INSERT INTO backup_files (name, content) VALUES (?, ?)');
    for await (const { name, content } of files()) insert.run(name, content);
  } finally {
    copy.close();
  }
}

/**
 * Makes a data file of a backup's copy that lies in its place already, and gives the files that were in it. Throws when
 * it is no whole backup.
 */
export async function openBackup(path: string): Promise<readonly BackedUpFile[]> {
  const db = await open(path);
  try {
    // So that nothing of it is kept beside it.
    db.exec('PRAGMA journal_mode = DELETE');
    const faults = findDamage(db);
    if (faults.length > 0) throw new ErrandError('invalid_input', `The backup is damaged: ${faults.join('; ')}.`);
    if (!hasTable(db, 'backup_files') || !hasTable(db, 'schema_migrations')) {
      throw new ErrandError('invalid_input', 'The file is an SQLite database, but no backup that errand made.');
    }
    const { newest } = db.prepare('SELECT max(number) AS newest FROM schema_migrations').get() as { newest: number };
    if (newest > readMigrations().length) {
      throw new ErrandError('invalid_input', 'The backup was made by a newer Errand. Restore it with that version.');
    }
    const files = db.prepare('SELECT name, content FROM backup_files').all() as BackedUpFile[];
    db.exec('DROP TABLE backup_files');
    return files;
  } catch (cause) {
    if (cause instanceof ErrandError) throw cause;
    throw new ErrandError('invalid_input', `The file is no backup, or it is damaged: ${errorMessage(cause)}.`, {
      cause,
    });
  } finally {
    db.close();
  }
}

/** Throws `unavailable` when a data file is not whole where it lies, with what lies beside it. */
export async function assertSound(path: string): Promise<void> {
  const db = await openForReading(path);
  try {
    const [fault] = findDamage(db);
    if (fault !== undefined) throw new ErrandError('unavailable', `The data file ${path} is damaged: ${fault}.`);
  } finally {
    db.close();
  }
}

/** Keeps every other process off a data file that is not there yet; returns what lets it go. */
export async function claimDataFile(path: string): Promise<() => void> {
  return lockDataFile({ binding: await loadBinding(), path });
}

/** Opens a data file for looking at it, beside whoever has it open. Throws `not_found` when there is none. */
export async function openForReading(path: string): Promise<SqliteDatabase> {
  assertNotParted(path);
  if (!existsSync(path)) throw new ErrandError('not_found', `There is no data file ${resolve(path)}.`);
  const db = await open(path);
  try {
    db.exec('PRAGMA busy_timeout = 10000');
    db.exec('PRAGMA query_only = ON');
    return db;
  } catch (cause) {
    db.close();
    throw unreadable(path, cause);
  }
}

/** What SQLite's own check of the whole file finds. */
export function findDamage(db: SqliteDatabase): readonly string[] {
  try {
    const rows = db.prepare(`PRAGMA integrity_check(${MAX_FAULTS})`).all() as { integrity_check: string }[];
    return rows.map((row) => row.integrity_check).filter((text) => text !== 'ok');
  } catch (error) {
    return [errorMessage(error)];
  }
}

function hasTable(db: SqliteDatabase, name: string): boolean {
  return db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(name) !== undefined;
}

async function open(path: string): Promise<SqliteDatabase> {
  const { DatabaseSync } = await loadBinding();
  try {
    return new DatabaseSync(path);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): ErrandError {
  return new ErrandError('unavailable', `The data file ${path} cannot be read: ${errorMessage(cause)}.`, { cause });
}
