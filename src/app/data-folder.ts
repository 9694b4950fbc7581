import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { ErrandError } from '../core/errors.js';
import { BUNDLE_FILE } from '../loader/bundle-file.js';
import { backUpDataFile, claimDataFile, openBackup, type BackedUpFile } from '../store/sqlite/data-file.js';
import { inspectDataFile, type Inspection } from '../store/sqlite/inspect-data-file.js';

const DATABASE = 'errand.db';
const HANDLERS = 'handlers';
/** In no backup: whoever has the one without the other can read no secret. */
export const SECRET_KEY_FILE = 'secret.key';

/** Writes one file that holds all of a data folder as it stands at one moment, but for its secret key. A server may be at work on the folder. */
export async function backUp(params: {
  readonly data: string;
  readonly file: string;
}): Promise<{ /** Null when there is none. */ readonly secretKey: string | null }> {
  const [data, file] = [resolve(params.data), resolve(params.file)];
  const path = join(data, DATABASE);
  if (!existsSync(path)) throw new ErrandError('not_found', `There is no data in ${data}.`);
  if (existsSync(file)) throw new ErrandError('conflict', `${file} is there already; a backup replaces nothing.`);
  await mkdir(dirname(file), { recursive: true });
  const partial = `${file}.partial`;
  await rm(partial, { force: true });
  try {
    await backUpDataFile({ path, to: partial, files: () => readBundles(join(data, HANDLERS)) });
    await putInPlace(partial, file);
  } finally {
    await rm(partial, { force: true });
  }
  const secretKey = join(data, SECRET_KEY_FILE);
  return { secretKey: existsSync(secretKey) ? secretKey : null };
}

/** Makes a data folder of a backup. Refuses a folder that has data. */
export async function restore(params: { readonly file: string; readonly data: string }): Promise<void> {
  const [data, file] = [resolve(params.data), resolve(params.file)];
  const path = join(data, DATABASE);
  if (!existsSync(file)) throw new ErrandError('not_found', `There is no file ${file}.`);
  await mkdir(join(data, HANDLERS), { recursive: true, mode: 0o700 });
  const unlock = await claimDataFile(path);
  const partial = `${path}.partial`;
  try {
    if (existsSync(path)) {
      throw new ErrandError(
        'conflict',
        `${data} holds data already. Restore into another folder, or move that one away.`,
      );
    }
    await copyFile(file, partial);
    for (const { name, content } of await openBackup(partial)) {
      // Names come out of a file that somebody gave us.
      if (BUNDLE_FILE.test(name)) await writeFile(join(data, HANDLERS, name), content, { flush: true });
    }
    await putInPlace(partial, path);
  } finally {
    await rm(partial, { force: true });
    unlock();
  }
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
    else if (createHash('sha256').update(code).digest('hex') !== sha)
      faults.push(`the bundle ${sha}.mjs is not what it was`);
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
  const folder = await open(dirname(to), 'r');
  try {
    await folder.sync();
  } catch {
    // Some file systems cannot sync a folder; the file itself is on disk.
  } finally {
    await folder.close();
  }
}
