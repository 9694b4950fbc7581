import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { isIgnored } from '../find-workflow-files.js';

/** Folders that exist, each with the names in it that count, or `all`. */
export type WatchedFolders = ReadonlyMap<string, Set<string> | 'all'>;

/**
 * What to watch so that nothing is missed that concerns a folder and some files, which may lie elsewhere and may be
 * missing.
 */
export async function findWatchedFolders(params: {
  readonly dir: string;
  /** Not looked into: it changes all the time. */
  readonly dataDir: string;
  readonly files: readonly string[];
}): Promise<WatchedFolders> {
  const root = resolve(params.dir);
  const folders = new Map<string, Set<string> | 'all'>();
  await collectFolders(root, resolve(params.dataDir), folders);
  // A folder that is deleted takes its watch with it: the one above tells when it comes back.
  for (const path of [root, ...params.files]) {
    if (path.split(sep).includes('node_modules')) continue;
    const { folder, name } = await nearestFolder(path);
    const names = folders.get(folder) ?? new Set();
    if (names !== 'all') folders.set(folder, names.add(name));
  }
  return folders;
}

async function collectFolders(folder: string, except: string, into: Map<string, Set<string> | 'all'>): Promise<void> {
  if (folder === except) return;
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => null);
  if (entries === null) return;
  into.set(folder, 'all');
  for (const entry of entries) {
    if (isIgnored(entry.name)) continue;
    const path = join(folder, entry.name);
    // Links are followed one level: the folders that they lead to may lead back here.
    if (entry.isDirectory()) await collectFolders(path, except, into);
    else if (entry.isSymbolicLink() && (await isFolder(path))) into.set(path, 'all');
  }
}

/** The nearest folder above a path that exists, and the name in it that leads towards the path. */
async function nearestFolder(path: string): Promise<{ readonly folder: string; readonly name: string }> {
  for (let current = path; ; current = dirname(current)) {
    const folder = dirname(current);
    if (folder === current || (await isFolder(folder))) return { folder, name: basename(current) };
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
