import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, open, readdir, readFile, rename } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { ErrandError } from '../../core/errors.js';
import { BUNDLE_FILE, shaOf } from '../../loader/bundles/bundle-file.js';
import { HandlerStore } from '../../loader/bundles/handler-store.js';
import { syncFolder } from '../../loader/bundles/sync-folder.js';
import {
  assertSound,
  backUpDataFile,
  claimDataFile,
  dataFilesAt,
  openBackup,
  removeDataFiles,
  type BackedUpFile,
} from '../../store/sqlite/file/data-file.js';
import { inspectDataFile, type Inspection } from '../../store/sqlite/inspect-data-file.js';

export const DATABASE = 'errand.db';
const HANDLERS = 'handlers';
/** In no backup: whoever has the one without the other can read no secret. */
export const SECRET_KEY_FILE = 'secret.key';
/** For its owner alone: there are inputs, outputs and prompts of every organization in it. */
const PRIVATE = 0o600;

/**
 * Writes one file that holds all of a data folder as it stands at one moment, but for its secret key. A server may be
 * at work on the folder.
 */
export async function backUp(params: {
  readonly data: string;
  readonly file: string;
}): Promise<{ /** Null when there is none. */ readonly secretKey: string | null }> {
  const [data, file] = [resolve(params.data), resolve(params.file)];
  const path = join(data, DATABASE);
  if (!existsSync(path)) throw new ErrandError('not_found', `There is no data in ${data}.`);
  if (existsSync(file)) throw new ErrandError('conflict', `${file} is there already; a backup replaces nothing.`);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const partial = `${file}.partial`;
  await removeDataFiles(partial);
  try {
    await backUpDataFile({ path, to: partial, files: () => readBundles(join(data, HANDLERS)) });
    await putInPlace(partial, file);
  } finally {
    await removeDataFiles(partial);
  }
  const secretKey = join(data, SECRET_KEY_FILE);
  return { secretKey: existsSync(secretKey) ? secretKey : null };
}

/** What a restore came to, besides data in its place. */
export interface Restored {
  /** Where the files of the database that was there are now; null when there was none. */
  readonly movedTo: string | null;
  /** Bundles that were left out, as they are not what they were when they were made. */
  readonly damagedBundles: readonly string[];
}

/**
 * Makes a data folder of a backup. A folder that holds any file of a database is refused, as SQLite would take what is
 * left of the one for a part of the other, unless `replace` is given: then they are moved aside, once the backup has
 * been found to be whole.
 */
export async function restore(params: {
  readonly file: string;
  readonly data: string;
  readonly replace?: boolean;
}): Promise<Restored> {
  const [data, file] = [resolve(params.data), resolve(params.file)];
  const path = join(data, DATABASE);
  if (!existsSync(file)) throw new ErrandError('not_found', `There is no file ${file}.`);
  await mkdir(data, { recursive: true, mode: 0o700 });
  const unlock = await claimDataFile(path);
  const partial = `${path}.partial`;
  try {
    if (params.replace !== true) assertNoData(path);
    await removeDataFiles(partial);
    await copyFile(file, partial);
    await chmod(partial, PRIVATE);
    const damagedBundles = await saveBundles(data, await openBackup(partial));
    const movedTo = await moveAside(path);
    await putInPlace(partial, path);
    await assertSound(path);
    return { movedTo, damagedBundles };
  } finally {
    await removeDataFiles(partial);
    unlock();
  }
}

function assertNoData(path: string): void {
  const there = dataFilesAt(path).map((file) => basename(file));
  if (there.length === 0) return;
  throw new ErrandError(
    'conflict',
    `${dirname(path)} holds data already: ${there.join(', ')}. Restore into another folder, move ${there.length === 1 ? 'this file' : 'these files, all of them,'} ` +
      'away, or have that done with --replace.',
  );
}

/**
 * The database's own file first: a log without its database is told of at the next start, a database without its log is
 * not.
 */
async function moveAside(path: string): Promise<string | null> {
  const there = dataFilesAt(path);
  if (there.length === 0) return null;
  const folder = await mkdtemp(`${dirname(path)}/replaced-${new Date().toISOString().slice(0, 10)}-`);
  for (const file of there) await rename(file, join(folder, basename(file)));
  return folder;
}

/** Gives the names of those that were not saved, as they are damaged. */
async function saveBundles(data: string, files: readonly BackedUpFile[]): Promise<readonly string[]> {
  const handlers = new HandlerStore({ dataDir: data });
  const damaged: string[] = [];
  for (const { name, content } of files) {
    // Names come out of a file that somebody gave us.
    const sha = BUNDLE_FILE.exec(name)?.[1];
    if (sha === undefined) continue;
    if (sha === shaOf(content)) await handlers.save({ sha, code: content });
    else damaged.push(name);
  }
  return damaged;
}

/** Looks a data folder over; a server may be at work on it. */
export async function examine(params: {
  readonly data: string;
  readonly sample: number | null;
}): Promise<readonly Inspection[]> {
  const data = resolve(params.data);
  const { inspections, handlers } = await inspectDataFile({ path: join(data, DATABASE), sample: params.sample });
  return [...inspections, await inspectBundles(join(data, HANDLERS), handlers.bundles)];
}

async function inspectBundles(folder: string, bundles: ReadonlySet<string>): Promise<Inspection> {
  const faults: string[] = [];
  for (const sha of bundles) {
    const code = await readFile(join(folder, `${sha}.mjs`)).catch(() => null);
    if (code === null) faults.push(`the bundle ${sha}.mjs is missing`);
    else if (shaOf(code) !== sha) faults.push(`the bundle ${sha}.mjs is not what it was`);
  }
  const looked = `${bundles.size} bundle${bundles.size === 1 ? '' : 's'} that are in use`;
  return { name: 'handlers', looked, faults };
}

async function* readBundles(folder: string): AsyncGenerator<BackedUpFile> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((each) => BUNDLE_FILE.test(each))) {
    const content = await readFile(join(folder, name), 'utf8').catch((error: NodeJS.ErrnoException) => {
      // Removed since by the server, as no run can need it.
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (content !== null) yield { name, content };
  }
}

/** On disk under its own name, whole, or not at all. */
async function putInPlace(from: string, to: string): Promise<void> {
  const file = await open(from, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(from, to);
  await syncFolder(dirname(to));
}
