import { open } from 'node:fs/promises';

/** Sees to it that the names in a folder are on disk, where the file system can do that. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => null);
  try {
    await folder?.sync();
  } catch {
    // Some file systems cannot sync a folder; the files themselves are on disk.
  } finally {
    await folder?.close();
  }
}
