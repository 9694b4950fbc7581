import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Whether there is code in the folder or one in it: most likely there is something to bundle. */
export async function hasCode(dir: string): Promise<boolean> {
  const names = await listNames(dir);
  if (names.some(isCode)) return true;
  for (const name of names) if ((await listNames(join(dir, name))).some(isCode)) return true;
  return false;
}

function isCode(name: string): boolean {
  return /\.m?[jt]sx?$/.test(name);
}

/** None where there is no such folder; without what is hidden, and packages. */
async function listNames(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => !name.startsWith('.') && name !== 'node_modules');
}
