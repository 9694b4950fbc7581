import { open } from 'node:fs/promises';

/** By folder, the sync that has not begun yet: whoever asks before it does shares it. */
const next = new Map<string, Promise<void>>();
/** By folder, the sync that is under way. */
const underWay = new Map<string, Promise<void>>();

/**
 * Sees to it that the names in a folder are on disk, where the file system can do that. What is asked while a sync is
 * under way is done by one more, whoever asks.
 */
export function syncFolder(path: string): Promise<void> {
  const waiting = next.get(path);
  if (waiting !== undefined) return waiting;
  const asked = beginAfter(path, underWay.get(path));
  next.set(path, asked);
  return asked;
}

async function beginAfter(path: string, before: Promise<void> | undefined): Promise<void> {
  await before;
  next.delete(path);
  const syncing = syncNow(path);
  underWay.set(path, syncing);
  await syncing;
  if (underWay.get(path) === syncing) underWay.delete(path);
}

async function syncNow(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => null);
  try {
    await folder?.sync();
  } catch {
    // Some file systems cannot sync a folder; the files themselves are on disk.
  } finally {
    await folder?.close();
  }
}
