import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ErrandError } from '../../core/errors.js';

/** `errand-20261128T101500Z.backup`: the moment that it was begun, UTC. Other files in the folder are left alone. */
const NAME = /^errand-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\.backup$/;

export interface BackupFile {
  readonly file: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

export function backupName(at: number): string {
  return `errand-${new Date(at).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z.backup`;
}

/** The backups that the server has put there, oldest first; none where there is no such folder. */
export async function listBackups(folder: string): Promise<readonly BackupFile[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names
    .toSorted((one, other) => (one < other ? -1 : 1))
    .flatMap((name) => {
      const [, ...parts] = NAME.exec(name) ?? [];
      if (parts.length === 0) return [];
      const [year = 0, month = 1, day, hour, minute, second] = parts.map(Number);
      return [{ file: join(folder, name), at: Date.UTC(year, month - 1, day, hour, minute, second) }];
    });
}

/** Removes all but the newest `keep`. */
export async function pruneBackups(folder: string, keep: number): Promise<readonly string[]> {
  const files = (await listBackups(folder)).map(({ file }) => file);
  const old = files.slice(0, Math.max(0, files.length - keep));
  for (const file of old) await rm(file, { force: true });
  return old;
}

/**
 * The backup that is meant: the file itself, or of a folder the newest one that was begun by `at` (null: the newest).
 * Throws `not_found` when there is none.
 */
export async function findBackup(path: string, at: number | null): Promise<string> {
  const found = await stat(path).catch(() => null);
  if (found === null) throw new ErrandError('not_found', `There is no file ${path}.`);
  if (!found.isDirectory()) {
    if (at === null) return path;
    throw new ErrandError('invalid_input', '--at chooses among the backups of a folder: name the folder.');
  }
  const files = await listBackups(path);
  const chosen = files.findLast((each) => at === null || each.at <= at);
  if (chosen !== undefined) return chosen.file;
  const [first] = files;
  const hint =
    first === undefined
      ? 'it holds no backups of a server (errand-<time>.backup)'
      : `the oldest in it is of ${new Date(first.at).toISOString()}`;
  throw new ErrandError('not_found', `There is no backup in ${path} to go back to: ${hint}.`);
}
