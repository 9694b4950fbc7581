import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ErrandError } from '../../core/errors.js';
import { loadConfig } from '../config/config.js';
import type { RawSettings } from '../config/environment.js';
import { momentOfBackup } from './backup-names.js';
import { FolderPlace, S3BackupPlace, type BackupPlace } from './backup-place.js';
import { isS3Address, parseS3Address, readS3Place } from './s3/read-s3-place.js';

/** A backup that was found, as a file of this machine. */
export interface FoundBackup {
  /** As people name it. */
  readonly address: string;
  readonly file: string;
  /** Whether the file was fetched, and may go when it has been used. */
  readonly isFetched: boolean;
}

/**
 * The backup that is meant: the file or object itself, or of a folder or `s3://bucket/folder` the newest one that was
 * begun by `at` (null: the newest). From a bucket it is fetched into `scratch`. Throws `not_found` when there is none.
 */
export async function findBackup(params: {
  readonly path: string;
  readonly at: number | null;
  readonly env: RawSettings;
  /** A folder that is there; asked for when something is fetched. */
  readonly scratch: () => Promise<string>;
}): Promise<FoundBackup> {
  const { path, at } = params;
  if (isS3Address(path)) return fetchBackup(params);
  const found = await stat(path).catch(() => null);
  if (found === null) throw new ErrandError('not_found', `There is no file ${path}.`);
  if (!found.isDirectory()) {
    if (at !== null)
      throw new ErrandError('invalid_input', '--at chooses among the backups of a folder: name the folder.');
    return { address: path, file: path, isFetched: false };
  }
  const file = join(path, await chooseBackup(new FolderPlace(path), at));
  return { address: file, file, isFetched: false };
}

async function fetchBackup({ path, at, env, scratch }: Parameters<typeof findBackup>[0]): Promise<FoundBackup> {
  const config = loadConfig({ env });
  const name = (parseS3Address(path)?.path ?? '').split('/').at(-1) ?? '';
  const isNamed = name.endsWith('.backup');
  if (isNamed && at !== null) {
    throw new ErrandError('invalid_input', '--at chooses among the backups of a folder: name the folder.');
  }
  const place = new S3BackupPlace(
    readS3Place(isNamed ? path.slice(0, -name.length) : path, config),
    config.environment,
  );
  const chosen = isNamed ? name : await chooseBackup(place, at);
  const file = join(await scratch(), chosen);
  await place.bucket.get(chosen, file);
  return { address: `${place.address}${chosen}`, file, isFetched: true };
}

async function chooseBackup(place: BackupPlace, at: number | null): Promise<string> {
  const all = await place.list();
  const chosen = all.findLast((each) => at === null || each.at <= at);
  if (chosen !== undefined) return chosen.name;
  const [first] = all;
  const hint =
    first === undefined
      ? 'it holds no backups of a server (errand-<time>.backup)'
      : `the oldest in it is of ${new Date(momentOfBackup(first.name) ?? 0).toISOString()}`;
  throw new ErrandError('not_found', `There is no backup in ${place.address} to go back to: ${hint}.`);
}
