import { stat } from 'node:fs/promises';

interface Stamp {
  /** What tells one state of a file or folder from another, links followed. */
  readonly state: string;
  /** Epoch milliseconds; 0 for what is not there. */
  readonly changedAt: number;
}

/** By path. */
export type Stamps = ReadonlyMap<string, Stamp>;

const MISSING: Stamp = { state: 'missing', changedAt: 0 };

export async function takeStamps(paths: Iterable<string>): Promise<Stamps> {
  const wanted = [...new Set(paths)];
  return new Map(await Promise.all(wanted.map(async (path) => [path, await stampOf(path)] as const)));
}

/**
 * Whether anything has changed, appeared or gone since `before`. What was not looked at then has, if it changed at
 * `since` or later.
 */
export function hasChanged(before: Stamps, now: Stamps, since = 0): boolean {
  for (const [path, { state, changedAt }] of now) {
    const known = before.get(path);
    if (known === undefined ? changedAt >= since : known.state !== state) return true;
  }
  return false;
}

async function stampOf(path: string): Promise<Stamp> {
  const found = await stat(path).catch(() => null);
  if (found === null) return MISSING;
  const { dev, ino, size, mtimeMs, ctimeMs } = found;
  // A folder's other times change with its mode and the like, and a file keeps its mtime where it is copied with it.
  const state = found.isDirectory() ? `${dev} ${ino} ${mtimeMs}` : `${dev} ${ino} ${mtimeMs} ${ctimeMs} ${size}`;
  return { state, changedAt: Math.max(mtimeMs, ctimeMs) };
}
