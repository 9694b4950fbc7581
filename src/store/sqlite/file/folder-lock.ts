import { ErrandError } from '../../../core/errors.js';
import type { SqliteBinding, SqliteDatabase } from '../connection/binding.js';
import { createPrivately } from './private-file.js';

const BUSY = 5;

/**
 * Keeps a second process off a data file, by holding a lock on `<path>.lock`. It is a lock of the operating system's,
 * taken through SQLite, so it is free again however the process ends. Returns what releases it.
 */
export function lockDataFile(params: { readonly binding: SqliteBinding; readonly path: string }): () => void {
  const lockPath = `${params.path}.lock`;
  let database: SqliteDatabase | null = null;
  createPrivately(lockPath);
  try {
    database = new params.binding.DatabaseSync(lockPath);
    database.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    database?.close();
    throw new ErrandError('unavailable', describeFault(cause, params.path, lockPath), { cause });
  }
  const held = database;
  return () => held.close();
}

function describeFault(cause: unknown, path: string, lockPath: string): string {
  const busy =
    cause instanceof Error &&
    'errcode' in cause &&
    typeof cause.errcode === 'number' &&
    (cause.errcode & 0xff) === BUSY;
  if (busy) {
    return (
      `The data folder is in use: another Errand process has ${path} open. ` +
      'Stop that process, or give this one a data folder of its own.'
    );
  }
  return `Cannot lock ${lockPath}: ${cause instanceof Error ? cause.message : 'unknown error'}. May this user write there?`;
}
